import EventLog
import Foundation
import PostgresClient
import PrivateServer

@testable import AdapterKit

/// A hub of its own with what one adapter has told.
struct PulledSource {
    /// The owner's connection string.
    let database: String
    let admin: Connection

    /// - Parameter manifest: JSON5; files are named by their whole paths.
    init(_ manifest: String) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/twinhub-pulled-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try manifest.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        let server = try PrivateServer.shared()
        database = try server.freshDatabase()
        admin = try Connection(database)
        let read = try Manifest.read(folder: folder)
        let source = try Sources.register(read.sourceDescription, on: admin)
        let adapter = try Connection(try server.conninfo(of: database, user: source.role))
        _ = try AdapterRun(read, connection: adapter, keys: Keys(folder: folder + "/keys"), options: RunOptions()).run()
    }
}
