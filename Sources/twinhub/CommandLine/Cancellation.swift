#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// Written once by `Cancellation.install`, before any thread is started; the handler may touch nothing but plain memory and `write`.
nonisolated(unsafe) private var wakeUpWriteEnd: Int32 = -1
nonisolated(unsafe) private var wakeUpReadEnd: Int32 = -1
nonisolated(unsafe) private var receivedSignal: Int32 = 0
nonisolated(unsafe) private var childToTell: pid_t = 0

/// Thrown by `Cancellation.check`: the user or the system asked us to end.
struct Cancelled: Error {}

/// Ctrl-C and SIGTERM. The first asks the command to end cleanly, at its next `check`; the second ends it at once.
///
/// A pipe that the signal handler writes to: whether it holds a byte can be asked from any thread, and waited for.
/// A handler, not SIG_IGN: children that are started by `exec` get the default action again.
enum Cancellation {
    /// To be called once, by `main`.
    static func install() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wakeUpReadEnd = ends[0]
        wakeUpWriteEnd = ends[1]
        for number in [SIGINT, SIGTERM, SIGHUP] { handle(number) { Cancellation.request(signal: $0) } }
        // A reader that has gone is noticed by `Terminal.write`. Also a handler, for the children's sake.
        handle(SIGPIPE) { _ in }
    }

    private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        #if canImport(Glibc)
        action.__sigaction_handler.sa_handler = handler
        #else
        action.__sigaction_u.__sa_handler = handler
        #endif
        action.sa_flags = SA_RESTART
        sigaction(number, &action, nil)
    }

    /// For a process that waits where it cannot look up, and has nothing to clean: signals end it at once again.
    static func restoreDefaults() {
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    }

    /// Async-signal-safe.
    static func request(signal number: Int32) {
        if receivedSignal != 0, number != SIGPIPE { _exit(128 + number) }
        receivedSignal = number
        var byte: UInt8 = 1
        _ = write(wakeUpWriteEnd, &byte, 1)
        // Ctrl-C reaches the whole group by itself, and twice would mean: at once.
        if childToTell > 0, number == SIGTERM || number == SIGHUP { kill(childToTell, number) }
    }

    /// While `body` waits for a child process, a SIGTERM that reaches this one is handed on: the child ends cleanly, and
    /// whoever waits for its end or its output comes back and can `check`.
    static func forwarding<T>(to child: pid_t, _ body: () throws -> T) throws -> T {
        childToTell = child
        defer { childToTell = 0 }
        return try body()
    }

    /// Can be read from, for `poll`, once the command should end; -1 before `install`. Never to be read.
    static var descriptor: Int32 { wakeUpReadEnd }

    static var isRequested: Bool { wait(milliseconds: 0) }

    /// Sleeps, but not through a signal. True where the command should end. (`-1`: until a signal comes.)
    static func wait(milliseconds: Int32) -> Bool {
        var state = pollfd(fd: wakeUpReadEnd, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, milliseconds) > 0
    }

    static func check() throws(Cancelled) {
        if isRequested { throw Cancelled() }
    }

    /// 130 after Ctrl-C, 143 after SIGTERM; 0 where the reader of our output had seen enough.
    static var exitStatus: Int32 { receivedSignal == SIGPIPE ? 0 : 128 + (receivedSignal == 0 ? SIGINT : receivedSignal) }
}
