import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A program whose standard output we read, and which never outlives us.
///
/// The program and all that it starts form a process group, led by a small shell that waits at the end of a pipe whose other end only we
/// hold. When the pipe closes, because we say so, or because we were ended by whatever means, the shell ends the whole group with SIGKILL.
/// (Linux's PR_SET_PDEATHSIG reaches the one child only, not what it started, and follows the thread that made it, not the process.)
///
/// For one thread. Standard error is read whenever standard output is.
package final class PipedProcess {
    /// What is started.
    package struct Program {
        /// A path, or a name to be looked for in PATH, and its arguments. Everybody on the machine can read them: no secrets.
        package var words: [String]
        /// All of it.
        package var environment: [String: String]
        /// Where it works, and where a relative path of the program begins.
        package var folder: String?
        package var input: ChildProcess.Stream = .none
        /// A folder of this run alone, which is deleted with the process group, also where we are killed.
        package var scratchFolder: String?
        /// For how long it may run.
        package var timeout_s: Double?

        package init(_ words: [String], environment: [String: String], folder: String? = nil) {
            self.words = words
            self.environment = environment
            self.folder = folder
        }
    }

    private let name: String
    private let watch: ChildProcess
    private let child: ChildProcess
    private let scratchFolder: String?
    private var lifeline: Int32
    private var output: Int32
    private var errors: Int32
    private var lines: LineCollector
    private let isCancelled: () -> Bool
    private let deadline: ContinuousClock.Instant?
    private let timeout_s: Double
    /// When standard output was last heard of.
    private var lastHeard = ContinuousClock.now
    private var ended: ChildProcess.End?

    /// How long a program that ended may leave its output open in the hands of others.
    private static let patience = Duration.seconds(5)
    /// How long a program may take to end after SIGTERM, before SIGKILL.
    private static let grace_s = 3.0

    /// - Parameters:
    ///   - isCancelled: asked a few times a second while there is only the program to wait for.
    ///   - errorLine: gets each line that the program writes to standard error, at most `LineCollector.limit` bytes of it, on the thread
    ///     that reads.
    package init(
        _ program: Program, isCancelled: @escaping () -> Bool = { false }, errorLine: @escaping (String) -> Void
    ) throws(SubprocessError) {
        name = program.words.first ?? ""
        scratchFolder = program.scratchFolder
        self.isCancelled = isCancelled
        timeout_s = program.timeout_s ?? 0
        deadline = program.timeout_s.map { .now + .milliseconds(Int($0 * 1000)) }
        lines = LineCollector(errorLine)
        let words = try Self.words(program)
        var open: [Int32] = []
        do throws(SubprocessError) {
            let life = try ChildProcess.pipeEnds()
            open += [life.reading, life.writing]
            let out = try ChildProcess.pipeEnds()
            open += [out.reading, out.writing]
            let err = try ChildProcess.pipeEnds()
            open += [err.reading, err.writing]
            watch = try ChildProcess.start(
                "/bin/sh", ["-c", Self.script, "twinhub-watch", program.scratchFolder ?? ""], environment: ["PATH": "/usr/bin:/bin"],
                input: .descriptor(life.reading), output: .none, errors: .none, group: .own)
            do throws(SubprocessError) {
                child = try ChildProcess.start(
                    words[0], Array(words.dropFirst()), environment: program.environment, input: program.input,
                    output: .descriptor(out.writing), errors: .descriptor(err.writing), group: .of(watch.pid))
            } catch {
                // The watch holds the scratch folder's end.
                close(life.writing)
                open.removeAll { $0 == life.writing }
                watch.wait()
                throw error
            }
            for descriptor in [life.reading, out.writing, err.writing] { close(descriptor) }
            (lifeline, output, errors) = (life.writing, out.reading, err.reading)
        } catch {
            for descriptor in open { close(descriptor) }
            throw error
        }
    }

    deinit { end() }

    /// The watch is in the group itself, and ignores the signals that ask the others to end.
    private static let script = """
        trap '' INT TERM HUP QUIT PIPE
        read -r nothing
        [ -n "$1" ] && rm -rf "$1"
        kill -KILL 0
        """

    /// The next bytes of standard output, at most `count`; empty at its end. The program may still run, and may still fail: see `finish`.
    package func read(upTo count: Int) throws(SubprocessError) -> [UInt8] {
        while output >= 0 {
            try wait()
            // `wait` returns when there is something to read, or the end.
            let bytes = take(output, upTo: count)
            if bytes.isEmpty {
                close(output)
                output = -1
            }
            return bytes
        }
        return []
    }

    /// Waits for the end of the program; what else it writes to standard output is passed over. Whatever it left running is ended.
    package func finish() throws(SubprocessError) -> ChildProcess.End {
        while try !read(upTo: 1 << 16).isEmpty {}
        while ended == nil {
            try wait()
            if let status = child.pollEnd() { ended = status }
        }
        end()
        return ended ?? .exited(-1)
    }

    /// Ends the program and all that it started: at once where it has ended itself, else after a moment to end in good order.
    package func end() {
        guard lifeline >= 0 else { return }
        if output >= 0 { close(output) }
        output = -1
        if child.pollEnd() == nil {
            kill(-watch.pid, SIGTERM)
            let limit = ContinuousClock.now + .milliseconds(Int(Self.grace_s * 1000))
            while child.pollEnd() == nil, ContinuousClock.now < limit { drainErrors(wait_ms: 20) }
        }
        close(lifeline)
        lifeline = -1
        watch.wait()
        ended = ended ?? child.waitEnd()
        drainErrors(wait_ms: 0)
        close(errors)
        lines.finish()
        if let scratchFolder { try? FileManager.default.removeItem(atPath: scratchFolder) }
    }

    // MARK: -

    /// What is started. Folders are entered by a shell: the function of posix_spawn that does it is not in Glibc's Swift module.
    private static func words(_ program: Program) throws(SubprocessError) -> [String] {
        guard var executable = program.words.first, !executable.isEmpty else { throw SubprocessError(.configuration, "No program is named.") }
        guard let folder = program.folder else { return program.words }
        if executable.contains("/") {
            if !executable.hasPrefix("/") { executable = folder + "/" + executable }
            guard access(executable, X_OK) == 0 else {
                throw SubprocessError(.configuration, "The program cannot be started: \(String(cString: strerror(errno))).", program: program.words[0])
            }
        }
        return ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, executable] + program.words.dropFirst()
    }

    /// Waits until standard output has something to say, or has closed and the program may have ended; takes what standard error says.
    private func wait() throws(SubprocessError) {
        while true {
            if isCancelled() {
                end()
                throw SubprocessError(.cancelled, "It was cancelled.", program: name)
            }
            if let deadline, ContinuousClock.now >= deadline {
                end()
                throw SubprocessError(.transient, "The program did not end within \(Int(timeout_s)) seconds and was ended.", program: name)
            }
            var waiting = [pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0)]
            let count = poll(&waiting, 2, output >= 0 ? 200 : 10)
            if count > 0, waiting[1].revents != 0 { takeErrors() }
            if output < 0 { return }
            if count > 0, waiting[0].revents != 0 {
                lastHeard = .now
                return
            }
            if child.pollEnd() != nil, lastHeard.duration(to: .now) > Self.patience {
                end()
                throw SubprocessError(
                    .transient, "The program ended, but something that it started keeps its output open: nobody knows whether it is whole.",
                    program: name)
            }
        }
    }

    private func drainErrors(wait_ms: Int32) {
        while errors >= 0 {
            var waiting = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, wait_ms) > 0 else { return }
            takeErrors()
        }
        // Closed: the caller still wants its pause.
        if wait_ms > 0 { usleep(UInt32(wait_ms) * 1000) }
    }

    private func takeErrors() {
        let bytes = take(errors, upTo: 1 << 14)
        if bytes.isEmpty {
            close(errors)
            errors = -1
        }
        lines.add(bytes)
    }

    private func take(_ descriptor: Int32, upTo count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, initialized in
            var got = 0
            repeat {
                #if canImport(Glibc)
                got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                #else
                got = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
                #endif
            } while got < 0 && errno == EINTR
            initialized = max(got, 0)
        }
    }
}

/// Cuts what a program writes to standard error into lines of bounded length.
struct LineCollector {
    /// The longest line that is handed on, in bytes; the rest of a longer one is passed over.
    static let limit = 1 << 16

    private let take: (String) -> Void
    private var line: [UInt8] = []

    init(_ take: @escaping (String) -> Void) { self.take = take }

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                flush()
            } else if line.count < Self.limit {
                line.append(byte)
            }
        }
    }

    /// A last line without its end.
    mutating func finish() { if !line.isEmpty { flush() } }

    private mutating func flush() {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        take(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
    }
}
