/// Walks through a JSON document in a window of bytes, consuming as it goes.
struct JSONCursor {
    let window: ByteWindow

    /// The next byte that is no white space, not consumed; nil at the end of the input.
    func peek() throws(FormatError) -> UInt8? {
        while true {
            let bytes = window.bytes
            var index = 0
            while index < bytes.count {
                switch bytes[index] {
                case 0x20, 0x09, 0x0A, 0x0D: index &+= 1
                default:
                    let byte = bytes[index]
                    if index > 0 { window.consume(index) }
                    return byte
                }
            }
            window.consume(index)
            if try !window.fill() { return nil }
        }
    }

    /// Consumes one byte if it is the next that is no white space.
    func take(_ byte: Character) throws(FormatError) -> Bool {
        guard try peek() == byte.asciiValue else { return false }
        window.consume(1)
        return true
    }

    /// The length of the value that begins at the window's first byte; nil where it is longer than
    /// `Limits.recordBytes` or the input ends inside it.
    func extent() throws(FormatError) -> Int? {
        var extent = JSONExtent()
        var seen = 0
        while true {
            if let end = extent.end(in: window.bytes, from: seen) { return end <= Limits.recordBytes ? end : nil }
            seen = window.count
            guard seen <= Limits.recordBytes else { return nil }
            // A scalar may end with the input.
            if try !window.fill() { return isScalar && seen > 0 ? seen : nil }
        }
    }

    private var isScalar: Bool {
        guard let first = window.bytes.first else { return false }
        return first != UInt8(ascii: "{") && first != UInt8(ascii: "[") && first != UInt8(ascii: "\"")
    }

    /// A value that was stepped over.
    struct Skipped {
        /// Its first bytes, at most `Limits.keptBytes`.
        var kept: [UInt8] = []
        /// Its length in bytes.
        var length = 0
        /// Whether the input held its end.
        var complete = true
    }

    /// Consumes a value of any length in flat memory.
    func skipValue() throws(FormatError) -> Skipped {
        var skipped = Skipped()
        var extent = JSONExtent()
        let scalar = isScalar
        while true {
            let end = extent.end(in: window.bytes, from: 0)
            let taken = end ?? window.count
            skipped.kept += window.bytes.prefix(min(taken, Limits.keptBytes - skipped.kept.count))
            skipped.length += taken
            window.consume(taken)
            if end != nil { return skipped }
            if try !window.fill() {
                skipped.complete = scalar
                return skipped
            }
        }
    }

    /// Consumes a member's name and its colon.
    func name() throws(FormatError) -> String {
        guard try peek() == UInt8(ascii: "\""), let length = try extent() else {
            throw fault("A member name in double quotes is expected.")
        }
        let value = try JSONParser.parse(UnsafeRawBufferPointer(rebasing: window.bytes[..<length]))
        window.consume(length)
        guard try take(":"), case .text(let name) = value else { throw fault("A colon is expected after a member name.") }
        return name
    }

    func fault(_ what: String) -> FormatError {
        FormatError(
            .data, rule: Rule.syntax, what, line: window.line,
            advice: "Check that the input is one whole JSON document and was not cut off.")
    }
}
