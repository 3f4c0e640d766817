import Foundation
import RecordFormats

/// A JSON Schema (2020-12), compiled, of the subset that contracts use: `type, required, properties, additionalProperties, enum, const,
/// minimum, maximum, minLength, maxLength, minItems, maxItems, pattern, items, format: date-time, $ref` into the own `$defs`,
/// `anyOf, oneOf, allOf`. Any other key that would constrain is an error.
package struct JSONSchema: Sendable {
    private let nodes: [Node]
    private let root: Int

    /// What one schema object asks for; other schema objects are numbers of `nodes`.
    struct Node: Sendable {
        var types: Set<Kind>?
        var required: [String] = []
        var properties: [String: Int] = [:]
        var additional: Additional = .allowed
        var allowed: [Value]?
        var minimum: Double?
        var maximum: Double?
        var minLength: Int?
        var maxLength: Int?
        var minItems: Int?
        var maxItems: Int?
        var pattern: Pattern?
        var items: Int?
        var isDateTime = false
        var reference: String?
        var anyOf: [Int] = []
        var oneOf: [Int] = []
        var allOf: [Int] = []
        var never = false
    }

    enum Kind: String, Sendable {
        case null, boolean, number, integer, string, array, object
    }

    enum Additional: Sendable {
        case allowed
        case refused
        case schema(Int)
    }

    /// `Regex` is not marked Sendable; a compiled one is never changed.
    struct Pattern: @unchecked Sendable {
        let text: String
        let regex: Regex<AnyRegexOutput>
    }

    /// A mistake in the schema itself.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    package init(_ text: String) throws {
        var compiler = SchemaCompiler()
        let value: Value
        do { value = try JSONParser.parse(text) } catch { throw Fault(description: "\(error)") }
        root = try compiler.compile(value)
        if case .object? = value[member: "$defs"] { try compiler.define(value) }
        nodes = try compiler.resolved()
    }

    /// The names of the root's properties, sorted: what a payload is known to say.
    package var propertyNames: [String] { nodes[root].properties.keys.sorted() }

    /// What is wrong with a value, as a sentence with a path and without the value; nil where it fits.
    package func violation(in value: Value) -> String? { violation(value, root, path: "") }

    private func violation(_ value: Value, _ index: Int, path: @autoclosure () -> String) -> String? {
        let node = nodes[index]
        if node.never { return "\(place(path())) is not allowed." }
        if let types = node.types, !Self.fits(value, types) {
            return "\(place(path())) must be of the type \(types.map(\.rawValue).sorted().joined(separator: " or ")), not \(value.kindName)."
        }
        if let allowed = node.allowed, !allowed.contains(where: { Self.same($0, value) }) { return "\(place(path())) is none of the allowed values." }
        switch value {
        case .object(let members): if let found = violation(members, node, path: path()) { return found }
        case .array(let elements): if let found = violation(elements, node, path: path()) { return found }
        case .text(let text): if let found = violation(text, node, path: path()) { return found }
        case .number(let digits): if let found = violation(number: digits, node, path: path()) { return found }
        case .null, .bool: break
        }
        return combined(value, node, path: path())
    }

    private func violation(_ members: [Member], _ node: Node, path: @autoclosure () -> String) -> String? {
        for name in node.required where !members.contains(where: { $0.name == name }) { return "\(place(path(), name)) is missing." }
        for member in members {
            if let schema = node.properties[member.name] {
                if let found = violation(member.value, schema, path: path() + "/" + member.name) { return found }
                continue
            }
            switch node.additional {
            case .allowed: break
            case .refused: return "\(place(path(), member.name)) is not known."
            case .schema(let schema): if let found = violation(member.value, schema, path: path() + "/" + member.name) { return found }
            }
        }
        return nil
    }

    private func violation(_ elements: [Value], _ node: Node, path: @autoclosure () -> String) -> String? {
        if let least = node.minItems, elements.count < least { return "\(place(path())) needs at least \(least) elements." }
        if let most = node.maxItems, elements.count > most { return "\(place(path())) may have at most \(most) elements." }
        guard let items = node.items else { return nil }
        for (number, element) in elements.enumerated() {
            if let found = violation(element, items, path: path() + "/\(number)") { return found }
        }
        return nil
    }

    private func violation(_ text: String, _ node: Node, path: @autoclosure () -> String) -> String? {
        if let least = node.minLength, text.utf8.count < least * 4, text.unicodeScalars.count < least {
            return "\(place(path())) must have at least \(least) characters."
        }
        if let most = node.maxLength, text.utf8.count > most, text.unicodeScalars.count > most {
            return "\(place(path())) must have at most \(most) characters."
        }
        if node.isDateTime {
            let parts = DateReading.parts(of: text, .iso8601)
            if parts?.asUTC == nil || parts?.offset_s == nil { return "\(place(path())) must be a date-time with a zone (RFC 3339)." }
        }
        if let pattern = node.pattern, (try? pattern.regex.firstMatch(in: text)) == nil { return "\(place(path())) must match \(pattern.text)." }
        return nil
    }

    private func violation(number digits: String, _ node: Node, path: @autoclosure () -> String) -> String? {
        guard node.minimum != nil || node.maximum != nil, let number = Double(digits) else { return nil }
        if let least = node.minimum, number < least { return "\(place(path())) must be at least \(Self.text(least))." }
        if let most = node.maximum, number > most { return "\(place(path())) must be at most \(Self.text(most))." }
        return nil
    }

    private func combined(_ value: Value, _ node: Node, path: @autoclosure () -> String) -> String? {
        for schema in node.allOf {
            if let found = violation(value, schema, path: path()) { return found }
        }
        if !node.anyOf.isEmpty, !node.anyOf.contains(where: { violation(value, $0, path: "") == nil }) {
            let wanted = node.anyOf.flatMap { nodes[$0].required }
            return "\(place(path())) fits none of the choices\(wanted.isEmpty ? "" : " (one of \(wanted.joined(separator: ", ")) is needed)")."
        }
        if !node.oneOf.isEmpty, node.oneOf.count(where: { violation(value, $0, path: "") == nil }) != 1 {
            return "\(place(path())) must fit exactly one of the choices."
        }
        return nil
    }

    private func place(_ path: String, _ member: String? = nil) -> String {
        let whole = member.map { path + "/" + $0 } ?? path
        return whole.isEmpty ? "The payload" : "\"\(whole.dropFirst())\""
    }

    private static func fits(_ value: Value, _ types: Set<Kind>) -> Bool {
        switch value {
        case .null: types.contains(.null)
        case .bool: types.contains(.boolean)
        case .text: types.contains(.string)
        case .array: types.contains(.array)
        case .object: types.contains(.object)
        case .number(let digits):
            types.contains(.number) || (types.contains(.integer) && isInteger(digits))
        }
    }

    /// Digits only, or a number without a fraction such as 1.0 and 1e3.
    private static func isInteger(_ digits: String) -> Bool {
        if digits.utf8.allSatisfy({ $0 &- 48 < 10 || $0 == UInt8(ascii: "-") }) { return true }
        guard let number = Double(digits) else { return false }
        return number.rounded() == number
    }

    private static func same(_ a: Value, _ b: Value) -> Bool {
        if case .number(let x) = a, case .number(let y) = b { return x == y || (Double(x) != nil && Double(x) == Double(y)) }
        return a == b
    }

    private static func text(_ number: Double) -> String {
        number.rounded() == number && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }
}
