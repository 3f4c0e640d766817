#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where a reader's bytes come from.
package protocol ByteSource: AnyObject {
    /// The next bytes, at most `count`; empty at the end, and from then on.
    func read(upTo count: Int) throws(FormatError) -> [UInt8]

    /// The same, put into memory of the caller's, which is not empty: how many there are; 0 at the end.
    func read(into memory: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int
}

extension ByteSource {
    /// By way of an array.
    package func read(into memory: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
        let bytes = try read(upTo: memory.count)
        bytes.withUnsafeBytes { memory.copyMemory(from: $0) }
        return bytes.count
    }
}

/// The bytes of a file, read front to back.
package final class FileBytes: ByteSource {
    private let descriptor: Int32
    private let path: String
    /// Bytes that may still be read.
    private var left: Int

    /// Opens a file. Throws `configuration` where it is absent, forbidden or a folder.
    /// - Parameters:
    ///   - start: the first byte that is read.
    ///   - end: the byte behind the last one; nil for all there is.
    package init(path: String, from start: Int = 0, to end: Int? = nil) throws(FormatError) {
        left = end.map { max(0, $0 - start) } ?? .max
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else {
            throw FormatError(
                .configuration, "The file cannot be opened (\(String(cString: strerror(errno)))).", file: path,
                advice: "Check the path and that this user may read it.")
        }
        var status = stat()
        if fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(opened)
            throw FormatError(.configuration, "The path is a folder, not a file.", file: path, advice: "Name the file itself.")
        }
        #if canImport(Glibc)
        // A hint only: the file is read once, front to back.
        _ = posix_fadvise(opened, 0, 0, POSIX_FADV_SEQUENTIAL)
        #endif
        self.descriptor = opened
        self.path = path
        if start > 0 { lseek(opened, off_t(start), SEEK_SET) }
    }

    deinit { close(descriptor) }

    /// The next bytes of the file. Throws `transient` where the device fails.
    package func read(upTo count: Int) throws(FormatError) -> [UInt8] {
        var failure: FormatError?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, initialized in
            do throws(FormatError) { initialized = try read(into: UnsafeMutableRawBufferPointer(buffer)) } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The same, without an array. Throws `transient` where the device fails.
    package func read(into memory: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
        guard left > 0 else { return 0 }
        while true {
            #if canImport(Glibc)
            let got = Glibc.read(descriptor, memory.baseAddress, min(left, memory.count))
            #else
            let got = Darwin.read(descriptor, memory.baseAddress, min(left, memory.count))
            #endif
            if got >= 0 {
                left -= got
                return got
            }
            guard errno == EINTR else {
                throw FormatError(
                    .transient, "The file cannot be read (\(String(cString: strerror(errno)))).", file: path,
                    advice: "Try again; check the device if it stays.")
            }
        }
    }
}

/// Bytes that are in memory already, for tests and small inputs.
package final class MemoryBytes: ByteSource {
    private let bytes: [UInt8]
    private var position = 0
    private let step: Int

    /// Gives `bytes`, in pieces of at most `step` bytes: tests use small steps to meet every boundary.
    package init(_ bytes: [UInt8], step: Int = .max) {
        self.bytes = bytes
        self.step = max(1, step)
    }

    /// Gives the UTF-8 bytes of a text.
    package convenience init(_ text: String, step: Int = .max) {
        self.init(Array(text.utf8), step: step)
    }

    /// The next bytes.
    package func read(upTo count: Int) -> [UInt8] {
        let end = position + min(count, step, bytes.count - position)
        defer { position = end }
        return Array(bytes[position..<end])
    }
}
