/// A value exactly as a source gave it, before anything is interpreted.
///
/// Numbers keep their digits as text: `1.50` and `1.5` differ in the log if they differ at the source,
/// and no identifier of 20 digits is rounded through a binary floating point number.
package enum Value: Sendable, Hashable {
    /// JSON's `null`, or a column that this record does not fill.
    case null
    /// JSON's `true` or `false`.
    case bool(Bool)
    /// A number in JSON's grammar, digits as written. `JSONNumber` checks and normalises other spellings.
    case number(String)
    /// Text without null characters. Every CSV cell is text; an empty cell is `text("")`.
    case text(String)
    /// A list, in the source's order.
    case array([Value])
    /// Members in the source's order; names are unique.
    case object([Member])
}

/// A named value inside an object.
package struct Member: Sendable, Hashable {
    /// The member's name as written, escapes resolved.
    package var name: String
    /// The member's value.
    package var value: Value

    /// Creates a member.
    package init(name: String, value: Value) {
        self.name = name
        self.value = value
    }
}

extension Value {
    /// The text or the number's digits; nil for every other kind.
    package var string: String? {
        switch self {
        case .text(let text), .number(let text): text
        case .null, .bool, .array, .object: nil
        }
    }

    /// Whether the value says nothing: null or an empty text.
    package var isEmpty: Bool {
        switch self {
        case .null: true
        case .text(let text): text.isEmpty
        case .bool, .number, .array, .object: false
        }
    }

    /// The value's kind in one word, safe for error messages because it never shows the value.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .text: "text"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The member of an object by its exact name; nil for other kinds or an absent member.
    package subscript(member name: String) -> Value? {
        guard case .object(let members) = self else { return nil }
        for member in members where member.name == name { return member.value }
        return nil
    }
}
