import EventLog
import Foundation
import PostgresClient
import PrivateServer
@testable import AdapterKit

/// A hub of its own for a test: a database on the private server, keys in a folder of their own.
final class TestHub {
    let database: String
    let admin: Connection
    let keys: Keys
    private let folder: SourceFolder

    init() throws {
        database = try PrivateServer.shared().freshDatabase()
        admin = try Connection(database)
        folder = try SourceFolder()
        keys = try Keys(folder: folder.path + "/keys")
    }

    var keyFolder: String { folder.path + "/keys" }

    /// A connection under the adapter's own role.
    func connection(for manifest: Manifest) throws -> Connection {
        let source = try Sources.register(manifest.sourceDescription, on: admin)
        return try Connection(try PrivateServer.shared().conninfo(of: database, user: source.role))
    }

    @discardableResult
    func run(_ folder: SourceFolder, _ change: (inout RunOptions) -> Void = { _ in }) throws -> RunReport {
        let manifest = try folder.manifest()
        var options = RunOptions()
        change(&options)
        return try AdapterRun(manifest, connection: connection(for: manifest), keys: keys, options: options).run()
    }

    /// `type subject` of all facts, in order.
    func facts(_ what: String = "t.name || ' ' || e.subject") throws -> [String] {
        try column("SELECT \(what) FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id ORDER BY e.position")
    }

    func column(_ sql: String) throws -> [String] {
        let rows = try admin.execute(sql)
        return (0..<rows.count).map { rows.text($0, 0) ?? "null" }
    }

    /// `stream input line rule` of all quarantined rows, in order.
    func quarantine() throws -> [String] {
        try column("SELECT stream || ' ' || input || ' ' || line || ' ' || rule FROM hub.quarantine ORDER BY id")
    }
}

extension RunReport {
    /// read, added, changed, unchanged, removed, refused, held back.
    var counts: [Int] {
        let c = counters
        return [c.read, c.added, c.changed, c.unchanged, c.removed, c.refused, c.heldBack]
    }
}
