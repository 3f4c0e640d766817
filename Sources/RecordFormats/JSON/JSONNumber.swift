/// JSON's grammar of numbers (RFC 8259, section 6), over bytes.
package enum JSONNumber {
    /// Whether the text is a number in JSON's grammar.
    package static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { end(in: $0, from: 0) == bytes.count && !bytes.isEmpty }
    }

    /// The same number in JSON's grammar, for spellings that people and older programs write:
    /// `+5`, `.5`, `5.`, `007`, `1.E3`. Nil where the text is no finite decimal number.
    package static func normalised(_ text: String) -> String? {
        var rest = Array(text.utf8)[...]
        var result: [UInt8] = []
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            if sign == UInt8(ascii: "-") { result.append(sign) }
            rest.removeFirst()
        }
        let whole = rest.prefix { isDigit($0) }
        rest.removeFirst(whole.count)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix { isDigit($0) }
            rest.removeFirst(fraction.count + 1)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let digits = whole.drop { $0 == UInt8(ascii: "0") }
        result += digits.isEmpty ? [UInt8(ascii: "0")] : Array(digits)
        if !fraction.isEmpty { result += [UInt8(ascii: ".")] + fraction }
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            result.append(UInt8(ascii: "e"))
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                result.append(sign)
                rest.removeFirst()
            }
            let exponent = rest.prefix { isDigit($0) }
            guard !exponent.isEmpty else { return nil }
            result += exponent
            rest.removeFirst(exponent.count)
        }
        guard rest.isEmpty else { return nil }
        // A number that already was JSON stays as written, its exponent's capital letter included.
        return isValid(text) ? text : String(decoding: result, as: UTF8.self)
    }

    /// Where the number that begins at `start` ends; nil where none begins there or it breaks off.
    @inline(__always)
    static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var index = start
        let count = bytes.count
        if index < count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        guard index < count, isDigit(bytes[index]) else { return nil }
        if bytes[index] == UInt8(ascii: "0") {
            index += 1
        } else {
            while index < count, isDigit(bytes[index]) { index += 1 }
        }
        if index < count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard index < count, isDigit(bytes[index]) else { return nil }
            while index < count, isDigit(bytes[index]) { index += 1 }
        }
        if index < count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
            guard index < count, isDigit(bytes[index]) else { return nil }
            while index < count, isDigit(bytes[index]) { index += 1 }
        }
        return index
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
