import RecordFormats

/// The record at hand, by the numbers of a `ColumnScope`: one record, or the pieces of a united one.
///
/// Personal columns leave it only as their rule says: nothing behind it ever sees the original.
final class RecordColumns {
    private let names: [String]
    private let rules: [PersonalRule?]
    private let hasRules: Bool
    private let nullWords: Set<String>
    private let protection: Protection
    /// Which column says whose values they are.
    private let subjectOf: Stream.SubjectOf?
    /// Type and subject of the fact at hand: what is sealed is bound to them.
    var fact = (event: "", subject: "")

    private(set) var pieces: [Record] = []
    private var positions: [[Int]] = []
    /// Protected values of the first piece, so that a column used five times is hashed once.
    private var protected: [Value??]

    private var lastShape: RecordShape?
    private var lastPositions: [Int] = []
    private var known: [ObjectIdentifier: (shape: RecordShape, positions: [Int])] = [:]

    private static let notThere = -1
    private static let bySlowPath = -2

    /// - Parameters:
    ///   - rules: what happens to personal columns, by column name.
    ///   - nullWords: words that stand for "nothing" in every column.
    ///   - subjectOf: whose values the personal columns are.
    init(
        _ scope: ColumnScope, rules: [String: PersonalRule], nullWords: Set<String>, protection: Protection, subjectOf: Stream.SubjectOf? = nil
    ) {
        self.subjectOf = subjectOf
        names = scope.names
        self.rules = scope.names.map { rules[$0] }
        hasRules = self.rules.contains { $0?.changesValue == true }
        self.nullWords = nullWords
        self.protection = protection
        protected = Array(repeating: nil, count: names.count)
    }

    /// Turns to another record.
    func load(_ record: Record) {
        if pieces.count == 1 {
            pieces[0] = record
            positions[0] = columnPositions(record.shape)
        } else {
            pieces = [record]
            positions = [columnPositions(record.shape)]
        }
        if hasRules { for slot in protected.indices { protected[slot] = nil } }
    }

    /// Turns to a united record.
    func load(pieces: [Record]) {
        self.pieces = pieces
        positions = pieces.map { columnPositions($0.shape) }
        if hasRules { for slot in protected.indices { protected[slot] = nil } }
    }

    /// The value of a column in a piece; nil where it is absent, null, blank or a null word.
    func value(_ slot: Int, piece: Int) -> Value? {
        guard hasRules, let rule = rules[slot], rule.changesValue else { return plain(slot, piece: piece) }
        if piece == 0, let remembered = protected[slot] { return remembered }
        let value = plain(slot, piece: piece).flatMap { protection.apply(rule, to: $0) }
        if piece == 0 { protected[slot] = .some(value) }
        return value
    }

    /// The pseudonym of the person whom a piece is about; nil where it names none, or the stream has no `subject_of`.
    func person(piece: Int) -> String? {
        guard let subjectOf, let value = plain(subjectOf.slot, piece: piece) else { return nil }
        return protection.pseudonym(of: Protection.text(of: value), domain: subjectOf.domain)
    }

    /// A column's value sealed as a member of the fact at hand; nil where it is missing.
    func sealed(_ slot: Int, piece: Int, as member: String) throws(Refused) -> Value? {
        guard let value = plain(slot, piece: piece) else { return nil }
        guard let person = person(piece: piece), let people = protection.people else {
            let identity = subjectOf.map { "\"\($0.column)\"" } ?? "the person"
            throw Refused(rule: "seal", message: "Column \"\(names[slot])\" cannot be sealed: \(identity), whose value it is, is missing.", piece: piece)
        }
        let place = SealedValue.Place(source: people.source, event: fact.event, subject: fact.subject, member: member)
        do {
            return .text(try people.seal(Protection.text(of: value), of: person, in: place))
        } catch {
            throw Refused(rule: "seal", message: "Column \"\(names[slot])\" cannot be sealed. \(error.description)", piece: piece)
        }
    }

    /// The first present value over all pieces.
    func value(_ slot: Int) -> Value? {
        for piece in pieces.indices {
            if let value = value(slot, piece: piece) { return value }
        }
        return nil
    }

    /// The text of a column, without white space around it: for keys, subjects and comparisons.
    func text(_ slot: Int, piece: Int) -> String? {
        value(slot, piece: piece).flatMap { Self.text(of: $0) }
    }

    /// A scalar as text, trimmed; nil for arrays and objects.
    static func text(of value: Value) -> String? {
        switch value {
        case .text(let text): text.trimmed
        case .number(let digits): digits
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    private func plain(_ slot: Int, piece: Int) -> Value? {
        let position = positions[piece][slot]
        let value: Value
        if position >= 0 {
            value = pieces[piece].values[position]
        } else if position == Self.bySlowPath, let found = pieces[piece][names[slot]] {
            value = found
        } else {
            return nil
        }
        switch value {
        case .null: return nil
        case .text(let text):
            if text.isBlank || (!nullWords.isEmpty && nullWords.contains(text.trimmed)) { return nil }
        case .bool, .number, .array, .object: break
        }
        return value
    }

    private func columnPositions(_ shape: RecordShape) -> [Int] {
        if shape === lastShape { return lastPositions }
        let positions: [Int]
        if let found = known[ObjectIdentifier(shape)] {
            positions = found.positions
        } else {
            positions = names.map { name in
                shape.index(of: name) ?? (name.utf8.contains(UInt8(ascii: ".")) ? Self.bySlowPath : Self.notThere)
            }
            if known.count >= 4096 { known.removeAll() }
            known[ObjectIdentifier(shape)] = (shape, positions)
        }
        lastShape = shape
        lastPositions = positions
        return positions
    }
}

extension RecordColumns {
    func holds(_ condition: Condition) -> Bool {
        switch condition {
        case .present(let slot): return value(slot) != nil
        case .absent(let slot): return value(slot) == nil
        case .equals(let columns):
            return pieces.indices.contains { piece in
                columns.allSatisfy { column in
                    guard let text = text(column.slot, piece: piece) else { return column.orMissing && value(column.slot, piece: piece) == nil }
                    return column.values.contains(text)
                }
            }
        case .not(let inner): return !holds(inner)
        case .all(let parts): return parts.allSatisfy(holds)
        case .any(let parts): return parts.contains(where: holds)
        }
    }
}
