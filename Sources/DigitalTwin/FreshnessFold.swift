import EventLog
import PostgresClient
import Projections

/// As of when each kind is told by each source.
struct FreshnessFold {
    private struct Latest {
        var occurred_us: Int64 = .min
        var recorded_us: Int64 = .min
        var position: Int64 = 0
        var facts: Int64 = 0
    }

    /// By source, then by the number of the kind.
    private var latest: [Int32: [Latest]] = [:]
    private let kinds: [String]

    init(kinds: [String]) { self.kinds = kinds }

    /// - Parameter occurred: when what the fact says was so.
    mutating func take(_ kind: Int, _ fact: Fact, occurred: Timestamp?) {
        func note(_ held: inout Latest) {
            held.occurred_us = max(held.occurred_us, occurred?.microseconds ?? .min)
            held.recorded_us = max(held.recorded_us, fact.recordedAt.microseconds)
            held.position = max(held.position, fact.position)
            held.facts += 1
        }
        note(&latest[fact.sourceID, default: Array(repeating: Latest(), count: kinds.count)][kind])
    }

    /// Takes what is held, ready to be added, and forgets it.
    mutating func stage() -> Work {
        let held = self
        latest.removeAll()
        return Work { try held.add(on: $0) }
    }

    private func add(on connection: Connection) throws {
        let rows = latest.sorted { $0.key < $1.key }.flatMap { source, held in
            zip(kinds, held).filter { $0.1.facts > 0 }.map { kind, held in
                let occurred = held.occurred_us == .min ? "NULL" : "'\(Timestamp(microseconds: held.occurred_us))'"
                return "('\(kind)', \(source), \(occurred)::timestamptz, '\(Timestamp(microseconds: held.recorded_us))'::timestamptz, \(held.position), \(held.facts))"
            }
        }
        guard !rows.isEmpty else { return }
        try connection.execute(
            """
            INSERT INTO freshness AS f (kind, source_id, last_occurred_at, last_recorded_at, last_position, facts)
            VALUES \(rows.joined(separator: ", "))
            ON CONFLICT (kind, source_id) DO UPDATE
            SET last_occurred_at = greatest(f.last_occurred_at, excluded.last_occurred_at),
                last_recorded_at = greatest(f.last_recorded_at, excluded.last_recorded_at),
                last_position = greatest(f.last_position, excluded.last_position), facts = f.facts + excluded.facts
            """)
    }
}
