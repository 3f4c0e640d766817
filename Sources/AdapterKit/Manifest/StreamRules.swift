import RecordFormats

/// Rules of a stream that need the whole of it.
struct StreamRules {
    let stream: Stream
    /// Whether records may have several pieces.
    let united: Bool
    let object: ManifestObject

    func check() throws(AdapterError) {
        for fact in stream.facts {
            try check(fact.subject, fact)
            if let at = fact.occurredAt { try check(at, fact) }
            for member in fact.payload { try check(member.expression, fact) }
            if case .event(_, let at, let payload)? = fact.undone {
                if let at { try check(at, fact) }
                for member in payload { try check(member.expression, fact) }
            }
        }
        for column in stream.key {
            switch stream.personal[column] {
            case .encode?, .mask?, .drop?, .seal?:
                throw fault("The key column \"\(column)\" is personal and must be a pseudonym or kept: encoded, sealed, masked or dropped it tells nothing apart.")
            default: break
            }
        }
        for (column, rule) in stream.personal.sorted(by: { $0.key < $1.key }) where rule.changesValue {
            for used in stream.scope.names where stream.personal[used] == nil {
                if used.hasPrefix(column + ".") {
                    throw fault("The column \"\(used)\" lies inside the personal column \"\(column)\". Name it under \"personal\" itself.")
                }
                if column.hasPrefix(used + ".") {
                    throw fault("The column \"\(used)\" is used whole, but holds the personal column \"\(column)\".")
                }
            }
        }
        let dropped = stream.personal.filter { $0.value == .drop }.keys.sorted()
        if let used = dropped.first(where: { stream.scope.names.contains($0) }) {
            throw fault("The column \"\(used)\" is dropped as personal, but the mapping uses it.")
        }
        if let both = stream.ignored.sorted().first(where: { stream.scope.names.contains($0) || stream.personal[$0] != nil }) {
            throw fault("The column \"\(both)\" is ignored, but also used or personal.")
        }
        try checkOptional()
        try checkSealed()
    }

    /// What is sealed stands in a payload by itself: nothing is made of it, and nothing depends on it.
    private func checkSealed() throws(AdapterError) {
        let sealed = Set(stream.personal.filter { $0.value == .seal }.keys)
        guard !sealed.isEmpty else { return }
        func refuse(_ columns: [(name: String, isSealed: Bool)], _ line: Int) throws(AdapterError) {
            guard let column = columns.first(where: { sealed.contains($0.name) && !$0.isSealed }) else { return }
            throw fault("The column \"\(column.name)\" is sealed: it can stand in a payload as a member of its own, and nowhere else.", line: line)
        }
        var slots = stream.condition?.slots ?? []
        slots.formUnion((stream.group?.slots ?? []) + (stream.cursor.map { [$0.slot] } ?? []))
        for fact in stream.facts {
            slots.formUnion(fact.condition?.slots ?? [])
            try refuse(fact.subject.columns + (fact.occurredAt?.columns ?? []) + fact.payload.flatMap(\.expression.columns), fact.line)
            if case .event(_, let at, let payload)? = fact.undone { try refuse((at?.columns ?? []) + payload.flatMap(\.expression.columns), fact.line) }
        }
        try refuse((stream.removed?.subject?.columns ?? []) + slots.sorted().map { (stream.scope.names[$0], false) }, stream.line)
    }

    /// A name that no column has would guard nothing.
    private func checkOptional() throws(AdapterError) {
        guard let unused = stream.optional.sorted().first(where: { !stream.scope.names.contains($0) }) else { return }
        let nearest = nearestWord(to: unused, in: stream.scope.names).map { " The nearest one that it reads is \"\($0)\"." } ?? ""
        throw fault("The column \"\(unused)\" is optional, but the mapping does not read it.\(nearest)")
    }

    private func check(_ expression: Expression, _ fact: Stream.Fact) throws(AdapterError) {
        switch expression {
        case .converted(let inner, let column):
            try check(inner, fact)
            try checkZone(column, fact)
        case .column(let column):
            if column.sealedAs != nil, !column.isBare {
                throw fault("The column \"\(column.name)\" is sealed as the source gave it: nothing is converted, mapped or collected.", line: fact.line)
            }
            if column.collect, !united {
                throw fault("\"collect\" of the column \"\(column.name)\" needs repeated: \"collect\" or a group.", line: fact.line)
            }
            try checkZone(column, fact)
        case .constant, .template: break
        case .object(let members): for member in members { try check(member.expression, fact) }
        case .array(let parts), .first(let parts), .joined(let parts, _): for part in parts { try check(part, fact) }
        case .point(let longitude, let latitude, _):
            try check(longitude, fact)
            try check(latitude, fact)
        case .pair(let both, _, _): try check(both, fact)
        }
    }

    private func checkZone(_ column: ColumnExpression, _ fact: Stream.Fact) throws(AdapterError) {
        guard case .datetime(let pattern, nil) = column.type, case .fields = pattern, !pattern.hasOwnZone else { return }
        throw fault("The column \"\(column.name)\" needs a \"zone\": its pattern \"\(pattern.text)\" has none.", line: fact.line)
    }

    private func fault(_ message: String, line: Int? = nil) -> AdapterError {
        AdapterError(.configuration, "Stream \"\(stream.name)\": " + message, file: object.file, line: line ?? object.value.line)
    }
}
