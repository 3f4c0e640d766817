import EventLog
import EventStreams
import PostgresClient
import PrivateServer

/// A migrated hub in a database of its own, with sources that append and roles that read.
final class StreamHub {
    let conninfo: String
    let owner: Connection
    private var writers: [String: BatchWriter] = [:]

    init() throws {
        conninfo = try PrivateServer.shared().freshDatabase()
        owner = try Connection(conninfo)
    }

    func append(_ source: String, department: String = "test", _ subjects: [String], type: String = "building.described", payload: String = "{}") throws {
        var batch = Batch(adapterVersion: "1", input: "test")
        batch.events = subjects.map { NewEvent(type: type, subject: $0, occurredAt: nil, payload: Array(payload.utf8)) }
        _ = try writer(source, department).commit(batch)
    }

    func role(of source: String, department: String = "test") throws -> String {
        try Sources.register(.init(name: source, uri: "urn:test:\(source)", department: department), on: owner).role
    }

    private func writer(_ source: String, _ department: String) throws -> BatchWriter {
        if let writer = writers[source] { return writer }
        let writer = try BatchWriter(connect(as: role(of: source, department: department)))
        try writer.acquireLease(holder: "test", seconds: 600)
        writers[source] = writer
        return writer
    }

    func connect(as role: String) throws -> Connection {
        try Connection(PrivateServer.shared().conninfo(of: conninfo, user: role))
    }

    /// A service's login.
    func service(_ name: String) throws -> Connection { try connect(as: Roles.makeLogin(name, .consumer, on: owner)) }

    func consumer(_ name: String = "map", member: String = "main", lease_s: Int = 30, on connection: Connection? = nil) throws -> Consumer {
        try Consumer(name, member: member, lease_s: lease_s, on: connection ?? Connection(conninfo))
    }

    /// As if a member had not been heard of for longer than its lease.
    func expire(_ member: String, of consumer: String = "map") throws {
        try owner.query(
            "UPDATE hub.consumer_member SET lease_until = clock_timestamp() - interval '1 s' WHERE consumer = $1 AND member = $2",
            [.text(consumer), .text(member)])
    }
}

extension Consumer {
    /// The subjects of the next facts, and the last position.
    func subjects(limit: Int = 1000) throws -> (subjects: [String], last: Int64?) {
        var subjects: [String] = []
        let last = try poll(limit: limit) { subjects.append(String(decoding: $0.subject, as: UTF8.self)) }
        return (subjects, last)
    }

    /// Polls and acknowledges.
    @discardableResult
    func take(limit: Int = 1000) throws -> [String] {
        let (subjects, last) = try subjects(limit: limit)
        if let last { try acknowledge(last) }
        return subjects
    }
}
