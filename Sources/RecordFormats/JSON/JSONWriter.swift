/// Writes compact JSON as UTF-8 bytes; commas are placed by the writer.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.beginObject()
/// writer.member("id", .number("7"))
/// writer.name("tags"); writer.write(.array([]))
/// writer.endObject()          // {"id":7,"tags":[]}
/// ```
package struct JSONWriter: Sendable {
    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Creates an empty writer.
    package init() {}

    /// The bytes of one value.
    package static func encode(_ value: Value) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(value)
        return writer.bytes
    }

    /// What has been written so far, as text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Starts anew, keeping the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Writes a value. Numbers are written with the digits they hold (see `JSONNumber` for other spellings).
    package mutating func write(_ value: Value) {
        switch value {
        case .null: write(literal: "null")
        case .bool(let flag): write(literal: flag ? "true" : "false")
        case .number(let digits):
            assert(JSONNumber.isValid(digits), "A number value must follow JSON's grammar.")
            separate()
            append(digits)
        case .text(let text): write(string: text)
        case .array(let elements):
            beginArray()
            for element in elements { write(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members { self.member(member.name, member.value) }
            endObject()
        }
    }

    /// Writes a text in double quotes, escaped.
    package mutating func write(string: String) {
        separate()
        quote(string)
    }

    /// Writes a whole number.
    package mutating func write(int: Int64) {
        separate()
        append(String(int))
    }

    /// Writes the shortest digits that give the same binary number again; null where it is not finite.
    package mutating func write(double: Double) {
        separate()
        append(double.isFinite ? "\(double)" : "null")
    }

    /// Writes bytes that are one JSON value already.
    package mutating func write(json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Begins an object.
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Ends an object.
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Begins an array.
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Ends an array.
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name; its value must follow.
    package mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member.
    package mutating func member(_ name: String, _ value: Value) {
        self.name(name)
        write(value)
    }

    /// Writes a member that is text.
    package mutating func member(_ name: String, string: String) {
        self.name(name)
        write(string: string)
    }

    private mutating func write(literal: StaticString) {
        separate()
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func quote(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { Self.appendEscaped($0, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends text as it stands between the quotes of a JSON string.
    package static func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        var plain = 0
        var index = plainPrefix(utf8, from: 0)
        while index < utf8.count {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[plain..<index]))
            appendEscape(utf8[index], to: &bytes)
            plain = index + 1
            index = plainPrefix(utf8, from: plain)
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[plain...]))
    }

    /// The first index from `start` whose byte must be escaped, looking at eight at once.
    @inline(__always)
    private static func plainPrefix(_ utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let bytes = UnsafeRawBufferPointer(utf8)
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while index &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5C)
            // A lane's high bit: below 0x20, or equal; bytes of 0x80 and more are never meant. May be wrong upwards only.
            let found = ((word &- ones &* 0x20) | (quote &- ones) | (slash &- ones)) & ~word & (ones &* 0x80)
            if found != 0 { break }
            index &+= 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { break }
            index &+= 1
        }
        return index
    }

    private static func appendEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            let digits: StaticString = "0123456789abcdef"
            bytes.append(contentsOf: [UInt8(ascii: "u"), 0x30, 0x30])
            bytes.append(digits.utf8Start[Int(byte >> 4)])
            bytes.append(digits.utf8Start[Int(byte & 15)])
        }
    }
}
