import RecordFormats

/// A payload written straight from one record's columns, its contract checked on the way: no tree of values is built.
///
/// It knows the plain cases and is never wrong about them; where it is not sure (a value of another kind, a limit that is near, several
/// pieces) it says so, and the payload is made the long way, which also words the refusals.
struct QuickPayload {
    /// One value and what its contract asks.
    private indirect enum Step {
        /// The same for every record, checked beforehand.
        case fixed([UInt8])
        /// A column as it is; what is not text goes through the contract itself, or, where it should become text, the long way.
        case text(slot: Int, TextLimits, SchemaNode?, asGiven: Bool)
        /// A column that must hold plain digits.
        case digits(slot: Int, whole: Bool)
        case template([Expression.TemplatePart], TextLimits)
        case object([Part])
        case array([Step], least: Int, most: Int)
        /// Anything else: one value of its own is built and checked.
        case other(Expression, SchemaNode?)
    }

    /// A member. A class, so that to look at it for each record counts one reference and not one for each of its values.
    private final class Part {
        /// `"name":`
        let name: [UInt8]
        let step: Step
        let isRequired: Bool
        let isConstant: Bool

        init(name: [UInt8], step: Step, isRequired: Bool, isConstant: Bool) {
            (self.name, self.step, self.isRequired, self.isConstant) = (name, step, isRequired, isConstant)
        }
    }

    private struct TextLimits {
        var least = 0
        var most = Int.max

        /// By the bytes alone: a character takes one to four.
        func surelyHold(_ bytes: Int) -> Bool { bytes > 0 && bytes <= most && (least <= 1 || bytes >= least * 4) }
    }

    private enum Outcome {
        case written, missing, unsure
    }

    private let parts: [Part]

    /// Nil where the contract asks more of the payload as a whole than members.
    init?(_ members: [NamedExpression], contract: JSONSchema) {
        guard let parts = Self.parts(members, contract.root) else { return nil }
        self.parts = parts
    }

    /// Appends the payload; false where the long way must be gone, whatever was appended by then.
    func write(_ evaluation: Evaluation, to json: inout [UInt8]) -> Bool {
        guard evaluation.columns.pieces.count == 1 else { return false }
        json.append(UInt8(ascii: "{"))
        var isFirst = true
        for part in parts {
            switch write(part, isFirst: isFirst, evaluation, to: &json) {
            case .written: isFirst = false
            case .missing: if part.isRequired { return false }
            case .unsure: return false
            }
        }
        json.append(UInt8(ascii: "}"))
        return true
    }

    private func write(_ part: Part, isFirst: Bool, _ evaluation: Evaluation, to json: inout [UInt8]) -> Outcome {
        let mark = json.count
        if !isFirst { json.append(UInt8(ascii: ",")) }
        json.append(contentsOf: part.name)
        let outcome = write(part.step, evaluation, to: &json)
        if case .missing = outcome { json.removeLast(json.count - mark) }
        return outcome
    }

    private func write(_ step: Step, _ evaluation: Evaluation, to json: inout [UInt8]) -> Outcome {
        switch step {
        case .fixed(let bytes):
            json.append(contentsOf: bytes)
            return .written
        case .text(let slot, let limits, let node, let asGiven):
            guard let value = evaluation.columns.value(slot, piece: 0) else { return .missing }
            guard case .text(var text) = value else { return asGiven && value.isScalar ? write(value, node, to: &json) : .unsure }
            return text.withUTF8 { utf8 in
                guard limits.surelyHold(utf8.count) else { return .unsure }
                json.append(UInt8(ascii: "\""))
                JSONWriter.appendEscaped(utf8, to: &json)
                json.append(UInt8(ascii: "\""))
                return .written
            }
        case .digits(let slot, let whole):
            guard let value = evaluation.columns.value(slot, piece: 0) else { return .missing }
            guard var text = value.string else { return .unsure }
            return text.withUTF8 { utf8 in
                guard whole ? isPlainInteger(utf8) : isPlainDecimal(utf8) else { return .unsure }
                json.append(contentsOf: utf8)
                return .written
            }
        case .template(let parts, let limits): return write(parts, limits, evaluation.columns, to: &json)
        case .object(let parts): return write(parts, evaluation, to: &json)
        case .array(let steps, let least, let most):
            json.append(UInt8(ascii: "["))
            var count = 0
            for step in steps {
                let mark = json.count
                if count > 0 { json.append(UInt8(ascii: ",")) }
                switch write(step, evaluation, to: &json) {
                case .written: count += 1
                case .missing: json.removeLast(json.count - mark)
                case .unsure: return .unsure
                }
            }
            guard count > 0 else { return .missing }
            guard count >= least, count <= most else { return .unsure }
            json.append(UInt8(ascii: "]"))
            return .written
        case .other(let expression, let node):
            let value: Value?
            do { value = try evaluation.value(expression) } catch { return .unsure }
            guard let found = value else { return .missing }
            return write(found, node, to: &json)
        }
    }

    private func write(_ value: Value, _ node: SchemaNode?, to json: inout [UInt8]) -> Outcome {
        if let node, node.violation(value) != nil { return .unsure }
        json.append(contentsOf: JSONWriter.encode(value))
        return .written
    }

    private func write(_ parts: [Part], _ evaluation: Evaluation, to json: inout [UInt8]) -> Outcome {
        json.append(UInt8(ascii: "{"))
        var isFirst = true
        var says = false
        var lacks = false
        for part in parts {
            switch write(part, isFirst: isFirst, evaluation, to: &json) {
            case .written:
                isFirst = false
                if !part.isConstant { says = true }
            case .missing: if part.isRequired { lacks = true }
            case .unsure: return .unsure
            }
        }
        guard says || parts.allSatisfy(\.isConstant) else { return .missing }
        if lacks { return .unsure }
        json.append(UInt8(ascii: "}"))
        return .written
    }

    private func write(_ parts: [Expression.TemplatePart], _ limits: TextLimits, _ columns: RecordColumns, to json: inout [UInt8]) -> Outcome {
        json.append(UInt8(ascii: "\""))
        var length = 0
        for part in parts {
            var text: String
            switch part {
            case .literal(let literal): text = literal
            case .column(let slot, _):
                guard let value = columns.value(slot, piece: 0) else { return .missing }
                guard case .text(let column) = value else { return .unsure }
                text = column.trimmed
            }
            text.withUTF8 {
                length += $0.count
                JSONWriter.appendEscaped($0, to: &json)
            }
        }
        guard limits.surelyHold(length) else { return .unsure }
        json.append(UInt8(ascii: "\""))
        return .written
    }
}

// Compiling.
extension QuickPayload {
    private static func parts(_ members: [NamedExpression], _ node: SchemaNode?) -> [Part]? {
        let node = node?.resolved
        if let node {
            guard node.isPlain, node.kinds?.contains(.object) ?? true, node.required.allSatisfy({ name in members.contains { $0.name == name } })
            else { return nil }
        }
        var parts: [Part] = []
        for member in members {
            let property = node?.properties.first { $0.name == member.name }?.node ?? node?.additional
            if property?.never == true { return nil }
            let name = JSONWriter.encode(.text(member.name)) + [UInt8(ascii: ":")]
            parts.append(
                Part(
                    name: name, step: step(member.expression, property), isRequired: node?.required.contains(member.name) ?? false,
                    isConstant: member.expression.isConstant))
        }
        return parts
    }

    private static func step(_ expression: Expression, _ given: SchemaNode?) -> Step {
        let node = given?.resolved
        let other = Step.other(expression, given)
        if case .constant(let value) = expression {
            return given?.violation(value) == nil ? .fixed(JSONWriter.encode(value)) : other
        }
        if let node, !node.isPlain { return other }
        func takes(_ kinds: SchemaNode.Kinds) -> Bool { node?.kinds.map { !$0.isDisjoint(with: kinds) } ?? true }
        switch expression {
        case .column(let column):
            guard column.map == nil, column.nullWords.isEmpty, column.only.isEmpty, !column.collect, column.shaping == nil, column.sealedAs == nil
            else { return other }
            switch column.type {
            case .asGiven, .text: return takes(.string) ? .text(slot: column.slot, limits(node), given, asGiven: column.type == .asGiven) : other
            case .decimal where takes(.number) && node?.minimum == nil && node?.maximum == nil: return .digits(slot: column.slot, whole: false)
            case .integer where takes([.number, .integer]) && node?.minimum == nil && node?.maximum == nil: return .digits(slot: column.slot, whole: true)
            default: return other
            }
        case .template(let parts): return takes(.string) ? .template(parts, limits(node)) : other
        case .object(let members): return parts(members, node).map { .object($0) } ?? other
        case .array(let elements):
            guard takes(.array) else { return other }
            return .array(elements.map { step($0, node?.items) }, least: node?.minItems ?? 0, most: node?.maxItems ?? .max)
        case .constant, .point, .first, .converted, .pair, .joined: return other
        }
    }

    private static func limits(_ node: SchemaNode?) -> TextLimits { TextLimits(least: node?.minLength ?? 0, most: node?.maxLength ?? .max) }
}

extension SchemaNode {
    /// What a mere reference leads to.
    fileprivate var resolved: SchemaNode {
        guard reference != nil, allOf.count == 1, kinds == nil, required.isEmpty, properties.isEmpty, additional == nil, allowed == nil,
            minimum == nil, maximum == nil, minLength == nil, maxLength == nil, minItems == nil, maxItems == nil, pattern == nil, items == nil,
            !isDateTime, anyOf.isEmpty, oneOf.isEmpty, !never, limits == nil
        else { return self }
        return allOf[0].resolved
    }

    /// Whether nothing but kinds, limits and members is asked.
    fileprivate var isPlain: Bool { !never && limits == nil && allowed == nil && pattern == nil && !isDateTime && anyOf.isEmpty && oneOf.isEmpty && allOf.isEmpty }
}

extension Value {
    /// Objects and lists have members of their own, which must be looked at.
    fileprivate var isScalar: Bool {
        switch self {
        case .object, .array: false
        case .null, .bool, .number, .text: true
        }
    }
}
