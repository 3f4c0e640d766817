import PostgresClient
import Projections

/// Tells what a batch changes in the twin, in the batch's transaction: rows as they were are kept before something that they rest on is
/// written, and compared with the rows as they are when everything is.
///
/// A row that only rests on later facts than before (`position`, `since`) has not changed.
final class TwinChanges {
    /// Schema of the views.
    let schema: String
    /// Position of the last fact before the batch.
    let after: Int64
    /// Position of the batch's last fact.
    let position: Int64

    /// Names of the kinds of which rows were kept.
    private var kept: Set<String> = []

    init(schema: String, after: Int64, position: Int64) {
        (self.schema, self.after, self.position) = (schema, after, position)
    }

    private static let columnsOfOrigin = "'{position,since}'::text[]"

    /// Before the staged claims are merged.
    func keepRows(touchedBy kinds: [ClaimKind], on connection: Connection) throws {
        try connection.execute(#"CREATE TEMP TABLE IF NOT EXISTS told (kind text COLLATE "C", key text COLLATE "C", id text COLLATE "C", before jsonb)"#)
        for told in ToldKind.all {
            let touched = kinds.compactMap { kind in told.touched[kind.name]?.replacing("{staged}", with: TwinSQL.arrived(in: kind.stage)) }
            if !touched.isEmpty { try keep(told, touched.joined(separator: " UNION "), on: connection) }
        }
    }

    /// When new links are found, and before they replace the old ones.
    func keepRowsTouchedByLinks(on connection: Connection) throws {
        let rows = try connection.query("SELECT DISTINCT kind FROM affected")
        let affected = Set((0..<rows.count).compactMap { rows.text($0, 0) })
        for told in ToldKind.all {
            guard let linked = told.linked, affected.contains(told.linkedKind ?? told.name) else { continue }
            try keep(told, "(\(linked)) EXCEPT SELECT o.key FROM \(TwinSQL.arrived(in: "told")) o WHERE o.kind = '\(told.name)'", on: connection)
        }
    }

    private func keep(_ told: ToldKind, _ keys: String, on connection: Connection) throws {
        kept.insert(told.name)
        try connection.execute(
            "INSERT INTO told SELECT '\(told.name)', t.key, v.id, v.row FROM (\(keys)) t (key) LEFT JOIN LATERAL (\(rows(of: told, "t.key"))) v ON true")
    }

    /// The rows of a key. OFFSET has them looked up one by one, whatever the planner thinks of the keys' number.
    private func rows(of told: ToldKind, _ key: String) -> String { told.rows(of: schema, key: key) + " OFFSET 0" }

    /// When everything is written.
    func tell(on connection: Connection) throws {
        guard !kept.isEmpty else { return }
        let changed = ToldKind.all.filter { kept.contains($0.name) }.map { told in
            let arrived = "FROM \(TwinSQL.arrived(in: "told")) t WHERE t.kind = '\(told.name)'"
            return """
                SELECT '\(told.name)' AS kind, o.id, o.before, o.after, \(told.word) AS what, \(told.cause) AS cause
                  FROM (SELECT coalesce(a.key, b.key) AS key, coalesce(a.id, b.id) AS id, b.before, a.row AS after
                          FROM (SELECT t.key, t.id, t.before \(arrived) AND t.before IS NOT NULL) b
                          FULL JOIN (SELECT k.key, v.id, v.row FROM (SELECT DISTINCT t.key \(arrived)) k
                                      CROSS JOIN LATERAL (\(rows(of: told, "k.key"))) v) a ON a.id = b.id) o
                """
        }
        let told = try connection.query(
            TwinSQL.derive("tell_changes").replacing("{rows}", with: changed.joined(separator: " UNION ALL ")).replacing("{origin}", with: Self.columnsOfOrigin),
            [.int(after), .int(position)])
        guard told.affected > 0 else { return }
        // Whoever was told of a change must never see the twin without it: this commit waits for the disk.
        try connection.execute("SET LOCAL synchronous_commit TO DEFAULT; SELECT hub.forget_changes()")
    }
}
