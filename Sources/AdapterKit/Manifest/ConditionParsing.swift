import RecordFormats

extension ExpressionParsing {
    private static let conditions = ["present", "absent", "equals", "not", "all", "any"]

    /// `{ present: col }`, `{ absent: col }`, `{ equals: { col: value or [values] } }`, `{ not }`, `{ all }`, `{ any }`.
    mutating func condition(_ value: LocatedValue) throws(AdapterError) -> Condition {
        let object = try ManifestObject(value, "a condition", file: file, known: Self.conditions)
        guard object.all.count == 1, let only = object.all.first else {
            throw object.fault("A condition needs exactly one of \(Self.conditions.joined(separator: ", ")).", at: value)
        }
        switch only.name {
        case "present": return .present(slot: scope.slot(try object.requiredString("present")))
        case "absent": return .absent(slot: scope.slot(try object.requiredString("absent")))
        case "equals": return .equals(try columns(only.value))
        case "not": return .not(try condition(only.value))
        default:
            guard case .array(let items) = only.value.node, !items.isEmpty else {
                throw object.fault("\"\(only.name)\" needs a list of conditions.", at: only.value)
            }
            var parts: [Condition] = []
            for item in items { parts.append(try condition(item)) }
            return only.name == "all" ? .all(parts) : .any(parts)
        }
    }

    private mutating func columns(_ value: LocatedValue) throws(AdapterError) -> [Condition.Column] {
        let object = try ManifestObject(value, "\"equals\"", file: file, known: nil)
        guard !object.all.isEmpty else { throw object.fault("\"equals\" names no column.", at: value) }
        var columns: [Condition.Column] = []
        for member in object.all {
            let candidates: [LocatedValue] = if case .array(let items) = member.value.node { items } else { [member.value] }
            var texts: Set<String> = []
            var orMissing = false
            for candidate in candidates {
                switch candidate.node {
                case .null: orMissing = true
                case .bool, .number, .string:
                    if let text = RecordColumns.text(of: candidate.plain) { texts.insert(text) }
                default: throw object.fault("\"equals\" compares with a text, a number, true, false or null.", at: candidate)
                }
            }
            columns.append(Condition.Column(slot: scope.slot(member.name), values: texts, orMissing: orMissing))
        }
        return columns
    }
}
