import Foundation
import RecordFormats

/// What a schema asks beside the keywords that nearly every contract has; most nodes have none of it.
struct SchemaLimits {
    var exclusiveMinimum: Double?
    var exclusiveMaximum: Double?
    /// Digits, for exact division.
    var multipleOf: String?
    var minProperties: Int?
    var maxProperties: Int?
    var uniqueItems = false
    var prefixItems: [SchemaNode] = []
    var contains: SchemaNode?
    var minContains: Int?
    var maxContains: Int?
    var patternProperties: [(pattern: ValuePattern, node: SchemaNode)] = []
    var propertyNames: SchemaNode?
    var dependentRequired: [(name: String, required: [String])] = []
    var dependentSchemas: [(name: String, node: SchemaNode)] = []
    var not: SchemaNode?
    var condition: SchemaNode?
    var then: SchemaNode?
    var otherwise: SchemaNode?

    /// Schemas that look at the same value: a circle of them would never end.
    var inPlace: [SchemaNode] { [not, condition, then, otherwise].compactMap { $0 } + dependentSchemas.map(\.node) }

    func violation(_ value: Value) -> Violation? {
        let own: Violation? =
            switch value {
            case .number(let digits): violation(number: digits)
            case .array(let elements): violation(elements)
            case .object(let members): violation(members) ?? dependent(members, value)
            case .text, .null, .bool: nil
            }
        if let own { return own }
        if let not, not.violation(value) == nil { return Violation("fits what it must not be.") }
        if let condition { return (condition.violation(value) == nil ? then : otherwise)?.violation(value) }
        return nil
    }

    private func violation(number digits: String) -> Violation? {
        if exclusiveMinimum != nil || exclusiveMaximum != nil, let number = Double(digits) {
            if let exclusiveMinimum, number <= exclusiveMinimum { return Violation("must be more than \(SchemaNode.text(exclusiveMinimum)).") }
            if let exclusiveMaximum, number >= exclusiveMaximum { return Violation("must be less than \(SchemaNode.text(exclusiveMaximum)).") }
        }
        if let multipleOf, !Self.isMultiple(digits, multipleOf) { return Violation("must be a multiple of \(multipleOf).") }
        return nil
    }

    /// Exact up to 38 digits; beyond, as well as binary floating point knows.
    private static func isMultiple(_ digits: String, _ divisor: String) -> Bool {
        if var number = Decimal(string: digits), var divisor = Decimal(string: divisor), number.isFinite, divisor.isFinite, divisor != 0 {
            var quotient = Decimal()
            var whole = Decimal()
            if NSDecimalDivide(&quotient, &number, &divisor, .down) == .noError {
                NSDecimalRound(&whole, &quotient, 0, .down)
                return whole == quotient
            }
            // The quotient has more digits than it can hold: so has it a fraction, unless it is beyond all digits.
            if abs(quotient) < Decimal(sign: .plus, exponent: 37, significand: 1) { return false }
        }
        guard let number = Double(digits), let divisor = Double(divisor), number.isFinite else { return false }
        return number.remainder(dividingBy: divisor) == 0
    }

    private func violation(_ elements: [Value]) -> Violation? {
        for (number, (element, node)) in zip(elements, prefixItems).enumerated() {
            if let found = node.violation(element) { return found.inside(String(number)) }
        }
        if let contains {
            let count = elements.count { contains.violation($0) == nil }
            if count < minContains ?? 1 { return Violation("needs at least \(minContains ?? 1) elements of the kind that it must contain.") }
            if let maxContains, count > maxContains { return Violation("may have at most \(maxContains) elements of the kind that it must contain.") }
        }
        if uniqueItems {
            for (number, element) in elements.enumerated() where elements[..<number].contains(where: { SchemaNode.same($0, element) }) {
                return Violation("has an element twice.")
            }
        }
        return nil
    }

    private func violation(_ members: [Member]) -> Violation? {
        if let minProperties, members.count < minProperties { return Violation("needs at least \(minProperties) members.") }
        if let maxProperties, members.count > maxProperties { return Violation("may have at most \(maxProperties) members.") }
        for member in members {
            for (pattern, node) in patternProperties where pattern.first(in: member.name) != .noMatch {
                if let found = node.violation(member.value) { return found.inside(member.name) }
            }
            if let propertyNames, propertyNames.violation(.text(member.name)) != nil { return Violation("has a name that is not allowed.", at: member.name) }
        }
        return nil
    }

    private func dependent(_ members: [Member], _ value: Value) -> Violation? {
        func has(_ name: String) -> Bool { members.contains { $0.name == name } }
        for (name, required) in dependentRequired where has(name) {
            if let missing = required.first(where: { !has($0) }) { return Violation("is missing: \"\(name)\" needs it.", at: missing) }
        }
        for (name, node) in dependentSchemas where has(name) {
            if let found = node.violation(value) { return found }
        }
        return nil
    }
}
