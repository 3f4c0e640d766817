import PostgresClient
import Projections

/// As of when each kind is told by each source.
struct FreshnessFold {
    private struct Key: Hashable { var kind: String; var sourceID: Int32 }

    private struct Latest {
        var occurred: Timestamp?
        var recorded: Timestamp
        var position: Int64
        var facts: Int64

        mutating func merge(_ other: Latest) {
            occurred = [occurred, other.occurred].compactMap(\.self).max()
            recorded = max(recorded, other.recorded)
            position = max(position, other.position)
            facts += other.facts
        }
    }

    private var latest: [Key: Latest] = [:]

    /// - Parameter occurred: when what the fact says was so.
    mutating func take(_ kind: String, _ fact: Fact, occurred: Timestamp?) {
        let new = Latest(occurred: occurred, recorded: fact.recordedAt, position: fact.position, facts: 1)
        latest[Key(kind: kind, sourceID: fact.sourceID), default: Latest(occurred: nil, recorded: fact.recordedAt, position: 0, facts: 0)]
            .merge(new)
    }

    /// Adds what is held, and forgets it.
    mutating func flush(on connection: Connection) throws {
        for (key, value) in latest.sorted(by: { ($0.key.kind, $0.key.sourceID) < ($1.key.kind, $1.key.sourceID) }) {
            try connection.query(
                """
                INSERT INTO freshness AS f (kind, source_id, last_occurred_at, last_recorded_at, last_position, facts)
                VALUES ($1, $2::int, $3::timestamptz, $4::timestamptz, $5::bigint, $6::bigint)
                ON CONFLICT (kind, source_id) DO UPDATE
                SET last_occurred_at = greatest(f.last_occurred_at, excluded.last_occurred_at),
                    last_recorded_at = greatest(f.last_recorded_at, excluded.last_recorded_at),
                    last_position = greatest(f.last_position, excluded.last_position), facts = f.facts + excluded.facts
                """,
                [
                    .text(key.kind), .int(Int64(key.sourceID)), .timestamp(value.occurred), .timestamp(value.recorded), .int(value.position),
                    .int(value.facts),
                ])
        }
        latest.removeAll()
    }
}
