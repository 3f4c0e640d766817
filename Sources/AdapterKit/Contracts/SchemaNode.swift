import Foundation
import RecordFormats

/// What one schema object asks for. Written by `SchemaCompiler` and never changed afterwards.
final class SchemaNode: @unchecked Sendable {
    struct Kinds: OptionSet, Sendable {
        let rawValue: UInt8
        static let null = Kinds(rawValue: 1)
        static let boolean = Kinds(rawValue: 2)
        static let number = Kinds(rawValue: 4)
        static let integer = Kinds(rawValue: 8)
        static let string = Kinds(rawValue: 16)
        static let array = Kinds(rawValue: 32)
        static let object = Kinds(rawValue: 64)

        static let names: [(name: String, kind: Kinds)] = [
            ("null", .null), ("boolean", .boolean), ("number", .number), ("integer", .integer), ("string", .string), ("array", .array), ("object", .object),
        ]
        var text: String { Self.names.filter { contains($0.kind) }.map(\.name).sorted().joined(separator: " or ") }
    }

    /// Nil: any.
    var kinds: Kinds?
    var required: [String] = []
    /// Contracts have few members: looking through them is quicker than hashing.
    var properties: [(name: String, node: SchemaNode)] = []
    /// For members that `properties` does not name; nil: allowed.
    var additional: SchemaNode?
    var allowed: [Value]?
    var minimum: Double?
    var maximum: Double?
    var minLength: Int?
    var maxLength: Int?
    var minItems: Int?
    var maxItems: Int?
    var pattern: ValuePattern?
    var items: SchemaNode?
    var isDateTime = false
    var reference: String?
    var anyOf: [SchemaNode] = []
    var oneOf: [SchemaNode] = []
    var allOf: [SchemaNode] = []
    /// The schema `false`.
    var never = false
    var limits: SchemaLimits?

    func violation(_ value: Value) -> Violation? {
        if never { return Violation("is not allowed.") }
        if let kinds, !Self.fits(value, kinds) { return Violation("must be of the type \(kinds.text), not \(value.kindName).") }
        if let allowed, !allowed.contains(where: { Self.same($0, value) }) { return Violation("is none of the allowed values.") }
        let own: Violation? =
            switch value {
            case .object(let members): violation(members)
            case .array(let elements): violation(elements)
            case .text(let text): violation(text)
            case .number(let digits): violation(number: digits)
            case .null, .bool: nil
            }
        return own ?? limits?.violation(value) ?? combined(value)
    }

    private func violation(_ members: [Member]) -> Violation? {
        for name in required where !members.contains(where: { $0.name == name }) { return Violation("is missing.", at: name) }
        for member in members {
            if let property = properties.first(where: { $0.name == member.name }) {
                if let found = property.node.violation(member.value) { return found.inside(member.name) }
            } else if let additional, limits?.patternProperties.contains(where: { $0.pattern.first(in: member.name) != .noMatch }) != true {
                if additional.never { return Violation("is not known.", at: member.name) }
                if let found = additional.violation(member.value) { return found.inside(member.name) }
            }
        }
        return nil
    }

    private func violation(_ elements: [Value]) -> Violation? {
        if let minItems, elements.count < minItems { return Violation("needs at least \(minItems) elements.") }
        if let maxItems, elements.count > maxItems { return Violation("may have at most \(maxItems) elements.") }
        guard let items else { return nil }
        for (number, element) in elements.enumerated().dropFirst(limits?.prefixItems.count ?? 0) {
            if let found = items.violation(element) { return found.inside(String(number)) }
        }
        return nil
    }

    private func violation(_ text: String) -> Violation? {
        // A character takes one to four bytes: mostly the bytes alone decide.
        if let minLength, text.utf8.count < minLength * 4, text.unicodeScalars.count < minLength {
            return Violation("must have at least \(minLength) characters.")
        }
        if let maxLength, text.utf8.count > maxLength, text.unicodeScalars.count > maxLength {
            return Violation("must have at most \(maxLength) characters.")
        }
        if isDateTime {
            let parts = DateReading.parts(of: text, .iso8601)
            if parts?.asUTC == nil || parts?.offset_s == nil || !Self.isRFC3339(text) { return Violation("must be a date-time with a zone (RFC 3339).") }
        }
        if let pattern {
            switch pattern.first(in: text) {
            case .match: break
            case .noMatch: return Violation("must match \(pattern.text).")
            case .tooHard: return Violation("is too long, or too hard, for \(pattern.text).")
            }
        }
        return nil
    }

    /// Of a text that is a date-time in a looser form: a T between date and time, seconds, and an offset of hours and minutes below a day.
    private static func isRFC3339(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count >= 20, bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[16] == UInt8(ascii: ":"),
                !(bytes[11] == UInt8(ascii: "2") && bytes[12] == UInt8(ascii: "4")), let last = bytes.last else { return false }
            if last | 0x20 == UInt8(ascii: "z") { return bytes[bytes.count - 2] &- 48 < 10 && !bytes.contains(UInt8(ascii: ",")) }
            let offset = bytes.count - 6
            return offset >= 19 && bytes[offset] != UInt8(ascii: " ") && bytes[offset + 3] == UInt8(ascii: ":") && bytes[offset - 1] &- 48 < 10
                && !bytes.contains(UInt8(ascii: ","))
        }
    }

    private func violation(number digits: String) -> Violation? {
        guard minimum != nil || maximum != nil, let number = Double(digits) else { return nil }
        if let minimum, number < minimum { return Violation("must be at least \(Self.text(minimum)).") }
        if let maximum, number > maximum { return Violation("must be at most \(Self.text(maximum)).") }
        return nil
    }

    private func combined(_ value: Value) -> Violation? {
        for schema in allOf {
            if let found = schema.violation(value) { return found }
        }
        if !anyOf.isEmpty, !anyOf.contains(where: { $0.violation(value) == nil }) {
            let wanted = anyOf.flatMap(\.required)
            return Violation("fits none of the choices\(wanted.isEmpty ? "" : " (one of \(wanted.joined(separator: ", ")) is needed)").")
        }
        if !oneOf.isEmpty, oneOf.count(where: { $0.violation(value) == nil }) != 1 { return Violation("must fit exactly one of the choices.") }
        return nil
    }

    private static func fits(_ value: Value, _ kinds: Kinds) -> Bool {
        switch value {
        case .null: kinds.contains(.null)
        case .bool: kinds.contains(.boolean)
        case .text: kinds.contains(.string)
        case .array: kinds.contains(.array)
        case .object: kinds.contains(.object)
        case .number(let digits): kinds.contains(.number) || (kinds.contains(.integer) && isInteger(digits))
        }
    }

    /// Digits only, or a number without a fraction such as 1.0 and 1e3.
    private static func isInteger(_ digits: String) -> Bool {
        if digits.utf8.allSatisfy({ $0 &- 48 < 10 || $0 == UInt8(ascii: "-") }) { return true }
        guard let number = Double(digits) else { return false }
        return number.rounded() == number
    }

    /// Equal as JSON: numbers by their value, members in any order, texts by their code points.
    static func same(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let x), .bool(let y)): x == y
        case (.number(let x), .number(let y)): x == y || (Double(x) != nil && Double(x) == Double(y))
        case (.text(let x), .text(let y)): x.utf8.elementsEqual(y.utf8)
        case (.array(let x), .array(let y)): x.count == y.count && zip(x, y).allSatisfy { same($0, $1) }
        case (.object(let x), .object(let y)):
            x.count == y.count && x.allSatisfy { member in y.contains { $0.name == member.name && same($0.value, member.value) } }
        default: false
        }
    }

    static func text(_ number: Double) -> String {
        number.rounded() == number && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }
}
