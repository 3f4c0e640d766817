import EventLog
import Foundation
import Operations
import PostgresClient
import Subprocess
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("Order: behind a pooler, after a crash, on a copy")
struct OrderTests {
    /// A migrated hub on that server, with one source's facts `<name>/1` … `<name>/10`.
    private func prepare(_ server: EmbeddedServer) throws -> (owner: Connection, role: String) {
        let owner = try Connection(server.conninfo())
        try Migrations.apply(on: owner)
        let role = try Sources.register(.init(name: "a", uri: "urn:a", department: "test"), on: owner).role
        try append(server, role, "first", 10)
        return (owner, role)
    }

    @discardableResult
    private func append(_ server: EmbeddedServer, _ role: String, _ name: String, _ count: Int, database: String = EmbeddedServer.database) throws -> CommittedBatch {
        let writer = try BatchWriter(Connection(server.conninfo(user: role, database: database)))
        try writer.acquireLease(holder: "test")
        defer { try? writer.releaseLease() }
        return try writer.commit(batch((1...count).map { event("\(name)/\($0)") }))
    }

    private func epoch(_ connection: Connection) throws -> String { try connection.query("SELECT epoch FROM hub.log").text(0, 0) ?? "" }

    private func subjects(_ connection: Connection, after position: Int64) throws -> [String] {
        var seen: [String] = []
        try SettledReader(connection).read(after: position) { seen.append(String(decoding: $0.subject, as: UTF8.self)) }
        return seen
    }

    @Test("After a crash nothing at or below a horizon that anyone was told is drawn again: six times, with rolled-back and open writers")
    func crash() throws {
        let machine = try DurableServer()
        let (_, role) = try prepare(machine.server)
        let conninfo = machine.server.conninfo(user: role)
        var read: [String] = []
        var last: Int64 = 0
        for round in 0..<6 {
            do {
                let owner = try Connection(machine.server.conninfo())
                let (quick, slow) = (try Connection(conninfo), try Connection(conninfo))
                // Draws positions beyond what the sequence has written ahead, and gives them up.
                let rows = "INSERT INTO hub.event (type_id, subject, batch_id, payload) SELECT 1, 'never/1', 1, '{}' FROM generate_series(1, 100)"
                try quick.execute("BEGIN; \(rows); ROLLBACK")
                if round % 2 == 1 { try slow.execute("BEGIN; \(rows)") }
                last = try SettledReader(owner).read(after: last) { read.append(String(decoding: $0.subject, as: UTF8.self)) }.position
                try machine.crash()
            }
            // Right after the start, the very first statements.
            let owner = try Connection(machine.server.conninfo())
            let told = try SettledReader(owner).horizon()
            #expect(told >= last)
            let committed = try append(machine.server, role, "round\(round)", 3)
            #expect((committed.firstPosition ?? 0) > last)
        }
        let owner = try Connection(machine.server.conninfo())
        read += try subjects(owner, after: last)
        #expect(read.count == 28 && Set(read).count == 28)
        #expect(try ChainVerifier(owner).verify().findings == [])
    }

    @Test("A standby knows no horizon; promoted, it gives the log a new epoch before the first append")
    func promotion() throws {
        let machine = try DurableServer()
        let (owner, role) = try prepare(machine.server)
        let standby = try machine.copy(asStandby: true)
        try append(machine.server, role, "streamed", 5)
        let reader = try Connection(standby.conninfo())
        #expect(eventually { (try? reader.query("SELECT count(*) FROM hub.event").int(0, 0)) == 15 })
        let refused = #expect(throws: PostgresError.self) { try SettledReader(reader).horizon() }
        #expect(refused?.message.contains("primary server only") == true)
        #expect(throws: (any Error).self) { try append(standby, role, "early", 1) }

        let before = try epoch(owner)
        try machine.server.stop()
        #expect(try reader.query("SELECT pg_promote()").bool(0, 0))
        let last = try SettledReader(reader).horizon()
        #expect(try append(standby, role, "after", 5).firstPosition ?? 0 > last)
        #expect(try epoch(reader) != before)
        let renewed = try epoch(reader)
        #expect(try subjects(reader, after: last).count == 5)
        #expect(try ChainVerifier(reader).verify().findings == [])
        // Once, not at every lease.
        try append(standby, role, "later", 1)
        #expect(try epoch(reader) == renewed)
    }

    @Test("A copy of the files, started as if nothing had happened, draws positions again: under the epoch that its restore renews")
    func copiedFiles() throws {
        let machine = try DurableServer()
        let (owner, role) = try prepare(machine.server)
        let copy = try machine.copy(asStandby: false)
        let restored = try Connection(copy.conninfo())
        #expect(try restored.query("SELECT hub.renew_epoch()").text(0, 0) == epoch(restored))
        let original = try append(machine.server, role, "original", 40)
        let again = try append(copy, role, "again", 40)
        // The danger is real: one position, two facts.
        #expect((original.firstPosition ?? 0)...(original.lastPosition ?? 0) ~= again.lastPosition ?? 0)
        #expect(try epoch(owner) != epoch(restored))
        #expect(try ChainVerifier(restored).verify().findings == [])
    }

    @Test("A dump that is restored under another name gets roles, an epoch and a horizon of its own, and the chain still fits")
    func dump() throws {
        let machine = try DurableServer()
        let (owner, _) = try prepare(machine.server)
        let installation = try machine.server.installation()
        let file = machine.server.folder + "/hub.dump"
        let connect = ["-h", machine.server.sockets, "-U", EmbeddedServer.superuser]
        let dumped = try ChildProcess.run(installation.path("pg_dump"), connect + ["-Fc", "-f", file, EmbeddedServer.database])
        #expect(dumped.status == 0, "\(dumped.output)")
        try owner.execute("CREATE DATABASE restored")
        let loaded = try ChildProcess.run(installation.path("pg_restore"), connect + ["-d", "restored", file])
        #expect(loaded.status == 0, "\(loaded.output)")
        let restored = try Connection(machine.server.conninfo(database: "restored"))
        #expect(try Migrations.apply(on: restored) == ["functions and privileges"])
        #expect(try epoch(restored) != epoch(owner))
        #expect(try SettledReader(restored).horizon() == 10)
        try append(machine.server, "restored_adapter_1", "new", 2, database: "restored")
        #expect(try subjects(restored, after: 0).count == 12)
        #expect(try ChainVerifier(restored).verify().findings == [])
        let refused = #expect(throws: PostgresError.self) { try restored.execute("DELETE FROM hub.event_0") }
        #expect(refused?.sqlState == "TH002")
        let adapter = try Connection(machine.server.conninfo(user: "restored_adapter_1", database: "restored"))
        let locked = #expect(throws: PostgresError.self) { try adapter.query("SELECT pg_advisory_lock(1)") }
        #expect(locked?.sqlState == "42501")
    }
}
