import Foundation

/// A value for `$1`, `$2` … of a statement. Sent as text, or as bytes where it is `bytes`; the server infers the type.
package enum Parameter: Sendable {
    case null
    case text(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    /// A `bytea`.
    case bytes([UInt8])

    /// An integer, or null.
    package static func int(_ value: Int64?) -> Parameter { value.map { .int($0) } ?? .null }
    /// A text, or null.
    package static func text(_ value: String?) -> Parameter { value.map { .text($0) } ?? .null }
    /// A `timestamptz`, or null.
    package static func timestamp(_ value: Timestamp?) -> Parameter { value.map { .text($0.description) } ?? .null }

    /// The bytes as libpq wants them (text ends with a zero byte), and whether they are binary.
    var encoded: (bytes: [UInt8]?, isBinary: Bool) {
        switch self {
        case .null: return (nil, false)
        case .text(let value): return (Array(value.utf8) + [0], false)
        case .int(let value): return (Array(String(value).utf8) + [0], false)
        case .double(let value): return (Array("\(value)".utf8) + [0], false)
        case .bool(let value): return (Array((value ? "t" : "f").utf8) + [0], false)
        case .bytes(let value): return (value, true)
        }
    }
}

extension Parameter: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}

/// Quoting for the places of a statement that take no parameter.
package enum SQL {
    /// `"name"`, with quotation marks doubled.
    package static func identifier(_ name: String) -> String {
        "\"" + name.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    /// `'text'`, with apostrophes doubled; safe with and without backslashes.
    package static func literal(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\\") }) else { return "'\(text)'" }
        let doubled = text.replacingOccurrences(of: "'", with: "''")
        return text.contains("\\") ? "E'" + doubled.replacingOccurrences(of: "\\", with: "\\\\") + "'" : "'" + doubled + "'"
    }

    /// A `text[]` in PostgreSQL's own form, for a parameter: `{"a","b"}`.
    package static func array(_ texts: [String]) -> String {
        "{" + texts.map { "\"" + $0.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\"" }.joined(separator: ",") + "}"
    }
}
