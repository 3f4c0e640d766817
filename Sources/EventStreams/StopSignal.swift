#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Tells threads that wait for a connection that they should end: a pipe that becomes readable and stays so.
package final class StopSignal: Sendable {
    /// For `poll`.
    package let descriptor: Int32
    private let writeEnd: Int32
    private let isOwner: Bool

    /// A signal of its own. Where the system has no pipe to give, one that never comes.
    package init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        (descriptor, writeEnd, isOwner) = (ends[0], ends[1], true)
    }

    /// Watches somebody else's descriptor.
    package init(watching descriptor: Int32) { (self.descriptor, writeEnd, isOwner) = (descriptor, -1, false) }

    deinit {
        guard isOwner, descriptor >= 0 else { return }
        close(descriptor)
        close(writeEnd)
    }

    package func stop() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    package var isStopped: Bool { wait(milliseconds: 0) }

    /// Waits for the signal; true where it came.
    package func wait(milliseconds: Int) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, Int32(clamping: milliseconds)) > 0
    }
}
