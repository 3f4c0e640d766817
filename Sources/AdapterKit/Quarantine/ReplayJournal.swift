import EventLog
import RecordFormats

/// What becomes of each quarantined row while it goes through a pull again, and what a replay must not do.
///
/// A replay knows rows that were refused, not the rest of their source. So it never overwrites what a later row of the same record told, and
/// never tells half of a record that several rows form.
final class ReplayJournal {
    private let rows: [QuarantineRows.Waiting]
    private var refusals: [Int: Refused] = [:]
    private var superseded: Set<Int>
    /// The last batch that wrote each entry, of those after the oldest row.
    private let lastBatch: [FingerprintKey: Int64]
    private let overwrites: Bool
    /// The row at hand, by its number.
    var current = 0

    /// - Parameters:
    ///   - lastBatch: which batch wrote a fingerprint last; what is not in it is older than every row.
    ///   - overwrites: lets rows tell over what was told after them.
    init(_ rows: [QuarantineRows.Waiting], superseded: Set<Int>, lastBatch: [FingerprintKey: Int64], overwrites: Bool) {
        self.rows = rows
        self.superseded = superseded
        self.lastBatch = lastBatch
        self.overwrites = overwrites
    }

    func refusal(of row: Int) -> Refused? { refusals[row] }

    func refuse(_ row: Int, _ refused: Refused) { refusals[row] = refusals[row] ?? refused }

    /// A record about a person who was erased: nothing of it is told, and the row goes.
    func close(_ row: Int) { superseded.insert(row) }

    /// Before the row at hand tells something new of a record that is known. Throws where it must not.
    func allowChange(of key: FingerprintKey, facts: Int, in stream: Stream) throws(Refused) {
        guard rows.indices.contains(current) else { return }
        if rows[current].rule == "repeated" {
            throw Refused(rule: "repeated", message: "The key occurs again in this pull; the first record counts.")
        }
        // Of a full list, what is still refused is what the source still says.
        guard stream.mode != .snapshot, !overwrites else { return }
        let last = ([key] + (0..<facts).map { key.fact($0) }).compactMap { lastBatch[$0] }.max() ?? 0
        guard last <= rows[current].batch else {
            throw Refused(
                rule: "superseded", message: "Something else was told of this record after the row was refused, or may have been. Discard the row, or replay it with --overwrite.")
        }
    }

    /// Before rows form a record that others have told already.
    static let incomplete = Refused(
        rule: "incomplete", message: "Several rows form its record, and the others are not in quarantine. Run the adapter: it reads all of them again.")

    /// By the rows' numbers in `hub.quarantine`.
    var outcomes: [ReplayedRecord] {
        rows.indices.map { index in
            if superseded.contains(index) { return ReplayedRecord(id: rows[index].id, outcome: .superseded) }
            guard let refused = refusals[index] else { return ReplayedRecord(id: rows[index].id, outcome: .replayed) }
            return ReplayedRecord(id: rows[index].id, outcome: .refused(rule: refused.rule, message: refused.message))
        }
    }
}

/// Quarantined rows as an input: each is read again by the stream's format as it is declared now.
struct ReplayInput: RecordInput {
    /// Number and bytes of each row, opened.
    let rows: [(number: Int, raw: [UInt8], columns: [String]?)]
    let stream: Stream

    var title: String { QuarantineReplay.input }
    var digest: [UInt8]? { nil }
    // Nothing is learnt from them about the source's columns.
    var hasFixedColumns: Bool { false }
    var hasKinds: Bool { false }
    var hasOwnColumns: Bool { false }
    var rawTellsAll: Bool { false }

    func forEach(unless isTaken: RowQuestion?, _ body: (ReadOutcome?, InputPlace) throws -> Void) throws {
        // Rows of one input share their columns: a shape is looked at once.
        var shapes: [[String]: RecordShape] = [:]
        for row in rows {
            let place = InputPlace(name: title, index: row.number)
            let outcomes: [ReadOutcome]
            do throws(FormatError) { outcomes = try stream.input.read(row.raw, columns: row.columns, &shapes) } catch { throw error.inAdapter() }
            for outcome in outcomes { try body(outcome, place) }
            if outcomes.isEmpty { try body(.refused(Refusal(line: 1, raw: row.raw, rule: Rule.syntax, message: "There is no record in the row.")), place) }
        }
    }
}

extension Input {
    /// A kept row as the input's format reads it now.
    fileprivate func read(_ raw: [UInt8], columns: [String]?, _ shapes: inout [[String]: RecordShape]) throws(FormatError) -> [ReadOutcome] {
        guard let format else {
            let names = columns ?? []
            let shape = shapes[names] ?? RecordShape(names: names)
            shapes[names] = shape
            let values = raw.withUnsafeBytes { CopyText.values($0) }
            guard values.count == names.count else {
                return [.refused(Refusal(line: 1, raw: raw, rule: Rule.ragged, message: "The row has \(values.count) columns in place of \(names.count).", shape: shape))]
            }
            return [.record(Record(shape: shape, values: values, line: 1, raw: raw))]
        }
        if let outcomes = try RawRecord.read(raw, columns: columns, format) { return outcomes }
        let message = "A row of this format says nothing without the rest of its file. Run the adapter: it reads the file again."
        return [.refused(Refusal(line: 1, raw: raw, rule: "incomplete", message: message))]
    }

    /// Nil where rows are those of a table.
    private var format: Format? {
        switch self {
        case .files(let files): files.format
        case .postgres: nil
        case .http(let http): http.format
        case .command(let command): command.format
        case .piped(let piped): piped.format
        case .singer: .ndjson
        }
    }
}
