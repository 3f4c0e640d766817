import Foundation
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A throw-away PostgreSQL: for tests, and for a demonstration's source systems. It ends, and its folder is deleted, with
/// this object and with this process, however that ends.
///
/// A detached shell holds the reading end of a pipe whose writing end only this process has. When the pipe closes
/// (`kill -9` closes it too) the shell stops the server and deletes its folder.
package final class ScratchServer: Sendable {
    package let server: EmbeddedServer
    private let lifeline: Int32
    private let watchdogPID: pid_t

    /// - Parameters:
    ///   - directory: is emptied at the start and deleted at the end; nil makes one in the system's folder for temporary
    ///     files. As root every folder above it must let the server's account through.
    ///   - isDurable: with `fsync`, as in production; for benchmarks.
    package init(directory: String? = nil, isDurable: Bool = false, report: (String) -> Void = { _ in }) throws(OperationsError) {
        let folder = directory ?? Self.temporaryFolder
        // What a machine that lost power left behind was never written safely.
        if FileManager.default.fileExists(atPath: folder + "/data") { try EmbeddedServer.scratch(directory: folder).destroy() }
        server = try EmbeddedServer.scratch(directory: folder, isDurable: isDurable)
        let (reading, writing) = try starting(ChildProcess.pipeEnds)
        defer { close(reading) }
        lifeline = writing
        let script = """
            trap '' INT TERM HUP
            read -r nothing
            pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
            [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null
            tries=0
            while [ -e "$1/data/postmaster.pid" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
            while [ -e "$1" ] && [ $tries -lt 150 ]; do rm -rf "$1" "$2" || sleep 0.1; tries=$((tries + 1)); done
            rm -rf "$2"
            """
        do throws(SubprocessError) {
            let watchdog = try ChildProcess.start(
                "/bin/sh", ["-c", script, "scratch-server", server.folder, server.sockets], input: .descriptor(reading),
                output: .none, errors: .none, detached: true)
            watchdogPID = watchdog.pid
        } catch {
            close(writing)
            throw OperationsError(error)
        }
        try server.start(report: report)
    }

    deinit { destroy() }

    private func destroy() {
        close(lifeline)
        var status: Int32 = 0
        while waitpid(watchdogPID, &status, 0) < 0, errno == EINTR {}
    }

    private static var temporaryFolder: String {
        let parent = geteuid() == 0 ? "/tmp" : realPath(NSTemporaryDirectory()) ?? "/tmp"
        return "\(parent)/twinhub-scratch-\(getpid())-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
    }
}
