import Foundation
import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a source delivers once only, kept on the disk so that it can be read twice and is known to be whole before anything is told.
///
/// Only this process can open it, and it is gone with this object, also after kill -9: on Linux it has no name from the start.
final class SpoolFile {
    /// Opens the content from its beginning, as long as this object lives.
    let path: String
    private(set) var size = 0
    /// SHA-256 of the content; empty where it came by `append`.
    let digest: [UInt8]
    private let descriptor: Int32

    /// Reads a source to its end. Throws what it throws, and `transient` where the disk takes no more.
    init(_ source: any ByteSource) throws(FormatError) {
        (path, descriptor) = try Self.make()
        let hasher: ContentHasher
        do throws(AdapterError) { hasher = try ContentHasher() } catch { throw FormatError(.internal, error.message) }
        hasher.begin()
        var size = 0
        while true {
            let piece = try source.read(upTo: 1 << 18)
            if piece.isEmpty { break }
            hasher.add(piece)
            size += piece.count
            try Self.write(piece, to: descriptor)
        }
        self.size = size
        digest = hasher.finishBytes()
    }

    /// An empty one, to be filled by `append`.
    init() throws(FormatError) {
        (path, descriptor) = try Self.make()
        digest = []
    }

    /// Zeros. Throws `transient` where the disk has no room for so many bytes: nothing written there later finds it full.
    init(reserving size: Int) throws(FormatError) {
        (path, descriptor) = try Self.make()
        digest = []
        #if os(Linux)
        errno = posix_fallocate(descriptor, 0, off_t(size))
        let isReserved = errno == 0
        #else
        var store = fstore_t(fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0, fst_length: off_t(size), fst_bytesalloc: 0)
        let isReserved = fcntl(descriptor, F_PREALLOCATE, &store) != -1 && ftruncate(descriptor, off_t(size)) == 0
        #endif
        guard isReserved else { throw Self.fault("finds no room in \(Self.folder)") }
        self.size = size
    }

    /// The content as memory, which outlives this object; nil where the system has no addresses left.
    func mapped() -> UnsafeMutableRawBufferPointer? {
        guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), start != MAP_FAILED else { return nil }
        return UnsafeMutableRawBufferPointer(start: start, count: size)
    }

    /// Adds to the end. Throws `transient` where the disk takes no more.
    func append(_ bytes: [UInt8]) throws(FormatError) {
        try Self.write(bytes, to: descriptor)
        size += bytes.count
    }

    /// Gives up what stands behind so many bytes.
    func cut(to size: Int) throws(FormatError) {
        guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) == off_t(size) else {
            throw Self.fault("cannot be cut in \(Self.folder)")
        }
        self.size = size
    }

    private static func make() throws(FormatError) -> (path: String, descriptor: Int32) {
        var name = Array("\(folder)/twinhub-spool-XXXXXX".utf8CString)
        let opened = mkstemp(&name)
        guard opened >= 0 else { throw fault("cannot be made in \(folder)") }
        _ = fcntl(opened, F_SETFD, FD_CLOEXEC)
        let named = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #if os(Linux)
        unlink(named)
        return ("/proc/self/fd/\(opened)", opened)
        #else
        return (named, opened)
        #endif
    }

    deinit {
        #if !os(Linux)
        unlink(path)
        #endif
        close(descriptor)
    }

    /// As a file of an input.
    /// - Parameter name: what batches and quarantine call it.
    func found(as name: String) throws(AdapterError) -> FoundFile {
        FoundFile(path: path, name: name, size: size, digest: digest, modified_ns: try FileSearch.stamp(path).modified_ns)
    }

    /// TMPDIR where it is set; /var/tmp before /tmp, which often lies in memory.
    private static var folder: String {
        let named = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
        return [named, "/var/tmp"].compactMap { $0 }.first { access($0, W_OK) == 0 } ?? "/tmp"
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(FormatError) {
        guard writeAll(bytes, to: descriptor) else { throw fault("cannot be written in \(folder)") }
    }

    private static func fault(_ what: String) -> FormatError {
        FormatError(
            .transient, "The file that keeps what the source delivers \(what): \(String(cString: strerror(errno))).",
            advice: "Make room there, or name another folder in TMPDIR.")
    }
}

/// Writes all bytes; false where the system takes no more (`errno`).
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
        var done = 0
        while done < bytes.count {
            let count = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count >= 0 { done += count } else if errno != EINTR { return false }
        }
        return true
    }
}
