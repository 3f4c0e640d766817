import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What `twinhub server start|stop|status` do to the hub's own server.
package struct ServerControl: Sendable {
    let home: HubHome

    package init(_ home: HubHome) { self.home = home }

    /// Starts the server and keeps it up until `stop`, whoever uses it.
    package func pin(report: (String) -> Void = { _ in }) throws(OperationsError) {
        let decision = try FileLock.take(.exclusive, home.decisionLock)
        defer { withExtendedLifetime(decision) {} }
        try home.server.start(report: report)
        try writePrivateText("", to: home.pin)
    }

    /// Stops the server. A pinned one is not pinned any more.
    ///
    /// - Parameter force: also while other twinhub processes use it; their transactions are rolled back.
    /// - Returns: false where it was not running.
    @discardableResult
    package func stop(force: Bool) throws(OperationsError) -> Bool {
        let decision = try FileLock.take(.exclusive, home.decisionLock)
        defer { withExtendedLifetime(decision) {} }
        var users: FileLock?
        defer { withExtendedLifetime(users) {} }
        // The watcher looks in for an instant now and then: that is no user.
        for _ in 0..<20 where users == nil && !force {
            users = try FileLock.takeIfFree(.exclusive, home.usersLock)
            if users == nil { usleep(10_000) }
        }
        if users == nil, !force {
            throw OperationsError(
                .transient, "Other twinhub commands are using the server.",
                advice: "Let them end first, or stop it all the same with --force.")
        }
        unlink(home.pin)
        let wasRunning = home.server.state != .stopped
        try home.server.stop()
        return wasRunning
    }

    /// What `twinhub server status` shows.
    package struct Status: Sendable, Codable, Hashable {
        /// stopped, starting, running, stopping, or `not created yet`
        package let state: String
        package let pid: Int32?
        /// Stays up until `server stop`.
        package let pinned: Bool
        /// Other processes use it right now.
        package let inUse: Bool
        package let postgresql: Int?
        package let postgis: Bool?
        package let dataFolder: String
        package let logFile: String
        package let connection: String
    }

    package func status() throws(OperationsError) -> Status {
        let server = home.server
        let (word, pid): (String, Int32?) =
            switch server.state {
            case .stopped: (server.exists ? "stopped" : "not created yet", nil)
            case .starting(let pid): ("starting", pid)
            case .running(let pid): ("running", pid)
            case .stopping(let pid): ("stopping", pid)
            }
        let installation = try? server.installation()
        return Status(
            state: word, pid: pid, pinned: access(home.pin, F_OK) == 0,
            inUse: try !FileLock.isFree(home.usersLock), postgresql: installation?.majorVersion,
            postgis: installation?.hasPostGIS, dataFolder: server.data, logFile: server.log, connection: server.conninfo())
    }
}
