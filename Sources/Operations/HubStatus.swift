import EventLog
import PostgresClient

/// How the hub is at this moment: what `twinhub status` shows.
package struct HubStatus: Sendable, Hashable, Encodable {
    /// One source and its last run; counts are of records, `facts` of events.
    package struct SourceStatus: Sendable, Hashable, Encodable {
        package let name: String
        package let department: String
        /// RFC 3339; nil where it never ran.
        package let lastRunAt: String?
        package let lagSeconds: Double?
        package let read: Int64
        package let added: Int64
        package let changed: Int64
        package let unchanged: Int64
        package let removed: Int64
        package let refused: Int64
        /// Removals that the guard holds back until somebody accepts them.
        package let heldBack: Int64
        package let facts: Int64
        package let factsTotal: Int64
        package let refusedTotal: Int64
        /// Who is writing now.
        package let writer: String?
        /// The last time that it was tried to run it; nil where it never was.
        package let attempt: Attempt?
        /// Nil where its columns never changed.
        package let drift: Drift?
        /// What was suspicious about the last attempt though it was done; nil where nothing was.
        package let warning: String?
    }

    /// The last attempt to run a source, failed ones included.
    package struct Attempt: Sendable, Hashable, Encodable {
        /// RFC 3339.
        package let startedAt: String
        /// Nil while it runs, and where it was lost.
        package let endedAt: String?
        /// running, done, failed, cancelled or lost.
        package let outcome: String
        package let errorKind: String?
        package let message: String?
        package let ageSeconds: Double
    }

    /// How a source's columns changed last.
    package struct Drift: Sendable, Hashable, Encodable {
        /// Names of columns, never values.
        package let columns: String
        /// RFC 3339.
        package let foundAt: String
        package let ageSeconds: Double
    }

    /// One projector, or the scenarios, and how far it is behind.
    package struct ProjectorStatus: Sendable, Hashable, Encodable {
        package let name: String
        package let position: Int64
        package let lagPositions: Int64
        package let lagSeconds: Double
    }

    /// A service that reads a stream, and how far it is behind.
    package struct ConsumerStatus: Sendable, Hashable, Encodable {
        package let name: String
        /// log or twin.
        package let stream: String
        package let position: Int64
        package let lagFacts: Int64
        package let lagSeconds: Double
        /// Processes whose lease holds.
        package let members: Int64
        /// Why its webhook posts nothing; nil where it does, or has none.
        package let pauseReason: String?
        package let deadLetters: Int64
    }

    /// Who follows by logical replication.
    package struct SlotStatus: Sendable, Hashable, Encodable {
        package let name: String
        package let active: Bool
        /// reserved, extended, unreserved or lost.
        package let state: String
        package let retainedBytes: Int64
    }

    /// The log's epoch: changes when the log is restored from a backup.
    package let epoch: String
    /// The settled horizon.
    package let horizon: Int64
    package let sources: [SourceStatus]
    package let projectors: [ProjectorStatus]
    package let consumers: [ConsumerStatus]
    package let slots: [SlotStatus]

    /// Reads it; writes nothing.
    package init(on connection: Connection) throws {
        epoch = try connection.query("SELECT epoch FROM hub.log").text(0, 0) ?? ""
        horizon = try SettledReader(connection).horizon()
        sources = try Self.sources(on: connection)
        projectors = try Self.projectors(on: connection)
        consumers = try Self.consumers(on: connection)
        slots = try Self.slots(on: connection)
    }

    private static func consumers(on connection: Connection) throws(PostgresError) -> [ConsumerStatus] {
        let rows = try connection.query(
            """
            SELECT c.name, c.stream, c.position, c.lag_facts, c.lag_seconds, cardinality(c.members), w.pause_reason,
                   (SELECT count(*) FROM hub.dead_letter d WHERE d.webhook = w.name AND d.replayed_at IS NULL)
              FROM hub.consumers c LEFT JOIN hub.webhook w ON w.consumer = c.name ORDER BY c.name
            """)
        return (0..<rows.count).map { row in
            ConsumerStatus(
                name: rows.text(row, 0) ?? "", stream: rows.text(row, 1) ?? "", position: rows.int(row, 2) ?? 0, lagFacts: rows.int(row, 3) ?? 0,
                lagSeconds: rows.double(row, 4) ?? 0, members: rows.int(row, 5) ?? 0, pauseReason: rows.text(row, 6), deadLetters: rows.int(row, 7) ?? 0)
        }
    }

    private static func slots(on connection: Connection) throws(PostgresError) -> [SlotStatus] {
        let rows = try connection.query(
            """
            SELECT slot_name, active, wal_status, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint FROM pg_replication_slots
             WHERE slot_type = 'logical' AND database = current_database() ORDER BY slot_name
            """)
        return (0..<rows.count).map { row in
            SlotStatus(name: rows.text(row, 0) ?? "", active: rows.bool(row, 1), state: rows.text(row, 2) ?? "", retainedBytes: rows.int(row, 3) ?? 0)
        }
    }

    private static func sources(on connection: Connection) throws(PostgresError) -> [SourceStatus] {
        let rows = try connection.query(
            """
            SELECT name, department, last_run_at, lag_seconds, rows_read, rows_added, rows_changed, rows_unchanged, rows_removed,
                   rows_refused, rows_held_back, facts, facts_total, refused_total,
                   CASE WHEN lease_until > now() THEN lease_holder END,
                   attempt_started_at, attempt_ended_at, attempt_outcome, attempt_error_kind, attempt_message,
                   extract(epoch FROM now() - attempt_started_at), drift, drifted_at, extract(epoch FROM now() - drifted_at), warning
              FROM hub.source_status ORDER BY name
            """)
        return (0..<rows.count).map { row in
            func number(_ column: Int) -> Int64 { rows.int(row, column) ?? 0 }
            let attempt: Attempt? =
                if let outcome = rows.text(row, 17) {
                    Attempt(
                        startedAt: rows.timestamp(row, 15)?.description ?? "", endedAt: rows.timestamp(row, 16)?.description, outcome: outcome,
                        errorKind: rows.text(row, 18), message: rows.text(row, 19), ageSeconds: rows.double(row, 20) ?? 0)
                } else { nil }
            let drift = rows.text(row, 21).map {
                Drift(columns: $0, foundAt: rows.timestamp(row, 22)?.description ?? "", ageSeconds: rows.double(row, 23) ?? 0)
            }
            return SourceStatus(
                name: rows.text(row, 0) ?? "", department: rows.text(row, 1) ?? "", lastRunAt: rows.timestamp(row, 2)?.description,
                lagSeconds: rows.double(row, 3), read: number(4), added: number(5), changed: number(6), unchanged: number(7),
                removed: number(8), refused: number(9), heldBack: number(10), facts: number(11), factsTotal: number(12),
                refusedTotal: number(13), writer: rows.text(row, 14), attempt: attempt, drift: drift, warning: rows.text(row, 24))
        }
    }

    private static func projectors(on connection: Connection) throws(PostgresError) -> [ProjectorStatus] {
        let rows = try connection.query(
            """
            SELECT projector, position, lag_positions, lag_seconds FROM hub.projector_status
            UNION ALL SELECT source, position, lag_positions, lag_seconds FROM hub.scenario_status ORDER BY 1
            """)
        return (0..<rows.count).map { row in
            ProjectorStatus(
                name: rows.text(row, 0) ?? "", position: rows.int(row, 1) ?? 0, lagPositions: rows.int(row, 2) ?? 0,
                lagSeconds: rows.double(row, 3) ?? 0)
        }
    }
}
