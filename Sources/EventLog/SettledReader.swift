import PostgresClient

/// A fact as it stands in the log. Subject and payload are borrowed: copy what is to be kept.
package struct StoredEvent {
    package let position: Int64
    package let sourceID: Int32
    package let typeID: Int32
    /// UTF-8.
    package let subject: UnsafeRawBufferPointer
    package let occurredAt: Timestamp?
    package let recordedAt: Timestamp
    package let batchID: Int64
    package let causedBy: Int64?
    /// JSON, byte for byte as it was appended.
    package let payload: UnsafeRawBufferPointer
}

/// Reads facts in the order of their positions, never past the settled horizon, so that none is skipped.
package struct SettledReader {
    private let connection: Connection

    /// - Parameter connection: with SELECT on the log; READ COMMITTED.
    package init(_ connection: Connection) { self.connection = connection }

    /// The settled horizon now.
    package func horizon() throws(PostgresError) -> Int64 {
        try connection.query("SELECT hub.settled()").int(0, 0) ?? 0
    }

    /// Hands over the facts after a position, in order.
    /// - Parameters:
    ///   - after: the last position already read; 0 for all.
    ///   - upTo: where to stop, at most the horizon.
    ///   - limit: at most so many facts.
    ///   - types: only these, where given; the position moves over the others all the same.
    /// - Returns: the position to go on after, and how many facts there were. With fewer facts than `limit`, everything up to `upTo` (or the horizon) is read.
    /// - Throws: `LogError(.archived)` where facts that were asked for lie in an archived partition: what was handed over has a gap.
    @discardableResult
    package func read(
        after: Int64, upTo: Int64? = nil, limit: Int = 50_000, types: Set<Int32>? = nil, _ body: (StoredEvent) throws -> Void
    ) throws -> (position: Int64, count: Int) {
        let horizon = try horizon()
        let end = min(upTo ?? horizon, horizon)
        guard end > after else { return (after, 0) }
        var last = after
        var count = 0
        try readTable("hub.event", after: after, upTo: end, types: types, limit: limit) { event in
            last = event.position
            count += 1
            try body(event)
        }
        if count < limit { last = end }
        // Afterwards, in a newer snapshot: whoever takes a partition out marks it first.
        try refuseGap(after: after, upTo: last)
        return (last, count)
    }

    static let columns = "position, source_id, type_id, subject, occurred_at, recorded_at, batch_id, caused_by, payload"
    static let select = "SELECT \(columns)"

    /// Without a look at the horizon, from the log or one of its partitions.
    func readTable(
        _ table: String, after: Int64, upTo end: Int64, types: Set<Int32>? = nil, limit: Int = .max, _ body: (StoredEvent) throws -> Void
    ) throws {
        let filter = types.map { types in
            types.isEmpty ? " AND false" : " AND type_id IN (" + types.sorted().map(String.init).joined(separator: ",") + ")"
        } ?? ""
        try connection.copyOut(
            """
            COPY (\(Self.select) FROM \(table) WHERE position > \(after) AND position <= \(end)\(filter) ORDER BY position LIMIT \(limit))
            TO STDOUT (FORMAT binary)
            """
        ) { message in
            if let event = StoredEvent(message) { try body(event) }
        }
    }

    /// Hands over what a fold asks of the facts in a range, in order: two columns less are a fifth of the server's work. The caller knows that
    /// the range is settled, and asks `refuseGap` afterwards.
    package func readFolded(after: Int64, upTo end: Int64, _ body: (Fact) throws -> Void) throws {
        try connection.copyOut(
            """
            COPY (SELECT position, source_id, type_id, subject, occurred_at, recorded_at, payload FROM hub.event
                   WHERE position > \(after) AND position <= \(end) ORDER BY position) TO STDOUT (FORMAT binary)
            """
        ) { message in
            if let event = Fact(message) { try body(event) }
        }
    }

    /// Throws where facts that were read lie in a partition that has been taken out. Asked after reading, and before what was read counts.
    package func refuseGap(after: Int64, upTo end: Int64) throws {
        let rows = try connection.query(
            """
            SELECT name FROM hub.leaf
             WHERE archived_at IS NOT NULL AND first_position <= $2::bigint AND last_position > $1::bigint ORDER BY first_position LIMIT 1
            """, [.int(after), .int(end)])
        guard let name = rows.text(0, 0) else { return }
        throw LogError(
            .archived, "Facts after position \(after) lie in the partition \(name), which is archived. Run `twinhub log restore-leaf \(name)` first.")
    }
}

extension Fact {
    /// From a row of the COPY above; nil for its trailer.
    fileprivate init?(_ message: UnsafeRawBufferPointer) {
        var row = BinaryRow(message)
        guard row.columns == 7, let position = row.int8(), let source = row.int4(), let type = row.int4(), let subject = row.cell() else { return nil }
        let occurred = row.timestamp()
        guard let recorded = row.timestamp(), let payload = row.cell() else { return nil }
        self.init(
            position: position, sourceID: source, typeID: type, subject: subject, occurredAt: occurred, recordedAt: recorded, payload: payload)
    }
}

extension StoredEvent {
    /// From a row of the COPY above; nil for its trailer.
    init?(_ message: UnsafeRawBufferPointer) {
        var row = BinaryRow(message)
        guard row.columns == 9, let position = row.int8(), let source = row.int4(), let type = row.int4(), let subject = row.cell() else { return nil }
        let occurred = row.timestamp()
        guard let recorded = row.timestamp(), let batch = row.int8() else { return nil }
        let cause = row.int8()
        guard let payload = row.cell() else { return nil }
        self.init(
            position: position, sourceID: source, typeID: type, subject: subject, occurredAt: occurred, recordedAt: recorded,
            batchID: batch, causedBy: cause, payload: payload)
    }
}
