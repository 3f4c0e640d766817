import EventLog
import Foundation
import PostgresClient
import PrivateServer

/// A migrated hub in a database of its own.
struct HubFixture {
    let conninfo: String
    let owner: Connection

    init() throws {
        conninfo = try PrivateServer.shared().freshDatabase()
        owner = try Connection(conninfo)
        try Migrations.apply(on: owner)
    }

    /// Registers a source and logs in as its role.
    func source(_ name: String) throws -> (source: Sources.Registered, connection: Connection) {
        let source = try Sources.register(
            .init(name: name, uri: "urn:test:\(name)", department: "test"), on: owner)
        return (source, try Connection("\(conninfo) user='\(source.role)'"))
    }

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
