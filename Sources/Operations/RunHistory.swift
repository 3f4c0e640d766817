import EventLog
import PostgresClient

/// The runs of sources, newest first: what `twinhub adapter runs` shows.
package enum RunHistory {
    /// One run; counts are of records, `facts` of events.
    package struct Run: Sendable, Hashable, Encodable {
        package let source: String
        package let adapterVersion: String
        /// RFC 3339.
        package let startedAt: String
        /// Nil while it runs, and where it was lost.
        package let endedAt: String?
        package let seconds: Double?
        /// running, done, failed, cancelled or lost.
        package let outcome: String
        package let errorKind: String?
        package let message: String?
        package let read: Int64
        package let added: Int64
        package let changed: Int64
        package let unchanged: Int64
        package let removed: Int64
        package let refused: Int64
        package let heldBack: Int64
        package let facts: Int64
        /// How the columns changed.
        package let drift: String?
    }

    /// The last runs of a source, or of all. Throws `unknownSource` where there is no such source.
    package static func last(_ limit: Int, of source: String?, on connection: Connection) throws -> [Run] {
        if let source, try connection.query("SELECT FROM hub.source WHERE name = $1", [.text(source)]).count == 0 {
            throw LogError(.unknownSource, "No source \(source) ever ran here. See `twinhub adapter list`.")
        }
        let rows = try connection.query(
            """
            SELECT name, adapter_version, started_at, ended_at, seconds, outcome, error_kind, message, rows_read, rows_added, rows_changed,
                   rows_unchanged, rows_removed, rows_refused, rows_held_back, facts, drift
              FROM hub.run_status WHERE $1::text IS NULL OR name = $1 ORDER BY id DESC LIMIT $2
            """, [.text(source), .int(Int64(limit))])
        return (0..<rows.count).map { row in
            func number(_ column: Int) -> Int64 { rows.int(row, column) ?? 0 }
            return Run(
                source: rows.text(row, 0) ?? "", adapterVersion: rows.text(row, 1) ?? "", startedAt: rows.timestamp(row, 2)?.description ?? "",
                endedAt: rows.timestamp(row, 3)?.description, seconds: rows.double(row, 4), outcome: rows.text(row, 5) ?? "",
                errorKind: rows.text(row, 6), message: rows.text(row, 7), read: number(8), added: number(9), changed: number(10),
                unchanged: number(11), removed: number(12), refused: number(13), heldBack: number(14), facts: number(15), drift: rows.text(row, 16))
        }
    }
}
