import PostgresClient
import PrivateServer

/// A table of a database of its own.
final class PostgresSource: ConformingSource {
    let folder: SourceFolder
    let environment: [String: String]
    private let isIncremental: Bool
    private let database: String
    private let name: String

    init(isIncremental: Bool) throws {
        self.isIncremental = isIncremental
        database = try PrivateServer.shared().freshDatabase(migrated: false)
        environment = ["CONFORMING": database]
        let source = try Connection(database)
        name = try source.query("SELECT current_database()").text(0, 0) ?? ""
        try source.execute("CREATE TABLE cases (place int, no int, note text, changed bigint GENERATED ALWAYS AS IDENTITY)")
        try source.execute("CREATE VIEW delivered AS SELECT no, note, changed FROM cases ORDER BY place")
        let what = isIncremental ? "query: 'SELECT * FROM delivered'" : "query: 'SELECT * FROM delivered'"
        folder = try SourceFolder(
            ConformanceKind.manifest(
                input: "{ kind: 'postgres', connection: { secret: 'env:CONFORMING' }, \(what) }", mode: isIncremental ? "incremental" : "snapshot",
                cursor: isIncremental ? "{ column: 'changed', type: 'integer' }" : nil))
    }

    func deliver(_ delivery: Delivery) throws {
        let source = try Connection(database)
        try source.transaction { source in
            if !isIncremental { try source.execute("DELETE FROM cases") }
            let columns = (["no"] + delivery.columns.map { $0 == "note" ? $0 : "'x'::text AS \($0)" } + ["changed"]).joined(separator: ", ")
            try source.execute("DROP VIEW delivered; CREATE VIEW delivered AS SELECT \(columns) FROM cases ORDER BY place")
            for (index, record) in delivery.records.enumerated() {
                let no: Parameter = index == delivery.broken ? .null : .int(Int64(record.no))
                try source.query(
                    """
                    INSERT INTO cases (place, no, note) SELECT $1, $2, $3
                    WHERE NOT EXISTS (SELECT FROM cases WHERE place = $1 AND no IS NOT DISTINCT FROM $2 AND note = $3)
                    """, [.int(Int64(index)), no, .text(record.note)])
            }
        }
    }

    /// Nobody gets in, and who is in is thrown out.
    func takeDown() throws {
        let server = try Connection(PrivateServer.shared().server.conninfo())
        try server.execute("ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
        try server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [.text(name)])
    }

    func bringBack() throws {
        try Connection(PrivateServer.shared().server.conninfo()).execute("ALTER DATABASE \(name) ALLOW_CONNECTIONS true")
    }

    func refusal(ofRecord index: Int) -> String { "\(index + 1) missing_key" }

    /// The view's rows come, but not to an end.
    func hang() throws -> Bool {
        try Connection(database).execute(
            "DROP VIEW delivered; CREATE VIEW delivered AS SELECT 1 AS no, 'first' AS note, 1::bigint AS changed FROM pg_sleep(600)")
        return true
    }
}
