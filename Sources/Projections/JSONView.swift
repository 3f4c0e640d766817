/// One JSON value inside a payload: borrowed bytes, scanned where they lie, never decoded into a tree.
///
/// Payloads were checked when they were appended (RFC 8259, no duplicate keys), so the scanner only has to find its way;
/// on anything else it ends early and never reads outside its bytes.
package struct JSONView {
    /// The value's bytes without blanks around them.
    package let bytes: UnsafeRawBufferPointer

    package enum Kind { case object, array, text, number, bool, null }

    /// - Parameter bytes: one JSON value, blanks around it allowed.
    package init(_ bytes: UnsafeRawBufferPointer) {
        var from = 0, to = bytes.count
        while from < to, isBlank(bytes[from]) { from += 1 }
        while to > from, isBlank(bytes[to - 1]) { to -= 1 }
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[from..<to])
    }

    package var kind: Kind {
        switch bytes.first ?? UInt8(ascii: "n") {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .text
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: .null
        }
    }

    /// Hands over the members of an object in order: the name's raw bytes, escapes as written, and the value.
    package func members(_ body: (UnsafeRawBufferPointer, JSONView) throws -> Void) rethrows {
        guard kind == .object else { return }
        var at = 1
        while true {
            at = skipBlanksAndCommas(at)
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return }
            let nameEnd = endOfString(at)
            let name = UnsafeRawBufferPointer(rebasing: bytes[(at + 1)..<max(at + 1, nameEnd - 1)])
            at = skipBlanks(nameEnd)
            guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return }
            at = skipBlanks(at + 1)
            let end = endOfValue(at)
            guard end > at else { return }
            try body(name, JSONView(UnsafeRawBufferPointer(rebasing: bytes[at..<end])))
            at = end
        }
    }

    /// Hands over the elements of an array in order.
    package func elements(_ body: (JSONView) throws -> Void) rethrows {
        guard kind == .array else { return }
        var at = 1
        while true {
            at = skipBlanksAndCommas(at)
            guard at < bytes.count, bytes[at] != UInt8(ascii: "]") else { return }
            let end = endOfValue(at)
            guard end > at else { return }
            try body(JSONView(UnsafeRawBufferPointer(rebasing: bytes[at..<end])))
            at = end
        }
    }

    /// The member of an object, found by its name (written without escapes); nil where it is absent or null.
    package subscript(name: StaticString) -> JSONView? {
        var found: JSONView?
        members { key, value in
            if found == nil, key.count == name.utf8CodeUnitCount, key.elementsEqual(UnsafeRawBufferPointer(start: name.utf8Start, count: key.count)) { found = value }
        }
        return found?.kind == .null ? nil : found
    }

    private func skipBlanks(_ from: Int) -> Int {
        var at = from
        while at < bytes.count, isBlank(bytes[at]) { at += 1 }
        return at
    }

    private func skipBlanksAndCommas(_ from: Int) -> Int {
        var at = from
        while at < bytes.count, isBlank(bytes[at]) || bytes[at] == UInt8(ascii: ",") { at += 1 }
        return at
    }

    /// After the closing quotation mark of the string that starts here.
    private func endOfString(_ from: Int) -> Int {
        var at = from + 1
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\\"): at += 2
            case UInt8(ascii: "\""): return at + 1
            default: at += 1
            }
        }
        return bytes.count
    }

    private func endOfValue(_ from: Int) -> Int {
        guard from < bytes.count else { return from }
        switch bytes[from] {
        case UInt8(ascii: "\""): return endOfString(from)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var at = from, depth = 0
            while at < bytes.count {
                switch bytes[at] {
                case UInt8(ascii: "\""): at = endOfString(at); continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return at + 1 }
                default: break
                }
                at += 1
            }
            return bytes.count
        default:
            var at = from
            while at < bytes.count, !isBlank(bytes[at]), bytes[at] != UInt8(ascii: ","), bytes[at] != UInt8(ascii: "}"), bytes[at] != UInt8(ascii: "]") {
                at += 1
            }
            return at
        }
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
