import EventLog
import PostgresClient
import Projections

/// Who was erased: facts about the person before the erasure count in no fold, and values under the destroyed keys stand in no table.
///
/// The erasures of the whole log are known before its first fact is folded, so that live, rebuilt and as of a moment nothing of the
/// person comes back. What stood in the tables before an erasure was told leaves them with the next batch.
final class Erasures {
    /// Last position of an erasure, by the person's whole subject, UTF-8.
    private var positions: [[UInt8]: Int64] = [:]
    private var keys: Set<[UInt8]> = []
    private var known = 0
    /// Not yet carried out in the tables by this projection.
    private var pending: [Erasure] = []

    private static let prefix = Array("person/".utf8)
    private static let mark = Array("sealed:".utf8)

    func use(_ erasures: [Erasure]) {
        guard erasures.count != known else { return }
        known = erasures.count
        for erasure in erasures {
            let subject = Self.prefix + Array(erasure.subject.utf8)
            guard positions[subject, default: 0] < erasure.position else { continue }
            positions[subject] = erasure.position
            keys.formUnion(erasure.keys.map { Array($0.utf8) })
            pending.append(erasure)
        }
    }

    /// Whether a fact no longer counts.
    func covers(_ fact: Fact) -> Bool {
        guard !positions.isEmpty, fact.subject.starts(with: Self.prefix), let position = positions[Array(fact.subject)] else { return false }
        return fact.position < position
    }

    /// Whether a text is sealed under a destroyed key.
    func destroyed(_ text: UnsafeRawBufferPointer) -> Bool {
        guard !keys.isEmpty, text.starts(with: Self.mark) else { return false }
        return keys.contains(Array(text.dropFirst(Self.mark.count).prefix { $0 != UInt8(ascii: ":") }))
    }

    /// Takes the erased people out of the tables, before anything newer is merged. Doing it again does no harm: what was told after the
    /// erasure has a later position.
    /// - Parameter notesClaims: whether claims that go are noted for those who compare people.
    func stage(notesClaims: Bool = true) -> Work {
        let pending = pending
        self.pending = []
        return Work { try Self.carryOut(pending, notesClaims: notesClaims, on: $0) }
    }

    private static func carryOut(_ pending: [Erasure], notesClaims: Bool, on connection: Connection) throws {
        guard !pending.isEmpty else { return }
        func list(_ values: [String]) -> Parameter { .text("{" + values.joined(separator: ",") + "}") }
        let subjects = list(pending.map(\.subject)), positions = list(pending.map { String($0.position) })
        for kind in ClaimKind.all where kind.isPersonal {
            // One's own key, and keys that go on after a colon: two ways to use the index.
            for match in ["t.id = p.id", "t.id > p.id || ':' AND t.id < p.id || ';'"] {
                try connection.query(
                    """
                    WITH gone AS (
                        DELETE FROM \(kind.table) t USING (SELECT (s.name || ':' || e.subject) COLLATE "C" AS id, e.position
                          FROM unnest($1::text[], $2::bigint[]) e (subject, position) CROSS JOIN hub.source s) p WHERE \(match) AND t.position < p.position
                        RETURNING t.id)
                    \(notesClaims ? EntityLinks.noteErased : "SELECT count(*) FROM gone")
                    """, [subjects, positions])
            }
        }
        let destroyed = list(pending.flatMap(\.keys))
        for kind in ClaimKind.all {
            for column in kind.columns where column.isSealed {
                try connection.query(
                    "UPDATE \(kind.table) SET \(column.name) = NULL WHERE starts_with(\(column.name), 'sealed:') AND split_part(\(column.name), ':', 2) = ANY ($1::text[])",
                    [destroyed])
            }
        }
    }
}
