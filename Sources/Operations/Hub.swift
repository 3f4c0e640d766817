import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The hub's database, ready for connections for as long as this object lives.
///
/// With TWINHUB_DATABASE set it is that one. Otherwise it is the hub's own server, which the first `open` creates and
/// starts. Each object holds a shared lock; a detached watcher stops the server a minute after the last one is gone.
package final class Hub: Sendable {
    package let home: HubHome
    /// The owner's connection string, of a role that may create schemas, roles and extensions.
    package let conninfo: String
    /// Whether the server is the hub's own.
    package let isEmbedded: Bool
    private let lock: FileLock?

    private init(home: HubHome, conninfo: String, lock: FileLock?) {
        self.home = home
        self.conninfo = conninfo
        self.lock = lock
        isEmbedded = lock != nil
    }

    /// - Parameters:
    ///   - watcher: the twinhub program, which is started as `server watch`; nil for a server that nobody stops.
    ///   - report: told once before each step that takes seconds.
    package static func open(
        _ home: HubHome, environment: [String: String] = ProcessInfo.processInfo.environment,
        watcher: String? = ServerWatch.program, report: (String) -> Void = { _ in }
    ) throws(OperationsError) -> Hub {
        if let elsewhere = environment["TWINHUB_DATABASE"], !elsewhere.isEmpty {
            return Hub(home: home, conninfo: try ConnectionString(parsing: elsewhere).text, lock: nil)
        }
        // First a user, then a decision: a watcher that has not decided yet will see us.
        let lock = try FileLock.take(.shared, home.usersLock)
        lock.touch()
        let decision = try FileLock.take(.exclusive, home.decisionLock)
        defer { withExtendedLifetime(decision) {} }
        let server = home.server
        try server.start(report: report)
        if let watcher, access(home.pin, F_OK) != 0 { try ServerWatch.launch(program: watcher, home: home, environment: environment) }
        return Hub(home: home, conninfo: server.conninfo(), lock: lock)
    }

    /// The connection string of another role of the same database. On a server elsewhere it holds the role's password:
    /// never print it.
    package func conninfo(user: String) throws(OperationsError) -> String {
        if isEmbedded { return home.server.conninfo(user: user) }
        var string = try ConnectionString(parsing: conninfo)
        string.settings["user"] = user
        string.settings["password"] = try home.password(ofRole: user)
        return string.text
    }

    /// Lets the lock live on in the program that takes this process's place by `exec`, as `twinhub psql` does.
    package func keepAcrossExec() { lock?.keepAcrossExec() }
}
