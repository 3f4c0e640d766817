import RecordFormats

/// Default deny: what of a stream's columns looks personal and is not declared.
final class PersonalColumns {
    /// A column, or a member inside one, that looks personal.
    struct Suspect: Sendable, Hashable {
        let column: String
        /// What it seems to hold.
        let family: String

        /// What is wrong and what to declare.
        var sentence: String {
            "the column \"\(column)\" looks personal (\(family)) and is not declared. Add it to \"personal\": pseudonym, mask, drop or { keep: \"the purpose\" }."
        }
    }

    /// The rule by which the mapping stops at a value that holds such a member: the run fails, no row is refused for it.
    static let rule = "personal"

    private let declared: Set<String>
    /// Answers so far: the same few paths come with every record.
    private var answers: [String: Suspect?] = [:]
    private var shapes: [ObjectIdentifier: (shape: RecordShape, isSuspect: Bool)] = [:]

    init(_ stream: Stream) { declared = Set(stream.personal.keys) }

    /// Whether the column, or what it lies in, is declared.
    func isDeclared(_ column: String) -> Bool { declared.contains(column) || declared.contains { column.hasPrefix($0 + ".") } }

    /// Nil where the column, or what it lies in, is declared, or does not look personal.
    func suspect(_ column: String) -> Suspect? {
        if let answer = answers[column] { return answer }
        var answer: Suspect?
        if !isDeclared(column) {
            answer = PersonalNames.family(of: column).map { Suspect(column: column, family: $0) }
        }
        // Names of members may be data: whatever a source delivers, memory stays flat.
        if answers.count >= 4096 { answers.removeAll() }
        answers[column] = .some(answer)
        return answer
    }

    /// The first suspect among the members of an object, or of the objects of a list.
    func suspect(in value: Value, below path: String) -> Suspect? {
        switch value {
        case .object(let members):
            for member in members {
                let inner = path + "." + member.name
                if let found = suspect(inner) ?? suspect(in: member.value, below: inner) { return found }
            }
        case .array(let elements):
            for element in elements {
                if let found = suspect(in: element, below: path) { return found }
            }
        case .null, .bool, .number, .text: break
        }
        return nil
    }

    /// Whether one of the columns is a suspect; worked out once a shape.
    func isSuspect(_ shape: RecordShape) -> Bool {
        if let known = shapes[ObjectIdentifier(shape)] { return known.isSuspect }
        let isSuspect = shape.names.contains { suspect($0) != nil }
        if shapes.count >= 4096 { shapes.removeAll() }
        shapes[ObjectIdentifier(shape)] = (shape, isSuspect)
        return isSuspect
    }

    /// Whether the record holds a suspect, used or not.
    func isSuspect(_ record: Record) -> Bool {
        isSuspect(record.shape) || zip(record.shape.names, record.values).contains { suspect(in: $1, below: $0) != nil }
    }
}

extension Manifest {
    /// Throws `configuration` where a mapping reads a column that looks personal and is not declared.
    func requirePersonalColumnsDeclared() throws(AdapterError) {
        for stream in streams {
            let columns = PersonalColumns(stream)
            for name in stream.scope.names {
                if let suspect = columns.suspect(name) { throw undeclared(suspect.sentence, in: stream) }
            }
        }
    }

    /// The refusal to run.
    func undeclared(_ sentence: String, in stream: Stream) -> AdapterError {
        AdapterError(.configuration, "Stream \"\(stream.name)\": " + sentence, file: file, line: stream.line)
    }
}
