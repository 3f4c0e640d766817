/// A value of a hand-written file together with the place where it stands, so that a later check
/// (an unknown key, a wrong type) can point at the line.
package struct LocatedValue: Sendable, Hashable {
    /// The kinds of value.
    package enum Node: Sendable, Hashable {
        /// `null`.
        case null
        /// `true` or `false`.
        case bool(Bool)
        /// A number in JSON's grammar: hexadecimal, signs and bare points are normalised, other digits kept.
        case number(String)
        /// A text.
        case string(String)
        /// A list.
        case array([LocatedValue])
        /// Members in the file's order; names are unique.
        case object([LocatedMember])
    }

    /// The 1-based line of the value's first character.
    package let line: Int
    /// The 1-based column of the value's first character, in Unicode scalars.
    package let column: Int
    /// The value.
    package let node: Node

    /// Creates a value at a place.
    package init(line: Int, column: Int, node: Node) {
        self.line = line
        self.column = column
        self.node = node
    }

    /// The same value without places.
    package var plain: Value {
        switch node {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .number(let digits): .number(digits)
        case .string(let text): .text(text)
        case .array(let elements): .array(elements.map(\.plain))
        case .object(let members): .object(members.map { Member(name: $0.name, value: $0.value.plain) })
        }
    }

    /// The members, or nil where this is no object.
    package var members: [LocatedMember]? {
        if case .object(let members) = node { members } else { nil }
    }

    /// The elements, or nil where this is no array.
    package var elements: [LocatedValue]? {
        if case .array(let elements) = node { elements } else { nil }
    }

    /// The text, or nil where this is no string.
    package var string: String? {
        if case .string(let text) = node { text } else { nil }
    }

    /// The value of an object's member; nil for other kinds or an absent member.
    package subscript(name: String) -> LocatedValue? {
        members?.first { $0.name == name }?.value
    }
}

/// A member of an object and the place of its key.
package struct LocatedMember: Sendable, Hashable {
    /// The key, quotes and escapes resolved.
    package let name: String
    /// The 1-based line of the key.
    package let line: Int
    /// The 1-based column of the key, in Unicode scalars.
    package let column: Int
    /// The value.
    package let value: LocatedValue

    /// Creates a member at a place.
    package init(name: String, line: Int, column: Int, value: LocatedValue) {
        self.name = name
        self.line = line
        self.column = column
        self.value = value
    }
}
