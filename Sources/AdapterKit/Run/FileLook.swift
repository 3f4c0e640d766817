import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file of an append stream as it is now, and what can be told about it without reading it whole.
struct FileLook {
    let path: String
    let name: String
    let stamp: FileStamp
    /// Whether it may grow line by line, and can be read on from any of them.
    let grows: Bool

    /// How much of a file's beginning, and of its end, is compared.
    private static let sample = 64 << 10

    init(_ path: String, folder: String, format: Format, encoding: String?) throws(AdapterError) {
        self.path = path
        name = FileSearch.name(path, folder: folder)
        stamp = try FileSearch.stamp(path)
        do throws(FormatError) {
            let isPacked = try PackedBytes.packing(of: path) != nil
            grows = !isPacked && format.isLines && Self.canBeSplit(format, encoding)
        } catch {
            throw error.inAdapter(file: path)
        }
    }

    /// Not so where a line's end is more than one byte, or what it means depends on what stands before.
    private static func canBeSplit(_ format: Format, _ encoding: String?) -> Bool {
        var name = encoding ?? "utf-8"
        if case .csv(let options) = format { name = options.encoding }
        name = name.lowercased()
        return !["utf-16", "utf16", "ucs", "utf-32", "utf32", "iso-2022", "iso2022", "hz", "utf-7"].contains { name.hasPrefix($0) }
    }

    /// Whether the file begins with all that was read of another: by its ends, where they are known, else by all of it.
    func begins(with mark: StreamState.FileMark) throws(AdapterError) -> Bool {
        guard mark.size <= stamp.size else { return false }
        guard let head = mark.head, let tail = mark.tail else { return try beginsWithHashed(of: mark) }
        guard try self.head(of: mark.size) == head else { return false }
        return try self.tail(of: mark.size) == tail
    }

    /// Whether it holds what another file held.
    func isSame(as mark: StreamState.FileMark) throws(AdapterError) -> Bool {
        guard mark.size == stamp.size else { return false }
        if mark.head != nil, try !begins(with: mark) { return false }
        return try beginsWithHashed(of: mark)
    }

    private func beginsWithHashed(of mark: StreamState.FileMark) throws(AdapterError) -> Bool {
        try FileSearch.examine(path, name: name, from: 0, to: mark.hashed ?? mark.size).digest.hexadecimal == mark.digest
    }

    /// A digest of the beginning of the first `size` bytes.
    func head(of size: Int) throws(AdapterError) -> String {
        try FileSearch.examine(path, name: name, from: 0, to: min(size, Self.sample)).digest.hexadecimal
    }

    /// A digest of their end.
    func tail(of size: Int) throws(AdapterError) -> String {
        try FileSearch.examine(path, name: name, from: max(0, size - Self.sample), to: size).digest.hexadecimal
    }

    /// The end of what can be read now. A last line without an end is left while somebody may be writing it.
    func wholeLines(from offset: Int, _ settling: Settling) throws(AdapterError) -> Int {
        if Self.endsLine(path, at: stamp.size) { return stamp.size }
        if try settling.isSettled(path) { return stamp.size }
        guard let file = fopen(path, "rb") else { return offset }
        defer { fclose(file) }
        var end = stamp.size
        while end > offset {
            let start = max(offset, end - Self.sample)
            var bytes = [UInt8](repeating: 0, count: end - start)
            guard fseek(file, start, SEEK_SET) == 0, fread(&bytes, 1, bytes.count, file) == bytes.count else { return offset }
            if let last = bytes.lastIndex(where: { $0 == 0x0A || $0 == 0x0D }) { return start + last + 1 }
            end = start
        }
        return offset
    }

    /// Whether a line ends at this size: its last byte ends one, or the next one does.
    static func endsLine(_ path: String, at size: Int) -> Bool {
        guard size > 0, let file = fopen(path, "rb") else { return size == 0 }
        defer { fclose(file) }
        guard fseek(file, size - 1, SEEK_SET) == 0 else { return false }
        let ends: Set<Int32> = [10, 13]
        return ends.contains(fgetc(file)) || ends.contains(fgetc(file))
    }
}

extension Format {
    /// Whether records are lines, so that a file can grow by some.
    var isLines: Bool {
        switch self {
        case .csv, .ndjson: true
        default: false
        }
    }
}
