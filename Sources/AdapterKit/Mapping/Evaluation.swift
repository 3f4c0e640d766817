import PostgresClient
import RecordFormats

/// Works expressions out on the record that `columns` holds.
struct Evaluation {
    let columns: RecordColumns
    /// What happens to values that do not fit their type, where the expression does not say.
    let types: ColumnExpression.Otherwise
    /// A group keeps an element for every reading, null where one is missing, so that its arrays stay parallel.
    let keepsGaps: Bool
    /// Looks into objects and lists, whose members no manifest names.
    let personal: PersonalColumns

    /// The value, or nil where it is missing.
    func value(_ expression: Expression) throws(Refused) -> Value? {
        switch expression {
        case .column(let column): return column.collect ? try collected(column) : try first(column)
        case .constant(let value): return value
        case .template(let parts): return try text(parts).map { .text($0) }
        case .object(let members): return try object(members)
        case .array(let elements):
            var values: [Value] = []
            for element in elements {
                if let value = try value(element) { values.append(value) }
            }
            return values.isEmpty ? nil : .array(values)
        case .converted(let inner, let column):
            guard let raw = try value(inner), let value = try converted(raw, column) else { return column.shaping?.fallback }
            return value
        case .point(let longitude, let latitude, let system): return try point(try value(longitude), try value(latitude), system)
        case .pair(let both, let latitudeFirst, let system):
            guard case .array(let numbers)? = try value(both) else { return nil }
            guard numbers.count == 2 else { throw Refused(rule: "type", message: "A point needs two numbers, not \(numbers.count).") }
            return try point(numbers[latitudeFirst ? 1 : 0], numbers[latitudeFirst ? 0 : 1], system)
        case .joined(let parts, let separator): return try joined(parts, separator)
        case .first(let choices):
            for choice in choices {
                if let value = try value(choice) { return value }
            }
            return nil
        }
    }

    /// The value as text, for subjects; nil where it is missing or no scalar.
    func text(_ expression: Expression) throws(Refused) -> String? {
        if case .template(let parts) = expression { return try text(parts) }
        return try value(expression).flatMap { RecordColumns.text(of: $0) }
    }

    /// The moment, for `occurred_at` and windows; nil where it is missing.
    func moment(_ expression: Expression) throws(Refused) -> Timestamp? {
        switch expression {
        case .column(let column):
            for piece in columns.pieces.indices {
                guard let raw = columns.value(column.slot, piece: piece) else { continue }
                do throws(Refused) {
                    if let moment = try moment(raw, column) { return moment }
                } catch {
                    throw blame(error, piece)
                }
            }
            return nil
        case .first(let choices):
            for choice in choices {
                if let moment = try moment(choice) { return moment }
            }
            return nil
        case .converted(let inner, let column):
            guard let raw = try value(inner) else { return nil }
            return try moment(raw, column)
        default:
            guard let text = try text(expression) else { return nil }
            guard let moment = Timestamp(iso8601: text) else {
                throw Refused(rule: "type", message: "The moment is not a datetime with a zone: it has \(shape(of: .text(text))).")
            }
            return moment
        }
    }

    private func text(_ parts: [Expression.TemplatePart]) throws(Refused) -> String? {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .column(let slot, let name):
                guard let value = columns.value(slot) else { return nil }
                guard let piece = RecordColumns.text(of: value) else {
                    throw Refused(rule: "type", message: "Column \"\(name)\" cannot stand in a text: it is \(shape(of: value)).")
                }
                text += piece
            }
        }
        return text
    }

    private func object(_ members: [NamedExpression]) throws(Refused) -> Value? {
        var built: [Member] = []
        var says = false
        for member in members {
            guard let value = try value(member.expression) else { continue }
            if !member.expression.isConstant { says = true }
            built.append(Member(name: member.name, value: value))
        }
        return says || members.allSatisfy(\.expression.isConstant) ? .object(built) : nil
    }

    private func point(_ longitude: Value?, _ latitude: Value?, _ system: ReferenceSystem?) throws(Refused) -> Value? {
        guard let east = longitude?.string, let north = latitude?.string else { return nil }
        let x = Double(east), y = Double(north)
        // 0,0 is what sources write for "nowhere"; in a plane of their own it is a corner of the drawing.
        if x == 0, y == 0, system?.isLocal != true { return nil }
        if let system, system.isGeographic, let x, let y, abs(x) > 180 || abs(y) > 90 {
            throw Refused(rule: "type", message: "The point is outside of the earth's degrees: longitude goes to 180, latitude to 90.")
        }
        var members = [
            Member(name: "type", value: .text("Point")), Member(name: "coordinates", value: .array([.number(east), .number(north)])),
        ]
        if let name = system?.name { members.append(Member(name: "crs", value: .text(name))) }
        return .object(members)
    }

    private func joined(_ parts: [Expression], _ separator: String) throws(Refused) -> Value? {
        var texts: [String] = []
        for part in parts {
            guard let value = try value(part) else { continue }
            let values: [Value] = if case .array(let elements) = value { elements } else { [value] }
            for value in values where value != .null {
                guard let text = RecordColumns.text(of: value) else {
                    throw Refused(rule: "type", message: "A value cannot be joined to a text: it is \(shape(of: value)).")
                }
                texts.append(text)
            }
        }
        return texts.isEmpty ? nil : .text(texts.joined(separator: separator))
    }

    private func first(_ column: ColumnExpression) throws(Refused) -> Value? {
        if let member = column.sealedAs {
            for piece in columns.pieces.indices {
                if let value = try columns.sealed(column.slot, piece: piece, as: member) { return value }
            }
            return nil
        }
        for piece in columns.pieces.indices {
            guard let raw = columns.value(column.slot, piece: piece) else { continue }
            do throws(Refused) {
                if let value = try converted(raw, column) {
                    try requireDeclared(value, column)
                    return value
                }
            } catch {
                throw blame(error, piece)
            }
        }
        return column.shaping?.fallback
    }

    private func collected(_ column: ColumnExpression) throws(Refused) -> Value? {
        var values: [Value] = []
        var seen: Set<Value> = []
        var any = false
        for piece in columns.pieces.indices {
            do throws(Refused) {
                if let raw = columns.value(column.slot, piece: piece), let value = try converted(raw, column) {
                    any = true
                    try requireDeclared(value, column)
                    if keepsGaps || seen.insert(value).inserted { values.append(value) }
                } else if keepsGaps {
                    values.append(.null)
                }
            } catch {
                throw blame(error, piece)
            }
        }
        return any || (keepsGaps && !values.isEmpty) ? .array(values) : nil
    }

    /// Stops at members that look personal and are not declared.
    private func requireDeclared(_ value: Value, _ column: ColumnExpression) throws(Refused) {
        switch value {
        case .array, .object:
            if let suspect = personal.suspect(in: value, below: column.name) {
                throw Refused(rule: PersonalColumns.rule, message: suspect.sentence)
            }
        case .null, .bool, .number, .text: break
        }
    }

    private func blame(_ refused: Refused, _ piece: Int) -> Refused {
        Refused(rule: refused.rule, message: refused.message, piece: refused.piece ?? piece, fails: refused.fails)
    }
}
