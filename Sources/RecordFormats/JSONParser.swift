/// Parses one JSON value (RFC 8259) by scanning bytes.
///
/// Stricter than many: it refuses U+0000 (PostgreSQL cannot hold it), lone surrogates, repeated member names
/// and nesting beyond `Limits.depth`, each with a rule of its own; numbers keep their digits.
package enum JSONParser {
    /// Parses the bytes of one value. Throws `data` with the rule, the byte offset and the line in `bytes`.
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Value {
        var scanner = JSONScanner(bytes.bindMemory(to: UInt8.self))
        let value = try scanner.value(depth: 0)
        scanner.skipSpace()
        guard scanner.atEnd else { throw scanner.fault("Text follows the end of the JSON value") }
        return value
    }

    /// Parses the bytes of one value.
    package static func parse(_ bytes: [UInt8]) throws(FormatError) -> Value {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(FormatError) in try parse(buffer) }
        }
        return try result.get()
    }

    /// Parses any other collection of bytes, copying it first.
    package static func parse(_ bytes: some Collection<UInt8>) throws(FormatError) -> Value {
        try parse(Array(bytes))
    }

    /// Parses a text.
    package static func parse(_ text: String) throws(FormatError) -> Value {
        try parse(Array(text.utf8))
    }
}

/// The position of a parse; a value is consumed by the method that is named after it.
struct JSONScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0
    private var scratch: [UInt8] = []

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

extension JSONScanner {
    /// Consumes a string in double quotes.
    mutating func string() throws(FormatError) -> String {
        index += 1
        let start = index
        var ascii = true
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                let text = bytes[start..<index]
                if !ascii { try checkUTF8(start, index) }
                index += 1
                return String(decoding: text, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            if byte < 0x20 { throw controlFault() }
            if byte >= 0x80 { ascii = false }
            index &+= 1
        }
        throw fault("The JSON text ends inside a string", at: start - 1)
    }

    private func controlFault() -> FormatError {
        bytes[index] == 0
            ? fault("A string contains a null character", rule: Rule.nullCharacter)
            : fault("A string contains a control character that is not escaped")
    }

    private func checkUTF8(_ start: Int, _ end: Int) throws(FormatError) {
        if case .malformed(let offset) = UTF8Check.check(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<end])) {
            throw fault("A string contains bytes that are not UTF-8", rule: Rule.undecodable, at: start + offset)
        }
    }

    /// The slow path: at least one escape; everything before it is plain.
    private mutating func escapedString(from start: Int) throws(FormatError) -> String {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                let malformed: Int? = scratch.withUnsafeBytes {
                    if case .malformed(let offset) = UTF8Check.check($0) { offset } else { nil }
                }
                guard malformed == nil else {
                    throw fault("A string contains bytes that are not UTF-8", rule: Rule.undecodable, at: start)
                }
                return String(decoding: scratch, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") {
                try escape()
                continue
            }
            if byte < 0x20 { throw controlFault() }
            scratch.append(byte)
            index += 1
        }
        throw fault("The JSON text ends inside a string", at: start - 1)
    }

    private mutating func escape() throws(FormatError) {
        let start = index
        guard index + 1 < bytes.count else { throw fault("The JSON text ends inside a string") }
        let kind = bytes[index + 1]
        index += 2
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(kind)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"): try unicodeEscape(from: start)
        default: throw fault("The escape is unknown to JSON", at: start)
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(FormatError) {
        var code = try fourHexDigits()
        if 0xDC00...0xDFFF ~= code {
            throw fault("A low surrogate stands without its high one", rule: Rule.loneSurrogate, at: start)
        }
        if 0xD800...0xDBFF ~= code {
            guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
                throw fault("A high surrogate stands without its low one", rule: Rule.loneSurrogate, at: start)
            }
            index += 2
            let low = try fourHexDigits()
            guard 0xDC00...0xDFFF ~= low else {
                throw fault("A high surrogate stands without its low one", rule: Rule.loneSurrogate, at: start)
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard code != 0, let scalar = Unicode.Scalar(code) else {
            throw fault("A string contains a null character", rule: Rule.nullCharacter, at: start)
        }
        scratch.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
    }

    private mutating func fourHexDigits() throws(FormatError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw fault("The JSON text ends inside a string") }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexValue(bytes[index]) else { throw fault("Four hexadecimal digits are expected here") }
            code = code << 4 | digit
            index += 1
        }
        return code
    }
}

/// The value of a hexadecimal digit, or nil.
func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x41 + 10)
    case 0x61...0x66: UInt32(byte - 0x61 + 10)
    default: nil
    }
}
