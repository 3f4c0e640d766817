import PostgresClient
import RecordFormats

/// The records of an incremental stream from one value of its cursor up to another, which is not in it.
struct CursorRange: Sendable {
    let cursor: Stream.Cursor
    private let from: Bound
    private let to: Bound

    /// A value of a cursor.
    private enum Bound: Sendable {
        /// Of an integer, or microseconds since 1970.
        case number(Int64)
        case text(String)

        static func isOrdered(_ a: Bound, before b: Bound) -> Bool {
            switch (a, b) {
            case (.number(let a), .number(let b)): a < b
            case (.text(let a), .text(let b)): a < b
            default: false
            }
        }
    }

    /// - Parameters:
    ///   - from: a number, a text or a time as the cursor's type has it. A time is ISO 8601, without an offset in the cursor's zone; a day alone
    ///     is its beginning.
    ///   - to: likewise.
    ///
    /// Throws `configuration` where one cannot be read, or the range is empty.
    init(_ cursor: Stream.Cursor, from: String, to: String) throws(AdapterError) {
        self.cursor = cursor
        self.from = try Self.bound(from, cursor)
        self.to = try Self.bound(to, cursor)
        guard Bound.isOrdered(self.from, before: self.to) else {
            throw AdapterError(.configuration, "The range from \(from) to \(to) is empty: its end is not in it.", hint: "Give an end that is later.")
        }
    }

    private static func bound(_ text: String, _ cursor: Stream.Cursor) throws(AdapterError) -> Bound {
        switch cursor.kind {
        case .text: return .text(text)
        case .integer:
            guard let number = Int64(text) else {
                throw AdapterError(.configuration, "\"\(text)\" is no whole number, as the cursor \"\(cursor.column)\" is one.")
            }
            return .number(number)
        case .datetime:
            guard let parts = DateReading.parts(of: text, .iso8601), let local = parts.asUTC else {
                throw AdapterError(
                    .configuration, "\"\(text)\" is no time, as the cursor \"\(cursor.column)\" is one.",
                    hint: "Write 2026-05-01, or 2026-05-01T12:00:00+08:00.")
            }
            let seconds = local.microseconds >= 0 ? local.microseconds / 1_000_000 : (local.microseconds - 999_999) / 1_000_000
            let offset = parts.offset_s ?? cursor.zone?.offset_s(local_s: seconds) ?? 0
            return .number(local.microseconds - Int64(offset) * 1_000_000)
        }
    }

    /// Whether a record lies in the range; one without a cursor value does not.
    func contains(_ record: Record, _ mapper: FactMapper) -> Bool {
        let value: Bound?
        switch cursor.kind {
        case .text: value = mapper.cursorText(record, cursor).map { .text($0) }
        case .integer: value = mapper.cursorText(record, cursor).flatMap { Int64($0) }.map { .number($0) }
        case .datetime: value = mapper.cursorMoment(record, cursor).map { .number($0.microseconds) }
        }
        return value.map { !Bound.isOrdered($0, before: from) && Bound.isOrdered($0, before: to) } ?? false
    }

    /// Both ends as the source's own literals.
    var placeholders: Placeholders { Placeholders(cursor: literal(from), until: literal(to)) }

    private func literal(_ bound: Bound) -> String {
        switch bound {
        case .text(let text): text
        case .number(let number): cursor.kind == .datetime ? cursor.literal(Timestamp(microseconds: number)) : String(number)
        }
    }
}

/// The records of another input that lie in a range of the cursor. What cannot be read passes: nobody knows where it lies.
struct RangeInput: RecordInput {
    let whole: any RecordInput
    let range: CursorRange
    let mapper: FactMapper

    /// As batches call it: a backfill is no pull of the source.
    var title: String { "backfill: \(whole.title)" }
    var digest: [UInt8]? { whole.digest }
    var hasFixedColumns: Bool { whole.hasFixedColumns }
    var hasKinds: Bool { whole.hasKinds }
    var hasOwnColumns: Bool { whole.hasOwnColumns }
    var shape: RecordShape? { whole.shape }
    var rawTellsAll: Bool { whole.rawTellsAll }

    func forEach(unless isTaken: RowQuestion?, _ body: (ReadOutcome?, InputPlace) throws -> Void) throws {
        try whole.forEach { outcome, place in
            if case .record(let record) = outcome, !range.contains(record, mapper) { return }
            try body(outcome, place)
        }
    }
}
