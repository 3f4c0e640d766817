import EventLog
import Foundation
import Operations
import PostgresClient
import PrivateServer
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A server of its own that keeps what it has committed, and copies of it; all gone with this object.
final class DurableServer {
    let server: EmbeddedServer
    private(set) var copies: [EmbeddedServer] = []

    init() throws {
        server = try EmbeddedServer.scratch(directory: Self.newFolder(), isDurable: true)
        try server.start()
    }

    deinit {
        for one in copies + [server] { try? one.destroy() }
    }

    /// Ends without a chance to write anything more, and starts again.
    func crash() throws {
        guard case .running(let pid) = server.state else { return }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        try server.start()
    }

    /// Copies the data files while the server runs, and starts the copy.
    func copy(asStandby: Bool) throws -> EmbeddedServer {
        let copy = try EmbeddedServer.scratch(directory: Self.newFolder(), isDurable: true)
        copies.append(copy)
        let made = try ChildProcess.run(
            server.installation().path("pg_basebackup"),
            ["-h", server.sockets, "-U", EmbeddedServer.superuser, "-D", copy.data, "-c", "fast"] + (asStandby ? ["-R"] : []))
        guard made.status == 0 else { throw LogError(.badArchive, "pg_basebackup: \(made.output)") }
        if let account = try ServerAccount.needed() {
            _ = try ChildProcess.run("chown", ["-R", "\(account.userID):\(account.groupID)", copy.data])
        }
        try copy.start()
        return copy
    }

    private static func newFolder() -> String {
        "\(geteuid() == 0 ? "/tmp" : NSTemporaryDirectory())/twinhub-durable-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }
}

/// Asks again and again until it is so; false after the time limit.
func eventually(seconds: Double = 30, _ isSo: () -> Bool) -> Bool {
    let limit = Date(timeIntervalSinceNow: seconds)
    while Date() < limit {
        if isSo() { return true }
        Locked(()).wait(seconds: 0.02) { false }
    }
    return isSo()
}
