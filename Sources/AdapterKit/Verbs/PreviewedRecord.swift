import EventLog
import RecordFormats

/// A record of the source beside the facts that it yields.
package struct PreviewedRecord: Sendable {
    /// File or table and line, of each of the rows that form it.
    package let places: [String]
    /// Columns and their values, row after row, as they came; of what is personal the shape alone.
    package let columns: [(name: String, value: String)]
    package internal(set) var facts: [NewEvent]

    /// - Parameter facts: what the record yields; none where no fact's condition holds.
    init(_ pieces: [RecordUniter.Piece], facts: [NewEvent], stream: Stream, personal: PersonalColumns) {
        places = pieces.map { "\($0.place.name):\($0.record.line)" }
        columns = pieces.flatMap { piece in
            zip(piece.record.shape.names, piece.record.values).map { ($0, Self.text(of: $1, at: $0, stream, personal)) }
        }
        self.facts = facts
    }

    private static func text(of value: Value, at path: String, _ stream: Stream, _ personal: PersonalColumns) -> String {
        let writer = Disguise(stream: stream, personal: personal)
        return switch value {
        case .text: writer.disguised(value, path).string ?? ""
        case .null: ""
        default: String(decoding: JSONWriter.encode(writer.disguised(value, path)), as: UTF8.self)
        }
    }

    /// Puts shapes in the place of personal values, also of those inside objects and lists.
    private struct Disguise {
        let stream: Stream
        let personal: PersonalColumns

        func disguised(_ value: Value, _ path: String) -> Value {
            switch value {
            case .object(let members): .object(members.map { Member(name: $0.name, value: disguised($0.value, path + "." + $0.name)) })
            case .array(let elements): .array(elements.map { disguised($0, path) })
            case .text(""), .null, .bool: value
            case .text, .number: isPersonal(value, path) ? .text(shape(of: value)) : value
            }
        }

        private func isPersonal(_ value: Value, _ path: String) -> Bool {
            let rules = stream.personal.filter { path == $0.key || path.hasPrefix($0.key + ".") }
            if !rules.isEmpty { return rules.contains { $0.value.changesValue } }
            if personal.suspect(path) != nil { return true }
            // Of names a value alone says too little.
            return RecordColumns.text(of: value).flatMap(PersonalValues.family).map { $0 != "name" } ?? false
        }
    }
}
