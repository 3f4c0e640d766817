import EventLog
import PostgresClient
import PrivateServer

@testable import DigitalTwin
@testable import Projections

/// A hub of its own for one test: facts are appended through the log, as adapters do.
final class TestHub {
    let conninfo: String
    let connection: Connection
    private var writers: [String: BatchWriter] = [:]

    init() throws {
        conninfo = try PrivateServer.shared().freshDatabase()
        connection = try Connection(conninfo)
    }

    /// Appends facts in one batch of a source, which is registered where it is new.
    func append(_ source: String, department: String = "test", _ events: [NewEvent]) throws {
        var batch = Batch(adapterVersion: "1", input: "test")
        batch.events = events
        _ = try writer(source, department).commit(batch)
    }

    private func writer(_ source: String, _ department: String) throws -> BatchWriter {
        if let writer = writers[source] { return writer }
        let registered = try Sources.register(
            .init(name: source, uri: "urn:test:\(source)", department: department), on: connection, decides: department == Sources.hubsOwn)
        let writer = try BatchWriter(login(registered.role))
        try writer.acquireLease(holder: "test", seconds: 600)
        writers[source] = writer
        return writer
    }

    /// The number of a source, which is made where it is new: for logs that are lists.
    func source(_ name: String, of department: String) throws -> Int32 {
        Int32(try connection.query(
            """
            INSERT INTO hub.source (name, uri, department) VALUES ($1, 'urn:test', $2)
            ON CONFLICT (name) DO UPDATE SET uri = excluded.uri RETURNING id
            """, [.text(name), .text(department)]).int(0, 0) ?? 0)
    }

    /// A connection of its own, logged in as that role.
    func login(_ role: String) throws -> Connection {
        try Connection(PrivateServer.shared().conninfo(of: conninfo, user: role))
    }

    /// A projector on a connection of its own.
    func projector(
        options: Projector.Options = .init(), progress: @escaping (Projector.Progress) throws -> Void = { _ in }
    ) throws -> Projector {
        try Projector(Connection(conninfo), options: options, progress: progress) { TwinProjection() }
    }

    /// The rows of a statement, columns joined by `|`, null as `∅`.
    func rows(_ sql: String) throws -> [String] {
        let rows = try connection.query(sql)
        return (0..<rows.count).map { row in
            (0..<rows.columnCount).map { rows.text(row, $0) ?? "∅" }.joined(separator: "|")
        }
    }
}

extension NewEvent {
    init(_ type: String, _ subject: String, at: String? = nil, _ payload: String = "{}") {
        self.init(type: type, subject: subject, occurredAt: at.flatMap { Timestamp(iso8601: $0) }, payload: Array(payload.utf8))
    }
}
