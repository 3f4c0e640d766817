/// Parses JSON5 (spec.json5.org, version 1.0.0) into a tree that knows its lines.
///
/// Everything of JSON5 is read: comments, unquoted and single-quoted keys, trailing commas, hexadecimal
/// numbers, signs, bare decimal points, line continuations. Refused: `Infinity` and `NaN` (JSON cannot hold
/// them), null characters, lone surrogates, repeated keys, nesting beyond `Limits.depth`.
package enum JSON5Parser {
    /// Parses a text. Throws `data` with `file`, line and column of the mistake.
    package static func parse(_ text: String, file: String) throws(FormatError) -> LocatedValue {
        var scanner = JSON5Scanner(Array(text.unicodeScalars), file: file)
        try scanner.skipSpace()
        let value = try scanner.value(depth: 0)
        try scanner.skipSpace()
        guard scanner.peek == nil else {
            throw scanner.fault("Something follows the end of the value.", advice: "A file holds exactly one value.")
        }
        return value
    }
}

/// The position of a parse. Manifests are small, so this scans scalars, which keeps columns simple.
struct JSON5Scanner {
    private let scalars: [Unicode.Scalar]
    private let file: String
    private(set) var index = 0
    private(set) var line = 1
    private var lineStart = 0

    init(_ scalars: [Unicode.Scalar], file: String) {
        self.scalars = scalars
        self.file = file
    }

    var column: Int { index - lineStart + 1 }
    var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    func peek(_ offset: Int) -> Unicode.Scalar? {
        index + offset < scalars.count ? scalars[index + offset] : nil
    }

    func fault(
        _ what: String, rule: String = Rule.syntax, line: Int? = nil, column: Int? = nil, advice: String? = nil
    ) -> FormatError {
        FormatError(
            .data, rule: rule, what, file: file, line: line ?? self.line, column: column ?? self.column, advice: advice)
    }

    /// Steps over one scalar and counts lines; CR LF counts once.
    mutating func advance() {
        guard let scalar = peek else { return }
        index += 1
        let endsLine = scalar == "\n" || scalar == "\u{2028}" || scalar == "\u{2029}" || (scalar == "\r" && peek != "\n")
        if endsLine {
            line += 1
            lineStart = index
        }
    }

    /// Skips white space and comments.
    mutating func skipSpace() throws(FormatError) {
        while let scalar = peek {
            if Self.isSpace(scalar) {
                advance()
            } else if scalar == "/", peek(1) == "/" {
                while let inside = peek, !Self.endsLine(inside) { _ = inside; advance() }
            } else if scalar == "/", peek(1) == "*" {
                let (startLine, startColumn) = (line, column)
                advance()
                advance()
                while peek != nil, !(peek == "*" && peek(1) == "/") { advance() }
                guard peek != nil else {
                    throw fault("The comment is not closed.", line: startLine, column: startColumn, advice: "Add */ at its end.")
                }
                advance()
                advance()
            } else {
                return
            }
        }
    }

    static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\r" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "\n", "\r", "\u{0B}", "\u{0C}", "\u{A0}", "\u{FEFF}", "\u{2028}", "\u{2029}": true
        default: scalar.value > 0x7F && scalar.properties.generalCategory == .spaceSeparator
        }
    }

    mutating func value(depth: Int) throws(FormatError) -> LocatedValue {
        let (line, column) = (line, column)
        guard depth <= Limits.depth else { throw fault("The value is nested deeper than \(Limits.depth) levels.") }
        guard let scalar = peek else { throw fault("The text ends where a value is expected.") }
        let node: LocatedValue.Node
        switch scalar {
        case "{": node = .object(try members(depth: depth))
        case "[": node = .array(try elements(depth: depth))
        case "\"", "'": node = .string(try string())
        case "+", "-", ".", "0"..."9": node = .number(try number())
        default: node = try word()
        }
        return LocatedValue(line: line, column: column, node: node)
    }

    private mutating func word() throws(FormatError) -> LocatedValue.Node {
        let (line, column) = (line, column)
        guard Self.beginsName(peek) else { throw fault("No value begins here.") }
        let name = try identifier()
        switch name {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "Infinity", "NaN":
            throw fault("Infinity and NaN are not numbers here.", line: line, column: column, advice: "Write a finite number or null.")
        default:
            throw fault("A word without quotes is no value.", line: line, column: column, advice: "Put the text in quotes.")
        }
    }

    private mutating func elements(depth: Int) throws(FormatError) -> [LocatedValue] {
        let (startLine, startColumn) = (line, column)
        var result: [LocatedValue] = []
        advance()
        while true {
            try skipSpace()
            guard let scalar = peek else {
                throw fault("The array is not closed.", line: startLine, column: startColumn, advice: "Add ] at its end.")
            }
            if scalar == "]" {
                advance()
                return result
            }
            result.append(try value(depth: depth + 1))
            try skipSpace()
            if peek == "," {
                advance()
            } else if peek != nil, peek != "]" {
                throw fault("A comma or ] is expected here.")
            }
        }
    }

    private mutating func members(depth: Int) throws(FormatError) -> [LocatedMember] {
        let (startLine, startColumn) = (line, column)
        var result: [LocatedMember] = []
        var names: Set<String> = []
        advance()
        while true {
            try skipSpace()
            guard let scalar = peek else {
                throw fault("The object is not closed.", line: startLine, column: startColumn, advice: "Add } at its end.")
            }
            if scalar == "}" {
                advance()
                return result
            }
            let (keyLine, keyColumn) = (line, column)
            let name = try key()
            guard names.insert(name).inserted else {
                throw fault(
                    "The key \"\(name)\" occurs twice in one object.", rule: Rule.duplicateKey, line: keyLine, column: keyColumn,
                    advice: "Keep one of them.")
            }
            try skipSpace()
            guard peek == ":" else { throw fault("A colon is expected after the key \"\(name)\".") }
            advance()
            try skipSpace()
            result.append(LocatedMember(name: name, line: keyLine, column: keyColumn, value: try value(depth: depth + 1)))
            try skipSpace()
            if peek == "," {
                advance()
            } else if peek != nil, peek != "}" {
                throw fault("A comma or } is expected after the value of \"\(name)\".")
            }
        }
    }

    private mutating func key() throws(FormatError) -> String {
        if peek == "\"" || peek == "'" { return try string() }
        guard Self.beginsName(peek) else {
            throw fault("A key is expected here.", advice: "A key is a name, or any text in quotes.")
        }
        return try identifier()
    }
}
