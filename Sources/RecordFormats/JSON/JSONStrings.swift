/// Strings of JSON, without escapes as fast as the bytes can be looked at.
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
