import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file of facts that left the log: PostgreSQL's binary COPY of the nine columns that `SettledReader` reads, in the order of
/// positions. Beside it lies `<file>.sha256`, for `sha256sum -c`.
enum ArchiveFile {
    /// What a file is, as its writer or reader found it.
    struct Summary: Hashable {
        var rows = 0
        var bytes = 0
        var sha256: [UInt8] = []
    }

    /// Writes what `fill` hands over; the file has its name only when all of it is on the disk.
    static func write(_ path: String, _ fill: (_ row: (UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws -> Summary {
        let draft = path + ".part"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written", draft) }
        defer { close(descriptor) }
        var summary = Summary()
        var hash = SHA256()
        var buffer: [UInt8] = []
        buffer.reserveCapacity(1 << 20)
        func flush() throws {
            hash.update(buffer)
            summary.bytes += buffer.count
            try writeAll(buffer, to: descriptor, draft)
            buffer.removeAll(keepingCapacity: true)
        }
        try fill { row in
            // Each message but the trailer is a row; the first one bears the header too.
            if BinaryRow(row).columns >= 0 { summary.rows += 1 }
            buffer.append(contentsOf: row)
            if buffer.count >= 1 << 20 { try flush() }
        }
        try flush()
        summary.sha256 = hash.finish()
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw failure("cannot be written", path) }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        try writeSmall("\(summary.sha256.hexadecimal)  \(name)\n", path + ".sha256")
        try syncFolder(of: path)
        return summary
    }

    /// Reads the rows, each as `BinaryRow` takes it, and what the file is.
    static func read(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Summary {
        var summary = Summary()
        var hash = SHA256()
        var held: [UInt8] = []
        var isStarted = false
        var isEnded = false
        try chunks(of: path) { chunk in
            hash.update(chunk)
            summary.bytes += chunk.count
            held.append(contentsOf: chunk)
            let used = try held.withUnsafeBytes { bytes in
                var at = 0
                if !isStarted {
                    guard bytes.count >= headerBytes else { return 0 }
                    at = headerBytes
                    isStarted = true
                }
                while !isEnded, let end = rowEnd(bytes, at) {
                    let row = UnsafeRawBufferPointer(rebasing: bytes[at..<end])
                    if row.count == 2 { isEnded = true } else { try body(row); summary.rows += 1 }
                    at = end
                }
                return at
            }
            held.removeFirst(used)
        }
        guard isEnded else {
            throw LogError(.badArchive, "The file \(path) is not a whole archive of facts. Take another copy of it.")
        }
        summary.sha256 = hash.finish()
        return summary
    }

    /// Hands over the file's bytes, as `COPY … FROM STDIN` takes them.
    static func chunks(of path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be read", path) }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            #else
            let count = Darwin.read(descriptor, &buffer, buffer.count)
            #endif
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot be read", path)
            }
            try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    /// Signature, flags, length of the (empty) extension: PostgreSQL documentation of COPY, "Binary Format".
    private static let headerBytes = 19

    /// Where the row that begins at `start` ends; nil where it is not all there yet. The trailer is two bytes long.
    private static func rowEnd(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        guard bytes.count >= start + 2 else { return nil }
        let columns = Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int16.self))
        var at = start + 2
        guard columns > 0 else { return at }
        for _ in 0..<columns {
            guard bytes.count >= at + 4 else { return nil }
            at += 4 + max(0, Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int32.self))))
        }
        return at <= bytes.count ? at : nil
    }

    private static func writeSmall(_ text: String, _ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written", path) }
        defer { close(descriptor) }
        try writeAll(Array(text.utf8), to: descriptor, path)
        guard fsync(descriptor) == 0 else { throw failure("cannot be written", path) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                #if canImport(Glibc)
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                #else
                let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
                #endif
                if count < 0 {
                    if errno == EINTR { continue }
                    throw failure("cannot be written", path)
                }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }

    /// A new name is safe only when its folder is on the disk.
    private static func syncFolder(of path: String) throws {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be read", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("cannot be written", folder) }
    }

    private static func failure(_ what: String, _ path: String) -> LogError {
        LogError(.badArchive, "The file \(path) \(what): \(String(cString: strerror(errno))).")
    }
}
