import Foundation
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the supervisor of a hub does at this moment, as other processes see it: `status` reads it from a file in the hub's state.
package struct SupervisorState: Sendable, Hashable, Codable {
    /// One job. Moments are seconds since 1970.
    package struct Job: Sendable, Hashable, Codable {
        package let name: String
        /// Its rhythm in words.
        package let schedule: String
        /// Nil where it does not run.
        package let pid: Int32?
        package let runningSince: Int64?
        package let nextAt: Int64?
        package let lastEnd: Int64?
        /// Exit code, 128 + N where signal N ended it; nil where it has not ended yet.
        package let lastStatus: Int32?
        /// Failures one after another; 0 where the last run went well.
        package let failures: Int
        package let failingSince: Int64?
    }

    package let pid: Int32
    package let since: Int64
    package let jobs: [Job]

    /// Nil where no supervisor runs for this hub.
    package static func current(_ home: HubHome) throws(OperationsError) -> SupervisorState? {
        guard try !FileLock.isFree(home.supervisorLock), let data = FileManager.default.contents(atPath: home.supervisorState) else { return nil }
        return try? JSONDecoder().decode(SupervisorState.self, from: data)
    }

    func write(_ home: HubHome) throws(OperationsError) {
        guard let data = try? JSONEncoder().encode(self) else { return }
        try writePrivateText(String(decoding: data, as: UTF8.self), to: home.supervisorState)
    }
}

extension HubHome {
    /// Held by the hub's one supervisor.
    var supervisorLock: String { state + "/up.lock" }
    var supervisorState: String { state + "/up.json" }
}

/// How a process that the supervisor started notices that the supervisor has gone, however it went: its standard input is a pipe whose other
/// end the supervisor alone holds.
package enum Lifeline {
    /// Set for the children; they take it out of their environment, so that programs which they start do not look at their own input.
    package static let variable = "TWINHUB_LIFELINE"

    /// To be called first of all by the program. Once the supervisor is gone the process is asked to end, as SIGTERM does, and ended at once
    /// where it has not done so after `grace_s`.
    package static func hold(grace_s: UInt32 = 20) {
        guard getenv(variable) != nil else { return }
        unsetenv(variable)
        // Its own descriptor: the commands that it starts get /dev/null.
        let line = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        guard line >= 0 else { return }
        let nothing = open("/dev/null", O_RDONLY)
        if nothing >= 0 {
            dup2(nothing, STDIN_FILENO)
            close(nothing)
        }
        let thread = Thread {
            var state = pollfd(fd: line, events: Int16(POLLIN), revents: 0)
            while poll(&state, 1, -1) < 0 {}
            kill(getpid(), SIGTERM)
            var rest = grace_s
            while rest > 0 { rest = sleep(rest) }
            kill(getpid(), SIGKILL)
        }
        thread.start()
    }
}
