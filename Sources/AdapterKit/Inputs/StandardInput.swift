import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Standard input, as a reader's bytes: `some-export | twinhub adapter run NAME`.
///
/// A pipe does not say how the program before it ended: an export that broke off looks like one that is whole.
final class StandardInput: ByteSource {
    private let descriptor: Int32
    private let isCancelled: () -> Bool
    private var isEmpty = true

    /// Throws `configuration` where nothing is piped in.
    init(_ context: InputContext) throws(FormatError) {
        let descriptor = context.standardInput
        guard isatty(descriptor) == 0 else {
            throw FormatError(
                .configuration, "This adapter reads standard input, and that is a terminal.",
                advice: "Pipe the source's export into it: some-export | twinhub adapter run NAME")
        }
        self.descriptor = descriptor
        isCancelled = context.isCancelled
    }

    /// The next bytes. Throws `data` at the end where there was nothing at all: an export that failed looks like that.
    func read(upTo count: Int) throws(FormatError) -> [UInt8] {
        while true {
            if isCancelled() { throw FormatError(.transient, "It was cancelled.") }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 200) <= 0 { continue }
            var code: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, initialized in
                #if canImport(Glibc)
                let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                #else
                let got = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
                #endif
                code = got < 0 ? errno : 0
                initialized = max(got, 0)
            }
            if code == EINTR || code == EAGAIN { continue }
            guard code == 0 else { throw FormatError(.transient, "Standard input cannot be read: \(String(cString: strerror(code))).") }
            if bytes.isEmpty, isEmpty {
                throw FormatError(
                    .data, "Standard input is empty: not even a header, or an empty list, has come.",
                    advice: "Look at the program before the pipe.")
            }
            isEmpty = false
            return bytes
        }
    }
}
