import EventLog
import Foundation
import Operations
import PostgresClient

/// One private, throw-away PostgreSQL for all tests of a process, and a database of its own for each test.
///
/// Started by the first test that asks; gone when the process is, also when it is killed. Nothing survives a crash of
/// the machine (`fsync` is off): a test that is about durability starts its own `EmbeddedServer`.
package final class PrivateServer: Sendable {
    private static let running = Result { try PrivateServer() }

    /// Hands out numbers, and lets one test at a time create its database.
    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var value = 0

        func next<T>(_ body: (Int) throws -> T) rethrows -> T {
            lock.lock()
            defer { lock.unlock() }
            value += 1
            return try body(value)
        }
    }

    private static let template = "twinhub_template"
    private let scratch: ScratchServer
    private let databases = Counter()

    package var server: EmbeddedServer { scratch.server }

    /// The server, started by the first call. Throws the same error at every call where it cannot be.
    package static func shared() throws -> PrivateServer { try running.get() }

    private init() throws {
        scratch = try ScratchServer()
        // PostGIS takes a second to create and a moment to copy.
        try Connection(scratch.server.conninfo()).execute("CREATE DATABASE \(Self.template)")
        try Connection(conninfo(Self.template)).execute("CREATE EXTENSION postgis")
    }

    /// Makes a database that no other test knows, with PostGIS in it.
    ///
    /// - Parameter migrated: with the log's schema; false leaves it empty but for PostGIS.
    /// - Returns: the connection string of its owner, a superuser.
    package func freshDatabase(migrated: Bool = true) throws -> String {
        let name = try databases.next { number in
            let name = "test_\(number)"
            try Connection(server.conninfo()).execute("CREATE DATABASE \(name) TEMPLATE \(Self.template)")
            return name
        }
        if migrated { try Migrations.apply(on: Connection(conninfo(name))) }
        return conninfo(name)
    }

    /// The connection string of another role, for a database that `freshDatabase` made.
    package func conninfo(of database: String, user: String) throws -> String {
        var string = try ConnectionString(parsing: database)
        string.settings["user"] = user
        return string.text
    }

    private func conninfo(_ database: String) -> String { server.conninfo(database: database) }
}
