#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The bytes of a source between what a reader has consumed and what it has looked at: a sliding window
/// that grows only as far as the longest record, and counts lines.
///
/// A line ends at LF, CR LF, or a CR that stands alone (files of old Macs are still delivered).
final class ByteWindow {
    private let source: any ByteSource
    private var memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    /// Whether the source has given its last byte.
    private(set) var sourceEnded = false
    /// The 1-based line of the first byte in the window.
    private(set) var line = 1
    private var endedWithCR = false

    /// How much is asked of the source at once.
    private static let chunk = 256 << 10

    init(_ source: any ByteSource) {
        self.source = source
        self.memory = .allocate(byteCount: 2 * Self.chunk, alignment: 16)
    }

    deinit { memory.deallocate() }

    /// How many bytes are in the window.
    var count: Int { end - start }

    /// The bytes in the window; valid until the next `fill` or `consume`.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[start..<end]) }

    /// Reads until the window has doubled, so that a scan that starts over after each fill stays linear.
    /// False where the source has ended and nothing was added.
    @discardableResult
    func fill() throws(FormatError) -> Bool {
        try fill(to: max(1, 2 * count))
    }

    /// Reads until the window holds `wanted` bytes or the source ends; false where nothing was added.
    @discardableResult
    func fill(to wanted: Int) throws(FormatError) -> Bool {
        let before = count
        while count < wanted, !sourceEnded {
            makeRoom(Self.chunk)
            let got = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end..<end + Self.chunk]))
            if got == 0 {
                sourceEnded = true
                break
            }
            end += got
        }
        return count > before
    }

    private func makeRoom(_ needed: Int) {
        guard end + needed > memory.count else { return }
        let used = count
        // A window that grew for one long record shrinks again.
        let wanted = max(2 * Self.chunk, (used + needed) * 3 / 2)
        if used + needed <= memory.count, memory.count <= 4 * wanted {
            UnsafeMutableRawBufferPointer(rebasing: memory[..<used]).copyMemory(from: bytes)
        } else {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: wanted, alignment: 16)
            larger.copyMemory(from: bytes)
            memory.deallocate()
            memory = larger
        }
        start = 0
        end = used
    }

    /// Gives up the first bytes, counting their lines.
    func consume(_ number: Int) {
        let piece = UnsafeRawBufferPointer(rebasing: memory[start..<start + number])
        var feeds = 0
        var returns = 0
        for byte in piece {
            feeds &+= byte == 0x0A ? 1 : 0
            returns &+= byte == 0x0D ? 1 : 0
        }
        if returns == 0, !endedWithCR {
            line += feeds
        } else {
            for byte in piece {
                if byte == 0x0D || (byte == 0x0A && !endedWithCR) { line += 1 }
                endedWithCR = byte == 0x0D
            }
        }
        start += number
    }

    /// Gives up the first bytes, whose whole lines the caller has counted; they end between lines.
    @inline(__always)
    func consume(_ number: Int, lines: Int) {
        start &+= number
        line &+= lines
        endedWithCR = false
    }

    /// Skips the first bytes where they are exactly these: a byte order mark.
    @discardableResult
    func skip(_ mark: [UInt8]) throws(FormatError) -> Bool {
        guard try begins(with: mark) else { return false }
        consume(mark.count)
        return true
    }

    /// Whether the window begins with these bytes.
    func begins(with mark: [UInt8]) throws(FormatError) -> Bool {
        try fill(to: mark.count)
        return count >= mark.count && bytes.prefix(mark.count).elementsEqual(mark)
    }
}

/// The UTF-8 byte order mark, which carries no meaning in UTF-8.
let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// Where a line ends, and where the next one begins, in bytes.
struct LineEnd {
    var end: Int
    var next: Int
}

extension ByteWindow {
    /// The end of the window's first line; nil where its first `limit` bytes do not tell.
    private func lineEnd(within limit: Int) -> LineEnd? {
        let bytes = bytes
        guard let start = bytes.baseAddress else { return nil }
        let searched = min(bytes.count, limit)
        let feed = memchr(start, 0x0A, searched).map { UnsafeRawPointer($0) - start }
        if let found = memchr(start, 0x0D, feed ?? searched) {
            let index = UnsafeRawPointer(found) - start
            if index + 1 < bytes.count { return LineEnd(end: index, next: index + (bytes[index + 1] == 0x0A ? 2 : 1)) }
            return sourceEnded ? LineEnd(end: index, next: index + 1) : nil
        }
        if let feed { return LineEnd(end: feed, next: feed + 1) }
        return sourceEnded && searched > 0 && searched == bytes.count ? LineEnd(end: searched, next: searched) : nil
    }

    /// The end of the window's first line, reading as far as `Limits.recordBytes`; nil where the line is longer
    /// or nothing is left.
    func wholeLine() throws(FormatError) -> LineEnd? {
        while true {
            if let found = lineEnd(within: Limits.recordBytes) { return found }
            guard count < Limits.recordBytes else { return nil }
            if try !fill(), count == 0 { return nil }
        }
    }

    /// Consumes the first line and gives it as a refusal, in flat memory however long it is.
    func refuseLine(rule: String, _ message: String) throws(FormatError) -> Refusal {
        let first = line
        if let found = try wholeLine() {
            let raw = Array(bytes[..<found.end])
            consume(found.next, lines: found.next > found.end ? 1 : 0)
            return Refusal(line: first, raw: raw, rule: rule, message: message)
        }
        let raw = Array(bytes.prefix(Limits.keptBytes))
        var length = 0
        while true {
            if let found = lineEnd(within: .max) {
                length += found.end
                consume(found.next, lines: found.next > found.end ? 1 : 0)
                break
            }
            // The last byte stays: a CR there may be the first half of a CR LF.
            let given = max(0, count - 1)
            length += given
            consume(given, lines: 0)
            if try !fill(to: 2), sourceEnded, count == 0 { break }
        }
        return Refusal(
            line: first, raw: raw, byteCount: length, rule: Rule.tooLong,
            message: "The line is longer than \(Limits.recordBytes >> 20) MiB; its first \(raw.count) bytes are kept.")
    }
}
