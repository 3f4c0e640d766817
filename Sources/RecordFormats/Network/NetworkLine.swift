/// The fields and the comment of one line of a network file.
struct NetworkLine {
    /// The fields, separated by spaces and tabs; a field in double quotes may hold them.
    private(set) var tokens: [String] = []
    /// What follows the semicolon, or null.
    private(set) var comment: Value = .null

    /// The flow units that EPANET knows: the first five are US customary, the others SI (EPANET 2.2 and CMS of 2.3).
    static let flowUnits: Set<String> = ["CFS", "GPM", "MGD", "IMGD", "AFD", "LPS", "LPM", "MLD", "CMH", "CMD", "CMS"]
    private static let valveTypes: Set<String> = ["PRV", "PSV", "PBV", "FCV", "TCV", "GPV", "PCV"]

    init(_ raw: [UInt8]) throws(FormatError) {
        switch raw.withUnsafeBytes({ UTF8Check.check($0) }) {
        case .malformed(let offset):
            throw Self.fault("The line contains bytes that are not UTF-8, at byte \(offset + 1).", rule: Rule.undecodable)
        case .null(let offset):
            throw Self.fault("The line contains a null character, at byte \(offset + 1).", rule: Rule.nullCharacter)
        case .ascii, .utf8: break
        }
        let semicolon = raw.firstIndex(of: UInt8(ascii: ";")) ?? raw.count
        if semicolon < raw.count {
            let text = Self.trimmed(raw[(semicolon + 1)...])
            if !text.isEmpty { comment = .text(String(decoding: text, as: UTF8.self)) }
        }
        tokens = try Self.split(raw[..<semicolon])
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    private static func split(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> [String] {
        var tokens: [String] = []
        var rest = bytes.drop(while: isBlank)
        while let first = rest.first {
            let token: ArraySlice<UInt8>
            if first == UInt8(ascii: "\"") {
                rest.removeFirst()
                token = rest.prefix { $0 != UInt8(ascii: "\"") }
                guard token.count < rest.count else { throw fault("A quote on this line is not closed.", rule: Rule.syntax) }
                rest.removeFirst(token.count + 1)
            } else {
                token = rest.prefix { !isBlank($0) }
                rest.removeFirst(token.count)
            }
            tokens.append(String(decoding: token, as: UTF8.self))
            rest = rest.drop(while: isBlank)
        }
        return tokens
    }

    static func fault(_ what: String, rule: String) -> FormatError { FormatError(.data, rule: rule, what) }

    static func isStatus(_ token: String) -> Bool { ["OPEN", "CLOSED", "CV"].contains(token.uppercased()) }

    /// The value of a component's field; an empty token is a field left out.
    static func value(_ token: String, _ name: String, _ kind: NetworkSection.FieldKind, _ section: String) throws(FormatError) -> Value {
        if token.isEmpty { return .null }
        switch kind {
        case .id, .text: return .text(token)
        case .number, .positive:
            guard let number = JSONNumber.normalised(token) else {
                throw fault("The \(name) of a \(section) must be a number.", rule: Rule.syntax)
            }
            if kind == .positive, let size = Double(number), size <= 0 {
                throw fault("The \(name) of a \(section) must be greater than 0.", rule: Rule.syntax)
            }
            return .number(number)
        case .status:
            guard isStatus(token) else {
                throw fault("The status of a pipe must be Open, Closed or CV.", rule: Rule.syntax)
            }
            return .text(token)
        case .valveType:
            guard valveTypes.contains(token.uppercased()) else {
                throw fault("The type of a valve must be one of \(valveTypes.sorted().joined(separator: ", ")).", rule: Rule.syntax)
            }
            return .text(token)
        }
    }

    /// A valve's setting: a number, or for the types that follow a curve the curve's id.
    static func setting(_ token: String, of type: Value) throws(FormatError) -> Value {
        let kind = type.string?.uppercased()
        if let number = JSONNumber.normalised(token), kind != "GPV" { return .number(number) }
        guard kind == "GPV" || kind == "PCV" else {
            throw fault("The setting of a valve must be a number.", rule: Rule.syntax)
        }
        return .text(token)
    }
}
