/// Names, numbers and strings of JSON5.
extension JSON5Scanner {
    /// Whether an ECMAScript 5.1 IdentifierName begins with this scalar (or with an escape).
    static func beginsName(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar == "$" || scalar == "_" || scalar == "\\" || scalar.properties.isIDStart
    }

    private static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        beginsName(scalar) || scalar.properties.isIDContinue || scalar == "\u{200C}" || scalar == "\u{200D}"
    }

    /// Consumes an unquoted name.
    mutating func identifier() throws(FormatError) -> String {
        var name = String.UnicodeScalarView()
        while let scalar = peek, Self.continuesName(scalar) {
            guard scalar == "\\" else {
                name.append(scalar)
                advance()
                continue
            }
            guard peek(1) == "u" else { throw fault("A name may contain only \\u escapes.") }
            advance()
            advance()
            let escaped = try unicodeEscape()
            let allowed = name.isEmpty ? Self.beginsName(escaped) : Self.continuesName(escaped)
            guard allowed, escaped != "\\" else {
                throw fault("The escaped character may not stand in a name without quotes.")
            }
            name.append(escaped)
        }
        return String(name)
    }

    /// Consumes a number and gives it in JSON's grammar.
    mutating func number() throws(FormatError) -> String {
        let (line, column) = (line, column)
        var text = ""
        while let scalar = peek, scalar.isASCII, Self.belongsToNumber(scalar, after: text) {
            text.unicodeScalars.append(scalar)
            advance()
        }
        let unsigned = text.drop { $0 == "+" || $0 == "-" }
        if text.count - unsigned.count <= 1 {
            if unsigned.isEmpty, Self.beginsName(peek) {
                let name = try identifier()
                if name == "Infinity" || name == "NaN" {
                    throw fault(
                        "Infinity and NaN are not numbers here.", line: line, column: column, advice: "Write a finite number or null.")
                }
            } else if unsigned.hasPrefix("0x") || unsigned.hasPrefix("0X") {
                if let value = UInt64(unsigned.dropFirst(2), radix: 16), unsigned.count > 2 {
                    return (text.hasPrefix("-") ? "-" : "") + String(value)
                }
                throw fault(
                    "The hexadecimal number has no digits or more than 64 bits.", line: line, column: column)
            } else if !Self.hasLeadingZero(unsigned), !Self.beginsName(peek), let number = JSONNumber.normalised(text) {
                return number
            }
        }
        throw fault("This is not a number.", line: line, column: column, advice: "Put text in quotes.")
    }

    private static func belongsToNumber(_ scalar: Unicode.Scalar, after text: String) -> Bool {
        switch scalar {
        case "0"..."9", ".", "a"..."f", "A"..."F", "x", "X": true
        // A sign opens the number, or stands right after a decimal exponent's letter.
        case "+", "-": text.isEmpty || (!text.lowercased().contains("x") && (text.hasSuffix("e") || text.hasSuffix("E")))
        default: false
        }
    }

    /// ECMAScript reads 010 as octal or refuses it; nobody means the same by it.
    private static func hasLeadingZero(_ digits: Substring) -> Bool {
        let bytes = Array(digits.utf8.prefix(2))
        return bytes.count == 2 && bytes[0] == UInt8(ascii: "0") && JSONNumber.isDigit(bytes[1])
    }

    /// Consumes a string in single or double quotes.
    mutating func string() throws(FormatError) -> String {
        let (startLine, startColumn) = (line, column)
        let quote = peek
        var text = String.UnicodeScalarView()
        advance()
        while let scalar = peek {
            if scalar == quote {
                advance()
                return String(text)
            }
            if scalar == "\n" || scalar == "\r" { break }
            if scalar == "\0" { throw fault("A string contains a null character.", rule: Rule.nullCharacter) }
            if scalar == "\\" {
                if let escaped = try escape() { text.append(escaped) }
            } else {
                text.append(scalar)
                advance()
            }
        }
        throw fault("The string is not closed on its line.", line: startLine, column: startColumn, advice: "Add the closing quote.")
    }

    /// Consumes an escape; nil for a line continuation, which stands for nothing.
    private mutating func escape() throws(FormatError) -> Unicode.Scalar? {
        advance()
        guard let kind = peek else { throw fault("The text ends inside a string.") }
        if Self.endsLine(kind) {
            advance()
            if kind == "\r", peek == "\n" { advance() }
            return nil
        }
        switch kind {
        case "1"..."9":
            throw fault("The escape is unknown to JSON5.")
        case "0":
            throw fault("A string contains a null character.", rule: Rule.nullCharacter)
        case "x":
            advance()
            return try scalar(of: try hexDigits(2))
        case "u":
            advance()
            return try unicodeEscape()
        default:
            advance()
            return Self.shortEscapes[kind] ?? kind
        }
    }

    private static let shortEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}",
    ]

    /// Consumes what follows `\u`, with the second half of a surrogate pair.
    private mutating func unicodeEscape() throws(FormatError) -> Unicode.Scalar {
        let high = try hexDigits(4)
        guard 0xD800...0xDBFF ~= high else { return try scalar(of: high) }
        if peek == "\\", peek(1) == "u" {
            advance()
            advance()
            let low = try hexDigits(4)
            if 0xDC00...0xDFFF ~= low { return try scalar(of: 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) }
        }
        throw fault("A high surrogate stands without its low one.", rule: Rule.loneSurrogate)
    }

    private func scalar(of code: UInt32) throws(FormatError) -> Unicode.Scalar {
        guard code != 0 else { throw fault("A string contains a null character.", rule: Rule.nullCharacter) }
        guard let scalar = Unicode.Scalar(code) else {
            throw fault("A low surrogate stands without its high one.", rule: Rule.loneSurrogate)
        }
        return scalar
    }

    private mutating func hexDigits(_ count: Int) throws(FormatError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<count {
            guard let next = peek, next.isASCII, let digit = hexValue(UInt8(next.value)) else {
                throw fault("\(count) hexadecimal digits are expected here.")
            }
            code = code << 4 | digit
            advance()
        }
        return code
    }
}
