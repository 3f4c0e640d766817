import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A program that we start. Foundation's `Process` cannot detach a child from the terminal's session and leaves
/// our signal handling to chance; `posix_spawn` says both plainly.
package final class ChildProcess {
    /// Where a standard descriptor of the child goes.
    package enum Stream {
        case inherit
        /// /dev/null
        case none
        case descriptor(Int32)
        /// Added to the end of a file.
        case append(String)
    }

    /// How a child ended.
    package enum End: Sendable, Hashable {
        /// With this code; -1 where somebody else collected it.
        case exited(Int32)
        /// By this signal.
        case signalled(Int32)

        /// As a shell says it: 128 + N for signal N.
        package var status: Int32 {
            switch self {
            case .exited(let code): code
            case .signalled(let number): 128 + number
            }
        }
    }

    /// A process group for a child.
    package enum ProcessGroup {
        /// A new one, of its own process id.
        case own
        /// That of another child.
        case of(pid_t)
    }

    package let pid: pid_t
    private var end: End?

    private init(_ pid: pid_t) { self.pid = pid }

    /// - Parameters:
    ///   - executable: a path, or a name to be looked for in PATH.
    ///   - environment: all of it; nil hands on our own.
    ///   - detached: in a session of its own: Ctrl-C at the terminal and the end of this process do not reach it.
    ///   - group: the process group that it leads or joins; nil for ours. With a group of its own, signals that we ignore reach it.
    package static func start(
        _ executable: String, _ arguments: [String], environment: [String: String]? = nil, input: Stream = .none,
        output: Stream = .inherit, errors: Stream = .inherit, detached: Bool = false, group: ProcessGroup? = nil
    ) throws(SubprocessError) -> ChildProcess {
        var attributes = emptyAttributes()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var flags = POSIX_SPAWN_SETSIGMASK
        // Not in Glibc's Swift module; the values of <spawn.h>.
        #if os(Linux)
        if detached { flags |= 0x80 }
        #else
        if detached { flags |= 0x0400 }
        flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #endif
        if let group {
            flags |= POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF
            var all = sigset_t()
            sigfillset(&all)
            posix_spawnattr_setsigdefault(&attributes, &all)
            if case .of(let leader) = group { posix_spawnattr_setpgroup(&attributes, leader) }
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)

        var actions = emptyFileActions()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, stream) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
            switch stream {
            case .inherit: inherit(target, &actions)
            case .none: posix_spawn_file_actions_addopen(&actions, target, "/dev/null", target == 0 ? O_RDONLY : O_WRONLY, 0)
            case .descriptor(let descriptor): posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            case .append(let path): posix_spawn_file_actions_addopen(&actions, target, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            }
        }
        closeOthers(&actions)

        let words = ([executable] + arguments).map { strdup($0) }
        let variables = (environment ?? ProcessInfo.processInfo.environment).map { strdup("\($0.key)=\($0.value)") }
        defer { (words + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, executable, &actions, &attributes, words + [nil], variables + [nil])
        guard code == 0 else {
            throw SubprocessError(
                code == EAGAIN || code == ENOMEM ? .transient : .configuration,
                "The program cannot be started: \(String(cString: strerror(code))).", program: executable)
        }
        return ChildProcess(pid)
    }

    /// Runs a program to its end. Standard output and standard error are collected together.
    package static func run(
        _ executable: String, _ arguments: [String], environment: [String: String]? = nil, input: String = ""
    ) throws(SubprocessError) -> (status: Int32, output: String) {
        let (inputEnd, inputSource) = try pipeEnds()
        let (outputSource, outputEnd) = try pipeEnds()
        defer { close(outputSource) }
        let child: ChildProcess
        do {
            defer { close(inputEnd); close(outputEnd) }
            child = try start(
                executable, arguments, environment: environment, input: .descriptor(inputEnd), output: .descriptor(outputEnd),
                errors: .descriptor(outputEnd))
        } catch {
            close(inputSource)
            throw error
        }
        // Inputs are a few short statements: they fit into the pipe.
        let bytes = Array(input.utf8)
        _ = write(inputSource, bytes, bytes.count)
        close(inputSource)
        var collected: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(outputSource, &chunk, chunk.count)
            if count > 0 { collected += chunk[..<count] } else if count == 0 || errno != EINTR { break }
        }
        return (child.wait(), String(decoding: collected, as: UTF8.self))
    }

    /// Both ends close on exec.
    package static func pipeEnds() throws(SubprocessError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SubprocessError(.transient, "No pipe can be made: \(String(cString: strerror(errno))).") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// The exit status once the child has ended; 128 + N where signal N ended it. nil while it runs.
    package func pollStatus() -> Int32? { pollEnd()?.status }

    /// Waits for the end. Status as in `pollStatus`.
    @discardableResult
    package func wait() -> Int32 { waitEnd().status }

    /// How the child ended; nil while it runs.
    package func pollEnd() -> End? { collect(WNOHANG) }

    /// Waits for the end.
    package func waitEnd() -> End { collect(0) ?? .exited(-1) }

    package func send(signal number: Int32) {
        if pollStatus() == nil { kill(pid, number) }
    }

    private func collect(_ options: Int32) -> End? {
        if let end { return end }
        var raw: Int32 = 0
        var result: pid_t
        repeat { result = waitpid(pid, &raw, options) } while result < 0 && errno == EINTR
        if result == 0 { return nil }
        // Somebody else collected it: its status is lost.
        guard result == pid else { end = .exited(-1); return end }
        let number = raw & 0x7f
        end = number == 0 ? .exited((raw >> 8) & 0xff) : .signalled(number)
        return end
    }
}

#if os(Linux)
private func emptyAttributes() -> posix_spawnattr_t { posix_spawnattr_t() }
private func emptyFileActions() -> posix_spawn_file_actions_t { posix_spawn_file_actions_t() }
private func inherit(_ descriptor: Int32, _ actions: inout posix_spawn_file_actions_t) {}

/// Foundation opens files without O_CLOEXEC. A server that starts meanwhile would hold them for as long as it lives: a file would seem to be
/// written for ever, a pipe would never end.
private func closeOthers(_ actions: inout posix_spawn_file_actions_t) {
    // glibc has it since 2.34, its Swift module has not.
    typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
    _ = unsafeBitCast(symbol, to: CloseFrom.self)(&actions, STDERR_FILENO + 1)
}
#else
private func emptyAttributes() -> posix_spawnattr_t? { nil }
private func emptyFileActions() -> posix_spawn_file_actions_t? { nil }
private func inherit(_ descriptor: Int32, _ actions: inout posix_spawn_file_actions_t?) {
    posix_spawn_file_actions_addinherit_np(&actions, descriptor)
}
/// POSIX_SPAWN_CLOEXEC_DEFAULT has done it.
private func closeOthers(_ actions: inout posix_spawn_file_actions_t?) {}
#endif
