import PostgresClient
import RecordFormats

/// The greatest cursor value of a pull.
struct Bookmark: Sendable {
    private let cursor: Stream.Cursor?
    private var number: Int64?
    /// As it is kept in `hub.cursor`: digits, microseconds since 1970, or the text itself.
    private(set) var text: String?
    /// The tie-breaker of the row that `text` is of.
    private(set) var tie: String?

    init(_ cursor: Stream.Cursor?) { self.cursor = cursor }

    mutating func note(_ record: Record, _ mapper: FactMapper) {
        guard let cursor else { return }
        let isLast: Bool
        switch cursor.kind {
        case .text:
            guard let value = mapper.cursorText(record, cursor), text.map({ $0 <= value }) ?? true else { return }
            text = value
            isLast = true
        case .integer: isLast = advance(mapper.cursorText(record, cursor).flatMap { Int64($0) })
        case .datetime: isLast = advance(mapper.cursorMoment(record, cursor)?.microseconds)
        }
        // Rows come in the order of both.
        if isLast, let slot = cursor.tieSlot { tie = mapper.columns.value(slot).flatMap { RecordColumns.text(of: $0) } }
    }

    /// False where a later one was noted before.
    private mutating func advance(_ value: Int64?) -> Bool {
        guard let value, number.map({ $0 <= value }) ?? true else { return false }
        if number != value { (number, text) = (value, String(value)) }
        return true
    }

    /// Notes in a state how far the rows have come.
    func note(in state: inout StreamState, before: StreamState) {
        state.bookmark = later(than: before.bookmark)
        state.tie = state.bookmark == text ? tie : before.tie
    }

    /// The later of this pull's bookmark and the one before.
    func later(than before: String?) -> String? {
        guard let before else { return text }
        guard let text else { return before }
        if cursor?.kind == .text { return max(before, text) }
        guard let a = Int64(before), let b = Int64(text) else { return text }
        return a < b ? text : before
    }

    /// Where the next pull begins, as a literal of the source's database: the bookmark itself again (>=), `lag` before it; for a group at the
    /// start of its window.
    static func start(_ cursor: Stream.Cursor, bookmark: String?, group: Stream.Group?) -> String? {
        guard let bookmark else { return nil }
        switch cursor.kind {
        case .text: return bookmark
        case .integer: return Int64(bookmark).map { String($0 - Int64(cursor.lag)) }
        case .datetime:
            guard let last = Int64(bookmark) else { return nil }
            var from = last - Int64(cursor.lag) * 1_000_000
            if let group {
                let window = Int64(group.window_s) * 1_000_000
                from -= (from % window + window) % window
            }
            return cursor.literal(Timestamp(microseconds: from))
        }
    }
}

extension Stream.Cursor {
    /// Of a datetime cursor whose column names none.
    var zone: Zone? {
        guard case .column(let column) = moment, case .datetime(_, let zone) = column.type else { return nil }
        return zone
    }

    /// A moment as the source writes it.
    func literal(_ moment: Timestamp) -> String {
        guard let zone else { return moment.description }
        // In the zone's own time: a column without a zone ignores the offset and compares the clock's face.
        let microseconds = moment.microseconds
        let seconds = microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
        let offset = zone.offset_s(utc_s: seconds)
        return DateParts(utc: Timestamp(microseconds: microseconds + Int64(offset) * 1_000_000)).text(offset_s: offset)
    }
}

extension FactMapper {
    func cursorText(_ record: Record, _ cursor: Stream.Cursor) -> String? {
        columns.load(record)
        return columns.value(cursor.slot).flatMap { RecordColumns.text(of: $0) }
    }

    func cursorMoment(_ record: Record, _ cursor: Stream.Cursor) -> Timestamp? { try? moment(record, cursor.moment) }
}
