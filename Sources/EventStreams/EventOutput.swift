#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where a stream's bytes go. What has been written is with the reader: only then may a consumer acknowledge.
package protocol EventOutput: AnyObject {
    /// Writes all of it; false where the reader has gone.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool
}

/// A file descriptor, such as standard output.
package final class DescriptorOutput: EventOutput {
    private let descriptor: Int32
    private let isCancelled: () -> Bool

    /// - Parameter isCancelled: asked while a slow reader does not take anything.
    package init(_ descriptor: Int32, isCancelled: @escaping () -> Bool = { false }) {
        self.descriptor = descriptor
        self.isCancelled = isCancelled
    }

    package func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            #if canImport(Glibc)
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            #else
            let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
            #endif
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            } else if errno == EAGAIN {
                var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&state, 1, 1000)
                if isCancelled() { return false }
            } else if errno != EINTR || isCancelled() {
                return false
            }
        }
        return true
    }
}
