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
    @discardableResult
    package func read(
        after: Int64, upTo: Int64? = nil, limit: Int = 50_000, types: Set<Int32>? = nil, _ body: (StoredEvent) throws -> Void
    ) throws -> (position: Int64, count: Int) {
        let horizon = try horizon()
        let end = min(upTo ?? horizon, horizon)
        guard end > after else { return (after, 0) }
        let filter = types.map { types in
            types.isEmpty ? " AND false" : " AND type_id IN (" + types.sorted().map(String.init).joined(separator: ",") + ")"
        } ?? ""
        var last = after
        var count = 0
        try connection.copyOut(
            """
            COPY (SELECT position, source_id, type_id, subject, occurred_at, recorded_at, batch_id, caused_by, payload
                    FROM hub.event WHERE position > \(after) AND position <= \(end)\(filter) ORDER BY position LIMIT \(limit))
            TO STDOUT (FORMAT binary)
            """
        ) { message in
            guard let event = StoredEvent(message) else { return }
            last = event.position
            count += 1
            try body(event)
        }
        return (count < limit ? end : last, count)
    }
}

extension StoredEvent {
    /// From a row of the COPY above; nil for its trailer.
    fileprivate init?(_ message: UnsafeRawBufferPointer) {
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
