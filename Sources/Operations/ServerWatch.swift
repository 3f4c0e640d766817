import Foundation
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A small detached process beside the hub's own server: it stops the server some time after the last user has gone,
/// also where that user was killed. Ends itself with the server, or when the server is pinned.
package enum ServerWatch {
    /// A minute, or TWINHUB_IDLE_SECONDS.
    static func idleSeconds(_ environment: [String: String]) -> Double {
        environment["TWINHUB_IDLE_SECONDS"].flatMap { Double($0) }.flatMap { $0 >= 0 && $0 < 1e6 ? $0 : nil } ?? 60
    }

    /// The running program, where it is twinhub itself; tests and benchmarks name theirs in TWINHUB_PROGRAM.
    package static var program: String? {
        if let named = ProcessInfo.processInfo.environment["TWINHUB_PROGRAM"], !named.isEmpty { return named }
        guard let path = Bundle.main.executablePath, path.hasSuffix("/twinhub") else { return nil }
        return path
    }

    /// Starts one unless one is there. Called under the decision lock.
    static func launch(program: String, home: HubHome, environment ours: [String: String]) throws(OperationsError) {
        guard try FileLock.isFree(home.watcherLock) else { return }
        var environment = ["TWINHUB_HOME": home.clone]
        for name in ["PATH", "LD_LIBRARY_PATH", "TWINHUB_IDLE_SECONDS"] { environment[name] = ours[name] }
        // A child of a shell that ends at once: nobody has to collect it.
        let shell = try starting { () throws(SubprocessError) in
            try ChildProcess.start(
                "/bin/sh", ["-c", "cd / && \"$0\" server watch &", program], environment: environment, output: .none, errors: .none,
                detached: true)
        }
        shell.wait()
    }

    /// The watcher's life. Two that were started at once: the second one ends at once.
    package static func run(
        _ home: HubHome, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(OperationsError) {
        var alone = try FileLock.takeIfFree(.exclusive, home.watcherLock)
        if alone == nil { return }
        defer { withExtendedLifetime(alone) {} }
        let idle = idleSeconds(environment)
        while true {
            // Sleeps here while anyone uses the server; gives way at once.
            _ = try FileLock.take(.exclusive, home.usersLock)
            guard try stayedUnused(home, seconds: idle) else { continue }
            let decision = try FileLock.take(.exclusive, home.decisionLock)
            defer { withExtendedLifetime(decision) {} }
            if access(home.pin, F_OK) != 0 {
                guard let nobody = try FileLock.takeIfFree(.exclusive, home.usersLock) else { continue }
                try home.server.stop()
                withExtendedLifetime(nobody) {}
            }
            // Before the decision is free: who starts the server next must find no watcher, and launch one.
            alone = nil
            return
        }
    }

    /// Whether nobody came within the time: neither is anyone there, nor has anyone left a trace meanwhile.
    private static func stayedUnused(_ home: HubHome, seconds: Double) throws(OperationsError) -> Bool {
        let before = lastUse(home)
        let end = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
        while ContinuousClock.now < end {
            usleep(UInt32(min(1, max(0.01, seconds / 10)) * 1_000_000))
            if lastUse(home) != before { return false }
            guard try FileLock.isFree(home.usersLock) else { return false }
        }
        return lastUse(home) == before
    }

    private static func lastUse(_ home: HubHome) -> [Int] {
        var facts = stat()
        guard stat(home.usersLock, &facts) == 0 else { return [] }
        #if canImport(Glibc)
        return [facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec]
        #else
        return [facts.st_mtimespec.tv_sec, facts.st_mtimespec.tv_nsec]
        #endif
    }
}
