import PostgresClient

/// The runs of sources: one row each, also of those that fail, in transactions of their own.
///
/// A run that is killed never says how it ended; `hub.run_status` calls it lost once its session is gone.
package enum Runs {
    /// What became of a run.
    package struct End: Sendable, Hashable {
        /// The word in `hub.run`.
        package enum Outcome: String, Sendable {
            case done, failed, cancelled
        }

        package var outcome: Outcome
        /// Why it failed: one word.
        package var errorKind: String?
        /// Never a value of the source.
        package var message: String?
        /// The lease's token, which its batches bear.
        package var token: Int64?
        /// Of what it committed.
        package var counters = BatchCounters()
        package var facts = 0
        /// How the columns changed.
        package var drift: String?
        /// What was suspicious though it was done.
        package var warning: String?
        /// What the source's programs measured of themselves: a JSON list.
        package var metrics: String?

        package init(_ outcome: Outcome) { self.outcome = outcome }
    }

    /// Notes that a run has begun.
    /// - Parameter connection: under the source's own role, held for as long as the run lives.
    package static func begin(adapterVersion: String, on connection: Connection) throws -> Int64 {
        try connection.query("INSERT INTO hub.run (adapter_version) VALUES ($1) RETURNING id", [.text(adapterVersion)]).int(0, 0) ?? 0
    }

    /// Notes how it ended.
    package static func finish(_ run: Int64, _ end: End, on connection: Connection) throws {
        let c = end.counters
        try connection.query(
            """
            UPDATE hub.run SET ended_at = now(), outcome = $2, error_kind = $3, message = $4, token = $5, rows_read = $6, rows_added = $7,
                   rows_changed = $8, rows_unchanged = $9, rows_removed = $10, rows_refused = $11, rows_held_back = $12, facts = $13, drift = $14,
                   metrics = $15::json, warning = $16
             WHERE id = $1
            """,
            [.int(run), .text(end.outcome.rawValue), .text(end.errorKind), .text(end.message), .int(end.token)]
                + [c.read, c.added, c.changed, c.unchanged, c.removed, c.refused, c.heldBack, end.facts].map { .int(Int64($0)) } 
                + [.text(end.drift), .text(end.metrics), .text(end.warning)])
    }

    /// Notes a run of a registered source that failed before it could log in, such as one whose manifest cannot be read; nothing where
    /// the source is not known.
    /// - Parameter connection: of the hub's owner.
    package static func noteFailure(of source: String, kind: String, message: String, on connection: Connection) throws {
        try connection.query(
            """
            INSERT INTO hub.run (source_id, adapter_version, pid, ended_at, outcome, error_kind, message)
            SELECT id, '', NULL, now(), 'failed', $2, $3 FROM hub.source WHERE name = $1
            """, [.text(source), .text(kind), .text(message)])
    }
}
