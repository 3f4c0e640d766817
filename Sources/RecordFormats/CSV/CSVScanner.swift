/// Where a field's text stands in its row's bytes.
struct FieldSpan {
    var start: Int32
    var end: Int32
    /// Whether doubled quotes stand inside, to be halved.
    var hasDoubledQuotes: Bool
}

/// Finds the fields of one row by looking at separators, quotes and line ends alone. In every encoding that
/// reaches this scanner those bytes are never part of a longer character (GB18030's trail bytes begin at 0x30
/// and hold `|` and `\`, but neither `,` nor `"` nor a line's end).
final class CSVScanner {
    /// What the scan of a row came to.
    enum Outcome {
        /// The row's bytes end at `end`, the next row begins at `next`.
        case row(end: Int, next: Int)
        /// The window does not hold the row's end yet.
        case needsMore
        /// The input ended inside quotes, in this 1-based field.
        case unterminated(field: Int)
        /// Text follows a closing quote, in this 1-based field.
        case afterQuote(field: Int)
        /// Far more fields than the header has, over several lines: a quote is not closed.
        case runaway
    }

    let delimiter: UInt8
    /// nil where fields are never quoted.
    let quote: UInt8?
    let trim: Bool
    /// Beyond this many fields no spans are kept, only counted.
    var spanLimit = 65_536
    /// The room for spans; owned here because appending to an array costs as much as finding a short field.
    private var room = UnsafeMutableBufferPointer<FieldSpan>.allocate(capacity: 64)
    /// How many fields the last row has, kept or not.
    private(set) var fieldCount = 0
    /// How many lines end inside the last row's quotes.
    private(set) var innerLines = 0
    private var hasQuotes = false

    init(delimiter: UInt8, quote: UInt8?, trim: Bool) {
        self.delimiter = delimiter
        self.quote = quote
        self.trim = trim
    }

    deinit { room.deallocate() }

    /// The fields of the last row, as many as were kept; valid until the next scan.
    var spans: UnsafeBufferPointer<FieldSpan> { UnsafeBufferPointer(rebasing: room[..<min(fieldCount, spanLimit)]) }

    /// Whether the last row is an empty line.
    var isBlank: Bool { fieldCount == 1 && !hasQuotes && spans.first.map { $0.start == $0.end } ?? false }

    /// Scans the row that begins at `start`.
    func scan(_ bytes: UnsafeRawBufferPointer, from start: Int, atEnd: Bool) -> Outcome {
        fieldCount = 0
        innerLines = 0
        hasQuotes = false
        var index = start
        while true {
            if fieldCount >= spanLimit, innerLines > 0 { return .runaway }
            var begin = index
            if trim { begin = skipBlanks(bytes, from: begin) }
            var next: Int
            if let quote, begin < bytes.count, bytes[begin] == quote {
                switch quoted(bytes, from: begin + 1, quote: quote, atEnd: atEnd) {
                case .closed(let end): next = end
                case .open: return atEnd ? .unterminated(field: fieldCount + 1) : .needsMore
                }
                if trim { next = skipBlanks(bytes, from: next) }
                if next < bytes.count, bytes[next] != delimiter, bytes[next] != 0x0A, bytes[next] != 0x0D {
                    return .afterQuote(field: fieldCount)
                }
            } else {
                next = begin
                let delimiter = delimiter
                while next < bytes.count {
                    let byte = bytes[next]
                    if byte == delimiter || byte == 0x0A || byte == 0x0D { break }
                    next &+= 1
                }
                keep(FieldSpan(start: Int32(begin), end: Int32(trim ? dropBlanks(bytes, begin, next) : next), hasDoubledQuotes: false))
            }
            guard next < bytes.count else { return atEnd ? .row(end: next, next: next) : .needsMore }
            if bytes[next] == delimiter {
                index = next &+ 1
                continue
            }
            if bytes[next] == 0x0A { return .row(end: next, next: next + 1) }
            if next + 1 < bytes.count { return .row(end: next, next: next + (bytes[next + 1] == 0x0A ? 2 : 1)) }
            return atEnd ? .row(end: next, next: next + 1) : .needsMore
        }
    }

    @inline(__always)
    private func keep(_ span: FieldSpan) {
        if fieldCount < spanLimit {
            if fieldCount == room.count { grow() }
            room[fieldCount] = span
        }
        fieldCount &+= 1
    }

    private func grow() {
        let larger = UnsafeMutableBufferPointer<FieldSpan>.allocate(capacity: room.count * 2)
        _ = larger.update(fromContentsOf: room)
        room.deallocate()
        room = larger
    }

    private enum Quoted {
        case closed(next: Int)
        case open
    }

    private func quoted(_ bytes: UnsafeRawBufferPointer, from start: Int, quote: UInt8, atEnd: Bool) -> Quoted {
        var index = start
        var doubled = false
        hasQuotes = true
        while index < bytes.count {
            let byte = bytes[index]
            if byte == quote {
                if index + 1 < bytes.count {
                    guard bytes[index + 1] == quote else { break }
                    doubled = true
                    index &+= 2
                    continue
                }
                if atEnd { break }
                return .open
            }
            if byte == 0x0A || (byte == 0x0D && !(index + 1 < bytes.count && bytes[index + 1] == 0x0A)) { innerLines += 1 }
            index &+= 1
        }
        guard index < bytes.count else { return .open }
        keep(FieldSpan(start: Int32(start), end: Int32(index), hasDoubledQuotes: doubled))
        return .closed(next: index + 1)
    }

    private func isBlank(_ byte: UInt8) -> Bool { (byte == 0x20 || byte == 0x09) && byte != delimiter }

    private func skipBlanks(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index < bytes.count, isBlank(bytes[index]) { index += 1 }
        return index
    }

    private func dropBlanks(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
        var index = end
        while index > start, isBlank(bytes[index - 1]) { index -= 1 }
        return index
    }
}
