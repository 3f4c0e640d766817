/// Finds where a JSON value ends by its brackets and quotes alone, in pieces: nothing is parsed or kept.
struct JSONExtent {
    private enum Kind { case unknown, nested, string, scalar }

    private var kind = Kind.unknown
    private var depth = 0
    private var inString = false
    private var escaped = false

    /// Looks at the next bytes of the value; the number of bytes up to and including its end, or nil where it
    /// goes on beyond them. A scalar ends before the byte that follows it.
    mutating func end(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        if kind == .unknown, index < bytes.count { begin(with: bytes[index], &index) }
        while index < bytes.count {
            let byte = bytes[index]
            if inString {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                    if kind == .string { return index + 1 }
                }
            } else {
                switch byte {
                case UInt8(ascii: "\"") where kind == .nested: inString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if kind == .scalar { return index }
                    depth -= 1
                    if depth == 0 { return index + 1 }
                case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                    if kind == .scalar { return index }
                default: break
                }
            }
            index &+= 1
        }
        return nil
    }

    private mutating func begin(with byte: UInt8, _ index: inout Int) {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): kind = .nested
        case UInt8(ascii: "\""):
            kind = .string
            inString = true
            index += 1
        default: kind = .scalar
        }
    }
}

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

    /// Consumes a value of any length in flat memory; its length, and whether the input held its end.
    func skipValue() throws(FormatError) -> (length: Int, complete: Bool) {
        var extent = JSONExtent()
        var length = 0
        while true {
            if let end = extent.end(in: window.bytes, from: 0) {
                window.consume(end)
                return (length + end, true)
            }
            length += window.count
            let scalar = length == window.count && isScalar
            window.consume(window.count)
            if try !window.fill() { return (length, scalar) }
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
