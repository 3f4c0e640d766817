import EventLog
import Foundation
import PostgresClient
import PrivateServer

/// A migrated hub in a database of its own.
struct HubFixture {
    let conninfo: String
    let owner: Connection

    /// - Parameter leafSize: positions in a partition; nil for that of production.
    init(leafSize: Int64? = nil) throws {
        conninfo = try PrivateServer.shared().freshDatabase(migrated: false)
        owner = try Connection(conninfo)
        try Migrations.apply(on: owner, leafSize: leafSize)
    }

    /// Registers a source and logs in as its role.
    func source(_ name: String, decides: Bool = false) throws -> (source: Sources.Registered, connection: Connection) {
        let source = try Sources.register(
            .init(name: name, uri: "urn:test:\(name)", department: "test"), on: owner, decides: decides)
        return (source, try connection(as: source.role))
    }

    /// Registers a source and takes its lease.
    func writer(_ name: String) throws -> BatchWriter {
        let writer = try BatchWriter(source(name).connection)
        try writer.acquireLease(holder: "test")
        return writer
    }

    /// A connection of its own, logged in as that role.
    func connection(as role: String) throws -> Connection { try Connection("\(conninfo) user='\(role)'") }

    func count(_ sql: String) throws -> Int {
        Int(try owner.query(sql).int(0, 0) ?? -1)
    }
}

func event(_ subject: String, payload: String = "{}", at: Timestamp? = nil) -> NewEvent {
    NewEvent(type: "building.described", subject: subject, occurredAt: at, payload: Array(payload.utf8))
}

func batch(_ events: [NewEvent]) -> Batch {
    var batch = Batch(adapterVersion: "1.0.0", input: "test")
    batch.events = events
    return batch
}
