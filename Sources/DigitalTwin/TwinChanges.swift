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

    /// Columns of which a difference is none.
    private static let origin: Set<String> = ["position", "since"]
    /// Columns that stand beside the rows, too: where the thing is.
    private static let place: Set<String> = ["district", "grid_cell"]

    /// Before the staged claims are merged.
    func keepRows(touchedBy kinds: [ClaimKind], on connection: Connection) throws {
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
            let known = kept.contains(told.name) ? " EXCEPT SELECT o.key FROM \(TwinSQL.arrived(in: told.kept)) o" : ""
            try keep(told, "(\(linked))\(known)", on: connection)
        }
    }

    private func keep(_ told: ToldKind, _ keys: String, on connection: Connection) throws {
        // Mostly there are none in the end, and to plan what the views are takes longer than to see that.
        guard try connection.query("SELECT EXISTS (\(keys))").bool(0, 0) else { return }
        if kept.insert(told.name).inserted {
            try connection.execute(
                """
                CREATE TEMP TABLE IF NOT EXISTS \(told.kept) AS
                SELECT NULL::text COLLATE "C" AS key, NULL::text COLLATE "C" AS told_id, w.* FROM \(SQL.identifier(schema)).\(told.view) w LIMIT 0
                """)
        }
        try connection.execute(
            "INSERT INTO \(told.kept) SELECT t.key, v.* FROM (\(keys)) t (key) LEFT JOIN LATERAL (\(told.columns(of: schema, key: "t.key"))) v ON true")
    }

    /// When everything is written.
    func tell(on connection: Connection) throws {
        guard !kept.isEmpty else { return }
        let columns = try columns(on: connection)
        let changed = ToldKind.all.filter { kept.contains($0.name) }.map { statement(of: $0, columns[$0.name] ?? []) }
        let told = try connection.query(
            TwinSQL.derive("tell_changes").replacing("{rows}", with: changed.joined(separator: " UNION ALL ")), [.int(after), .int(position)])
        guard told.affected > 0 else { return }
        // Whoever was told of a change must never see the twin without it: this commit waits for the disk.
        try connection.execute("SET LOCAL synchronous_commit TO DEFAULT; SELECT hub.forget_changes()")
    }

    // MARK: Columns

    /// A column of a view.
    private struct ToldColumn {
        let name: String
        let type: String

        /// Its value as something of which PostgreSQL knows whether it is another one.
        func comparable(_ row: String) -> String { "\(row).\(SQL.identifier(name))" + (type == "json" ? "::text" : "") }
        /// Its value as JSON, null where it is null. Column by column: of a whole row PostgreSQL looks up anew at each value how its type becomes JSON,
        /// which takes longer than to write it, and of geometry 35 µs.
        func json(_ row: String) -> String {
            let value = "\(row).\(SQL.identifier(name))"
            switch type {
            case "int4", "int8", "bool": return "\(value)::text"
            case "geometry": return "\(value)::json::text"
            default: return "to_json(\(value))::text"
            }
        }
        /// The same after its name.
        func member(_ row: String) -> String { "\(SQL.literal("\"\(name)\":")) || coalesce(\(json(row)), 'null')" }
    }

    /// By the names of the kinds, the columns of their views.
    private func columns(on connection: Connection) throws -> [String: [ToldColumn]] {
        let views = ToldKind.all.map { "('\($0.name)', \(SQL.literal("\(SQL.identifier(schema)).\($0.view)"))::regclass)" }
        let rows = try connection.query(
            """
            SELECT v.kind, a.attname, t.typname FROM (VALUES \(views.joined(separator: ", "))) v (kind, view)
              JOIN pg_attribute a ON a.attrelid = v.view AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid ORDER BY v.kind, a.attnum
            """)
        var columns: [String: [ToldColumn]] = [:]
        for row in 0..<rows.count { columns[rows.text(row, 0) ?? "", default: []].append(ToldColumn(name: rows.text(row, 1) ?? "", type: rows.text(row, 2) ?? "")) }
        return columns
    }

    /// The statement that compares the rows of a kind.
    private func statement(of told: ToldKind, _ columns: [ToldColumn]) -> String {
        func differs(_ column: ToldColumn) -> String { "\(column.comparable("b")) IS DISTINCT FROM \(column.comparable("a"))" }
        func row(_ row: String) -> String { "'{' || concat_ws(',', \(columns.map { $0.member(row) }.joined(separator: ", "))) || '}'" }
        let place = columns.filter { Self.place.contains($0.name) }.map { column in
            "coalesce(\(SQL.literal("\"\(column.name)\":")) || CASE WHEN a.told_id IS NULL THEN \(column.json("b")) ELSE \(column.json("a")) END || ',', '')"
        }
        return [
            "kind": told.name, "word": told.word, "cause": told.cause, "place": place.isEmpty ? "''" : place.joined(separator: " || "), "before": row("b"),
            "former": columns.map { "CASE WHEN \(differs($0)) THEN \($0.member("b")) END" }.joined(separator: ", "), "after": row("a"),
            "kept": TwinSQL.arrived(in: told.kept), "rows": told.columns(of: schema, key: "k.key"),
            "differs": columns.filter { !Self.origin.contains($0.name) }.map(differs).joined(separator: " OR "),
        ].reduce(TwinSQL.derive("told_kind")) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
