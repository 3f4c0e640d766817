import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file descriptor that is written to at once, without stdio's buffers (`setvbuf` is no option in Swift 6 mode).
struct Terminal: Sendable {
    let descriptor: Int32
    /// A person is looking: lines may be redrawn.
    let isInteractive: Bool

    static let standardOutput = Terminal(STDOUT_FILENO)
    static let standardError = Terminal(STDERR_FILENO)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        let term = getenv("TERM").map { String(cString: $0) }
        isInteractive = isatty(descriptor) == 1 && term != "dumb"
    }

    /// Writes all of the text. Where the reader has gone (`| head`), the work is asked to end instead.
    func write(_ text: String) { write(bytes: Array(text.utf8)) }

    /// The same with bytes that need not be text.
    func write(bytes: [UInt8]) {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&state, 1, 1000)
            } else if errno != EINTR {
                if errno == EPIPE, descriptor == STDOUT_FILENO { Cancellation.request(signal: SIGPIPE) }
                return
            }
        }
    }

    func line(_ text: String = "") { write(text + "\n") }

    /// One JSON document and a line end: sorted keys in snake case, two spaces a level.
    func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }

    /// Columns of the window, 80 where that is unknown.
    var width: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
    Glibc.write(descriptor, bytes, count)
    #else
    Darwin.write(descriptor, bytes, count)
    #endif
}

extension JSONEncoder {
    /// The same bytes for the same members, on one line.
    static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
