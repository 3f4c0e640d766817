import PostgresClient
import Projections
import Schemas

/// The twin's SQL, from `Schemas/sql/twin`.
enum TwinSQL {
    private static let folder = "sql/twin"

    /// Counted up whenever the Swift side of the fold gives other rows from the same facts.
    private static let revision = 2

    static let definition = Definition(
        revision: revision, tables: texts("tables"), indexes: texts("indexes"), views: texts("views") + texts("summaries"))

    private static func texts(_ name: String) -> [String] { Schemas.files(in: "\(folder)/\(name)").map(\.text) }

    /// A statement file of `derive`. A missing one is an error of the server's: it names the file.
    static func derive(_ name: String) -> String { text("derive/\(name)") }

    /// A statement file of `indexes`, which may run twice.
    static func index(_ name: String) -> String { text("indexes/\(name)") }

    private static func text(_ path: String) -> String {
        Schemas.text("\(folder)/\(path).sql") ?? "SELECT missing_statement_file(\(SQL.literal(path)))"
    }

    /// The session's temporary tables: rows on their way in, and what they touch. Emptied by every commit.
    ///
    /// Made with a generation's schema on the search path; every generation of this binary has the same tables.
    static var stages: String {
        let claims = ClaimKind.all.map { kind in
            // Pieces of a footprint arrive as a collection, before they are united.
            let loose = kind.columns.contains { $0.name == "footprint" } ? "ALTER TABLE \(kind.stage) ALTER COLUMN footprint TYPE geometry;" : ""
            return """
                CREATE TEMP TABLE \(kind.stage) (LIKE \(kind.table)) ON COMMIT DELETE ROWS; \(loose)

                """
        }
        return claims.joined() + """
            CREATE TEMP TABLE stage_case_step (LIKE case_step) ON COMMIT DELETE ROWS;
            CREATE TEMP TABLE stage_observation (LIKE observation) ON COMMIT DELETE ROWS;
            CREATE TEMP TABLE place (area geometry) ON COMMIT DELETE ROWS;
            CREATE TEMP TABLE affected (kind text COLLATE "C", id text COLLATE "C") ON COMMIT DELETE ROWS;
            CREATE TEMP TABLE new_link (LIKE building_link) ON COMMIT DELETE ROWS;
            """
    }
}
