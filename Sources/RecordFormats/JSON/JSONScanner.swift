/// The position of a parse; a value is consumed by the method that is named after it.
struct JSONScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0
    /// Where strings with escapes are put together.
    var scratch: [UInt8] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var atEnd: Bool { index >= bytes.count }

    @inline(__always)
    mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index &+= 1
            default: return
            }
        }
    }

    func fault(_ what: String, rule: String = Rule.syntax, at offset: Int? = nil) -> FormatError {
        let place = min(offset ?? index, bytes.count)
        let line = 1 + bytes[..<place].reduce(into: 0) { count, byte in if byte == 0x0A { count += 1 } }
        return FormatError(.data, rule: rule, "\(what), at byte \(place + 1).", line: line, offset: place)
    }

    mutating func value(depth: Int) throws(FormatError) -> Value {
        skipSpace()
        guard index < bytes.count else { throw fault("The JSON text ends where a value is expected") }
        switch bytes[index] {
        case UInt8(ascii: "\""):
            return .text(try string())
        case UInt8(ascii: "{"):
            return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "-"), 0x30...0x39:
            return .number(try number())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default:
            throw fault("No JSON value begins here")
        }
    }

    private mutating func word(_ expected: StaticString) throws(FormatError) {
        for offset in 0..<expected.utf8CodeUnitCount {
            guard index + offset < bytes.count, bytes[index + offset] == expected.utf8Start[offset] else {
                throw fault("No JSON value begins here")
            }
        }
        index += expected.utf8CodeUnitCount
    }

    private mutating func number() throws(FormatError) -> String {
        guard let end = JSONNumber.end(in: bytes, from: index) else {
            throw fault("The number does not follow JSON's grammar")
        }
        defer { index = end }
        return String(decoding: bytes[index..<end], as: UTF8.self)
    }

    private mutating func elements(depth: Int) throws(FormatError) -> [Value] {
        guard depth <= Limits.depth else { throw fault("The value is nested deeper than \(Limits.depth) levels") }
        index += 1
        var result: [Value] = []
        skipSpace()
        if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
            index += 1
            return result
        }
        while true {
            result.append(try value(depth: depth))
            skipSpace()
            guard index < bytes.count else { throw fault("The JSON text ends inside an array") }
            let byte = bytes[index]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else {
                throw fault("A comma or the array's end is expected here")
            }
            index += 1
            if byte == UInt8(ascii: "]") { return result }
        }
    }

    private mutating func members(depth: Int) throws(FormatError) -> [Member] {
        guard depth <= Limits.depth else { throw fault("The value is nested deeper than \(Limits.depth) levels") }
        index += 1
        var result: [Member] = []
        var names: Set<String>?
        skipSpace()
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
            index += 1
            return result
        }
        while true {
            skipSpace()
            let start = index
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
                throw fault("A member name in double quotes is expected here")
            }
            let name = try string()
            guard isNew(name, among: result, &names) else {
                throw fault("A member name occurs twice in one object", rule: Rule.duplicateKey, at: start)
            }
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
                throw fault("A colon is expected after a member name")
            }
            index += 1
            result.append(Member(name: name, value: try value(depth: depth)))
            skipSpace()
            guard index < bytes.count else { throw fault("The JSON text ends inside an object") }
            let byte = bytes[index]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
                throw fault("A comma or the object's end is expected here")
            }
            index += 1
            if byte == UInt8(ascii: "}") { return result }
        }
    }

    /// The values of an object whose names are known and hold no escapes, and nothing behind it; nil where it is none, or has other members.
    mutating func values(count: Int) throws(FormatError) -> [Value]? {
        skipSpace()
        guard count > 0, index < bytes.count, bytes[index] == UInt8(ascii: "{") else { return nil }
        var values: [Value] = []
        values.reserveCapacity(count)
        for number in 0..<count {
            index &+= 1
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
            repeat { index &+= 1 } while index < bytes.count && bytes[index] != UInt8(ascii: "\"")
            index &+= 1
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { return nil }
            index &+= 1
            values.append(try value(depth: 1))
            skipSpace()
            guard index < bytes.count, bytes[index] == (number + 1 < count ? UInt8(ascii: ",") : UInt8(ascii: "}")) else { return nil }
        }
        index &+= 1
        skipSpace()
        return atEnd ? values : nil
    }

    /// Few names are compared one by one, many through a set: an object of 100,000 members stays linear.
    private func isNew(_ name: String, among members: [Member], _ names: inout Set<String>?) -> Bool {
        if members.count < 24 {
            for member in members where member.name == name { return false }
            return true
        }
        if names == nil { names = Set(members.map(\.name)) }
        return names?.insert(name).inserted ?? true
    }
}
