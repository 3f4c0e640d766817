import EventLog
import Foundation
import Operations
import PostgresClient
import PrivateServer
import Subprocess
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// pgbouncer in transaction mode before the tests' server; gone with this object.
private final class Pooler {
    let folder: String
    private let process: ChildProcess

    /// - Parameter roles: who may log in; the pooler logs in as them.
    init(program: String, database: String, roles: [String]) throws {
        let server = try ConnectionString(parsing: database).settings
        let account = try ServerAccount.needed()
        folder = "/tmp/twinhub-pooler-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let users = roles.map { "\"\($0)\" \"\"\n" }.joined()
        try users.write(toFile: folder + "/users", atomically: true, encoding: .utf8)
        // `options` sets the session's time zone and the like; on a server elsewhere they belong to the database.
        try """
            [databases]
            * = host=\(server["host"] ?? "") port=\(server["port"] ?? "")
            [pgbouncer]
            listen_addr =
            listen_port = 6432
            unix_socket_dir = \(folder)
            auth_type = trust
            auth_file = \(folder)/users
            pool_mode = transaction
            default_pool_size = 2
            max_client_conn = 100
            ignore_startup_parameters = options
            logfile = \(folder)/log
            """.write(toFile: folder + "/ini", atomically: true, encoding: .utf8)
        var words = ["-q", folder + "/ini"]
        if let account {
            _ = try ChildProcess.run("chown", ["-R", "\(account.userID)", folder])
            words = ["-u", account.name] + words
        }
        process = try ChildProcess.start(program, words, output: .none, errors: .none)
    }

    deinit {
        process.send(signal: SIGTERM)
        process.wait()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func conninfo(_ database: String, user: String) throws -> String {
        var string = try ConnectionString(parsing: database)
        string.settings["host"] = folder
        string.settings["port"] = "6432"
        string.settings["user"] = user
        return string.text
    }
}

@Suite("Behind a pooler")
struct PoolerTests {
    private static let program = findProgram("pgbouncer")

    @Test("In transaction mode, 9 writers on 6 sessions: no fact is skipped; batches and leases work",
        .enabled(if: program != nil, "pgbouncer is not installed (Debian: apt install pgbouncer)."))
    func transactionMode() throws {
        let hub = try HubFixture()
        let roles = try (0..<3).map { try hub.source("writer-\($0)").source.role }
        let owner = EmbeddedServer.superuser
        let pooler = try Pooler(program: Self.program ?? "", database: hub.conninfo, roles: roles + [owner])
        let conninfos = try roles.map { try pooler.conninfo(hub.conninfo, user: $0) }
        let reader = try pooler.conninfo(hub.conninfo, user: owner)
        #expect(eventually { (try? Connection(reader)) != nil })

        let progress = Locked(WriterProgress(running: 9))
        let seen = InParallel.run(10) { index -> [String] in
            do {
                if index == 9 { return try SettledHorizonTests.follow(reader, progress, settled: true) }
                defer { progress.update { $0.running -= 1 } }
                try SettledHorizonTests.write(Connection(conninfos[index % 3]), writer: index, progress)
                return []
            } catch {
                return ["failed: \(error)"]
            }
        }
        #expect(seen[..<9].flatMap { $0 } == [])
        let committed = progress.value.committed
        #expect(committed.count > 2_000)
        #expect(seen[9].count == committed.count && Set(seen[9]) == committed)

        // The writers above named batch 1 without having begun it.
        try hub.owner.execute("SELECT setval('hub.batch_id', 1000)")
        // Batches: lease, COPY, positions and digest through the pooler.
        let writers = try conninfos.map { conninfo in
            let writer = try BatchWriter(Connection(conninfo))
            try writer.acquireLease(holder: "test")
            return writer
        }
        for round in 0..<9 { _ = try writers[round % 3].commit(batch((0..<20).map { event("building/\(round)-\($0)") })) }
        #expect(try ChainVerifier(Connection(reader)).verify(from: Int64(committed.count)).findings.filter { $0.rule != .orphans } == [])
        let held = #expect(throws: LogError.self) { try BatchWriter(Connection(conninfos[0])).acquireLease(holder: "second") }
        #expect(held?.code == .leaseHeld)
    }
}
