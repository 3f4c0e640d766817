import PostgresClient

/// What the hub remembers of a stream, put aside and brought back: for the owner.
package enum StreamStates {
    /// A state that was put aside.
    package struct Former: Sendable, Hashable {
        package let id: Int64
        package let stream: String
        /// RFC 3339.
        package let keptAt: String
        package let keptBy: String
        package let reason: String
        /// Of fingerprints.
        package let blocks: Int64
    }

    /// Forgets cursor and fingerprints of a stream; the next run tells everything again.
    ///
    /// Throws `PostgresError`: no_data_found where the source never ran, lock_not_available while a run writes.
    /// - Returns: the number under which the state is kept.
    package static func reset(_ source: String, stream: String, by: String, reason: String, on owner: Connection) throws -> Int64 {
        let rows = try owner.query("SELECT hub.reset_stream($1, $2, $3, $4)", [.text(source), .text(stream), .text(by), .text(reason)])
        return rows.int(0, 0) ?? 0
    }

    /// Brings a former state back. The present one is kept beside, under the number that is returned.
    package static func restore(_ source: String, state: Int64, by: String, reason: String, on owner: Connection) throws -> Int64 {
        let rows = try owner.query("SELECT hub.restore_stream($1, $2, $3, $4)", [.text(source), .int(state), .text(by), .text(reason)])
        return rows.int(0, 0) ?? 0
    }

    /// The states of a source that were put aside, the last first.
    package static func list(_ source: String, on owner: Connection) throws -> [Former] {
        let rows = try owner.query(
            """
            SELECT t.id, t.stream, to_char(t.kept_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), t.kept_by, t.reason,
                   (SELECT count(*) FROM hub.stream_state_block b WHERE b.state_id = t.id)
              FROM hub.stream_state t JOIN hub.source s ON s.id = t.source_id WHERE s.name = $1 ORDER BY t.id DESC
            """, [.text(source)])
        return (0..<rows.count).map { row in
            Former(
                id: rows.int(row, 0) ?? 0, stream: rows.text(row, 1) ?? "", keptAt: rows.text(row, 2) ?? "", keptBy: rows.text(row, 3) ?? "",
                reason: rows.text(row, 4) ?? "", blocks: rows.int(row, 5) ?? 0)
        }
    }
}
