import EventLog
import PostgresClient

/// The tables of a projection, made anew by every rebuild, and the views through which they are read.
///
/// Tables live in a schema of their own, `<name>_g<n>`; `<name>.*` are views over the current one. A rebuild fills the next
/// generation and switches the views with CREATE OR REPLACE: what others built on the views, their grants and comments stay.
struct Generations {
    let connection: Connection
    let name: String
    let definition: Definition

    /// The generation that is read.
    struct Current: Hashable {
        let number: Int
        let tablesMark: String
        let viewsMark: String
    }

    func schema(_ number: Int) -> String { "\(name)_g\(number)" }

    /// The current generation, or nil where there is none yet.
    func current() throws -> Current? {
        let table = "\(SQL.identifier(name)).generation"
        guard try connection.query("SELECT to_regclass($1) IS NOT NULL", [.text(table)]).bool(0, 0) else { return nil }
        let rows = try connection.query("SELECT number, tables_mark, views_mark FROM \(table)")
        guard let number = rows.int(0, 0) else { return nil }
        return Current(number: Int(number), tablesMark: rows.text(0, 1) ?? "", viewsMark: rows.text(0, 2) ?? "")
    }

    /// Whether what the views' statements make in schemas of others is there.
    func hasViews() throws -> Bool { try connection.query("SELECT \(definition.areThere)").bool(0, 0) }

    /// A number that no generation has, not even one that a killed rebuild left behind.
    func next() throws -> Int {
        (try numbers().max() ?? 0) + 1
    }

    private func numbers() throws -> [Int] {
        let rows = try connection.query(
            "SELECT substr(nspname, $2::int) FROM pg_namespace WHERE starts_with(nspname, $1)",
            [.text(name + "_g"), .int(Int64(name.count + 3))])
        return (0..<rows.count).compactMap { rows.text($0, 0).flatMap { Int($0) } }
    }

    /// Makes the schema and its tables, without keys and indexes.
    func makeTables(in schema: String) throws {
        try connection.transaction { connection in
            try connection.execute("CREATE SCHEMA \(SQL.identifier(schema))")
            try usePath(schema)
            try connection.execute("COMMENT ON SCHEMA \(SQL.identifier(schema)) IS 'Tables behind the views of \(name); private: a rebuild replaces them (视图背后的表)'")
            for statement in definition.tables { try connection.execute(statement) }
        }
    }

    /// Gathers statistics of the tables: without them the server reads whole tables where an index would do.
    func analyze(_ schema: String) throws {
        let rows = try connection.query("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = $1 ORDER BY 1", [.text(schema)])
        let tables = (0..<rows.count).compactMap { rows.text($0, 0) }.map { "\(SQL.identifier(schema)).\($0)" }
        guard !tables.isEmpty else { return }
        // A smaller sample than the usual one, large enough to plan by: projecting waits for it.
        try connection.transaction { connection in
            try connection.execute("SET LOCAL default_statistics_target = 20; ANALYZE \(tables.joined(separator: ", "))")
        }
    }

    /// For the open transaction: the tables first, then where PostGIS lives. Without compiling: it takes longer than what it speeds up.
    func usePath(_ schema: String) throws { try Self.usePath(schema, on: connection) }

    static func usePath(_ schema: String, on connection: Connection) throws {
        try connection.execute("SET LOCAL search_path = \(SQL.identifier(schema)), public; SET LOCAL jit = off")
    }

    /// Makes or replaces the views of `views` over the tables in `tables`; inside a transaction.
    func makeViews(_ views: String, over tables: String) throws {
        try connection.execute("CREATE SCHEMA IF NOT EXISTS \(SQL.identifier(views)); SET LOCAL search_path = public")
        do throws(PostgresError) {
            for statement in definition.views {
                try connection.execute(
                    statement.replacing("{generation}", with: SQL.identifier(tables)).replacing("{twin}", with: SQL.identifier(views)))
            }
        } catch {
            guard error.sqlState == "42P16" else { throw error }
            throw ProjectionError(
                .viewsChanged,
                "A view of \(views) has other columns in this twinhub, and PostgreSQL cannot replace it (\(error.message)). Note what was built on the views, run `DROP SCHEMA \(SQL.identifier(views)) CASCADE` in `twinhub psql`, and project again.")
        }
    }

    /// Whether it is the one whose changes are told and whose tables are published.
    var isTold: Bool { name == "twin" }

    /// Lets logical replication follow a generation's tables in place of the former ones, and tells readers of changes that they are others;
    /// inside the transaction that switches the views.
    func publish(_ number: Int, at position: Int64) throws {
        guard isTold else { return }
        try connection.query("SELECT hub.publish_generation($1), hub.tell_rebuild($1, $2::bigint)", [.text(schema(number)), .int(position)])
    }

    /// Wakes those who wait for changes. They look by themselves, too.
    func wakeReaders() throws {
        if isTold { try connection.wakeReaders(isLast: true) }
    }

    /// Notes which generation is read; inside the transaction that switches the views.
    func note(current number: Int) throws {
        let table = "\(SQL.identifier(name)).generation"
        if try !connection.query("SELECT to_regclass($1) IS NOT NULL", [.text(table)]).bool(0, 0) {
            try connection.execute(Self.noteTable.replacing("{table}", with: table))
        }
        try connection.query(
            """
            INSERT INTO \(table) (number, tables_mark, views_mark) VALUES ($1::int, $2, $3)
            ON CONFLICT (only_row) DO UPDATE SET number = excluded.number, tables_mark = excluded.tables_mark,
                   views_mark = excluded.views_mark, switched_at = excluded.switched_at
            """, [.int(Int64(number)), .text(definition.tablesMark), .text(definition.viewsMark)])
    }

    private static let noteTable = """
        CREATE TABLE {table} (
            only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            number      integer NOT NULL,
            tables_mark text NOT NULL,
            views_mark  text NOT NULL,
            switched_at timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE {table} IS 'Which generation of tables the views read: one row (当前代)';
        COMMENT ON COLUMN {table}.only_row IS 'Always true (唯一行)';
        COMMENT ON COLUMN {table}.number IS 'Number in the name of the tables'' schema (代编号)';
        COMMENT ON COLUMN {table}.tables_mark IS 'Hash of the SQL that made the tables; another one means a rebuild (表定义摘要)';
        COMMENT ON COLUMN {table}.views_mark IS 'Hash of the SQL that made the views (视图定义摘要)';
        COMMENT ON COLUMN {table}.switched_at IS 'When the views were last switched (切换时间)';
        """

    /// Drops the generations that are no longer read. One that a long query still holds stays, for the next time.
    /// - Returns: how many stay.
    @discardableResult
    func dropOld() throws -> Int {
        guard let current = try current() else { return 0 }
        var kept = 0
        for number in try numbers() where number != current.number {
            do {
                try connection.transaction { connection in
                    try connection.execute("SET LOCAL lock_timeout = '100ms'")
                    try connection.execute("DROP SCHEMA \(SQL.identifier(schema(number))) CASCADE")
                }
            } catch let error as PostgresError where error.isLockTimeout {
                kept += 1
            }
        }
        return kept
    }

    /// Who holds the views: process and state, for the message that says why a switch has to wait.
    func holdersOfViews() throws -> [String] {
        let rows = try connection.query(
            """
            SELECT DISTINCT format('process %s (%s, %s)', l.pid, coalesce(a.usename, 'unknown user'), coalesce(a.state, 'unknown state'))
              FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE n.nspname = $1 AND c.relkind = 'v' AND l.granted AND l.pid <> pg_backend_pid()
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1
            """, [.text(name)])
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }
}

extension PostgresError {
    /// The lock was not to be had in time, or waiting for it made a deadlock.
    var isLockTimeout: Bool { sqlState == "55P03" || sqlState == "40P01" }
}
