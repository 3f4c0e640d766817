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
