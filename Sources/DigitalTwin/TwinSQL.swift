import PostgresClient
import Projections
import Schemas

/// The twin's SQL, from `Schemas/sql/twin`.
enum TwinSQL {
    private static let folder = "sql/twin"

    /// Counted up whenever the Swift side of the fold gives other rows from the same facts, or other keys.
    private static let revision = 14

    static let definition = Definition(
        revision: revision, tables: texts("tables") + [rulesOfIdentity, IncidentRules.mark],
        indexes: indexes.values.sorted() + linkIndexes + blockIndexes + incidentIndexes + placeIndexes, views: texts("views") + texts("summaries") + texts("overviews"))

    /// By table, what a rebuild makes when the rows are there; keys are made with the rows.
    static let indexes = Dictionary(grouping: Schemas.files(in: "\(folder)/indexes")) { file in
        "\(file.path.split(separator: "/").last?.split(separator: ".").first ?? "")"
    }.mapValues { $0.map(\.text).joined(separator: ";") }

    /// Key and index of the links, which are found last.
    static let linkIndexes = ["key_of_links", "index_of_links"].map(derive)

    /// Keys and indexes of what reports of one incident are found by, which come last of all.
    static let incidentIndexes = ["incident_index_pair", "incident_index_pair_right", "incident_index_member", "incident_index_incident"].map(derive)
    /// The same of by what they come to be compared.
    static let blockIndexes = ["incident_index_block", "incident_index_case"].map(derive)

    /// The same of where reports stand, which is asked before the others are there.
    static let placeIndexes = [
        "incident_index_place", "incident_index_place_case", "incident_index_claim_place", "incident_index_claim_place_claim", "incident_index_place_building",
    ].map(derive)

    /// Statistics of what links and things are found in; those of the rest can come later.
    static let analysis = analysis(of: ClaimKind.all.map(\.table)), laterAnalysis = analysis(of: ["case_step", "case_state", "observation"])

    /// Statistics from a sample that is large enough to plan by, and five times faster than the usual one; the server itself takes that one
    /// when a tenth of the rows has changed.
    static func analysis(of tables: [String]) -> [String] { ["SET LOCAL default_statistics_target = 20"] + tables.map { "ANALYZE \($0)" } }

    /// Other rules give other things from the same claims: then the tables must be rebuilt.
    private static let rulesOfIdentity =
        "COMMENT ON TABLE entity_link IS 'Derived by the rules \(EntityKind.all.map { "\($0.name) \($0.mark)" }.joined(separator: ", ")) (同一对象)'"

    private static func texts(_ name: String) -> [String] { Schemas.files(in: "\(folder)/\(name)").map(\.text) }

    /// A statement file of `derive`. A missing one is an error of the server's: it names the file.
    static func derive(_ name: String) -> String {
        let path = "derive/\(name)"
        return Schemas.text("\(folder)/\(path).sql") ?? "SELECT missing_statement_file(\(SQL.literal(path)))"
    }

    static let affectedBuildings = derive("affected_buildings").replacing("{changed}", with: arrived(in: "changed"))
    static let affectedOthers = derive("affected_others").replacing("{changed}", with: arrived(in: "changed"))

    /// The statements that find links.
    struct Links {
        let buildings: String
        let others: String
        let pipes: String
    }

    /// Of what a batch affected, into `new_link`.
    static let affectedLinks = links([
        "links": "new_link", "buildings": "affected a JOIN building_claim c ON a.kind = 'building' AND c.id = a.id",
        "anchors": "affected a JOIN anchor x ON x.kind = a.kind AND x.id = a.id", "pipes": "affected a JOIN pipe_claim p ON a.kind = 'pipe' AND p.id = a.id",
    ])

    /// In a rebuild of all, straight into the table.
    static let allLinks = links(["links": "building_link", "buildings": "building_claim c", "anchors": "anchor x", "pipes": "pipe_claim p"])

    /// What the probed claims of buildings say by themselves, into `base_link`.
    static let probedLinks = links(["links": "base_link", "buildings": "probe p JOIN building_claim c ON c.id = p.id", "anchors": "", "pipes": ""]).buildings
    /// The same of all.
    static let allBuildingWords =
        "DELETE FROM base_link;" + links(["links": "base_link", "buildings": "building_claim c", "anchors": "", "pipes": ""]).buildings

    private static func links(_ names: [String: String]) -> Links {
        func text(_ file: String) -> String { names.reduce(derive(file)) { $0.replacing("{\($1.key)}", with: $1.value) } }
        return Links(buildings: text("link_buildings"), others: text("link_others"), pipes: text("link_pipes"))
    }

    /// A temporary table like one of the twin's, for rows on their way in. Kept from batch to batch: to empty it at every commit
    /// would cut files, which takes longer than to write the rows. What is read of it is `arrived`.
    ///
    /// Made with a generation's schema on the search path; every generation of this binary has the same tables.
    static func temporary(_ name: String, like table: String) -> String { "CREATE TEMP TABLE IF NOT EXISTS \(name) (LIKE \(table))" }

    /// What came into a temporary table in this transaction.
    static func arrived(in name: String) -> String { "(SELECT * FROM \(name) WHERE xmin = pg_current_xact_id()::xid)" }

    /// Empties temporary tables that have grown.
    static func emptyGrownTables(on connection: Connection) throws {
        let rows = try connection.query(
            """
            SELECT oid::regclass FROM pg_class
             WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' AND pg_relation_size(oid) > 2 << 20
            """)
        let tables = (0..<rows.count).compactMap { rows.text($0, 0) }
        if !tables.isEmpty { try connection.execute("TRUNCATE \(tables.joined(separator: ", "))") }
    }

    /// The temporary tables of a kind's claims on their way in.
    static func stage(_ kind: ClaimKind) -> String {
        let stage = temporary(kind.stage, like: kind.table)
        guard kind.isUnited else { return stage }
        // Pieces of a footprint arrive as a collection.
        let columns = kind.columnNames.map { $0 == "footprint" ? "footprint::geometry AS footprint" : $0 }.joined(separator: ", ")
        return stage + "; CREATE TEMP TABLE IF NOT EXISTS \(kind.raw) AS SELECT \(columns) FROM \(kind.table) LIMIT 0"
    }

    /// What changed of what links depend on.
    static let changed = #"CREATE TEMP TABLE IF NOT EXISTS changed (kind text COLLATE "C", id text COLLATE "C", outline geometry)"#

    /// The temporary tables in which it is found which claims are one building.
    static let entityTables = """
        CREATE TEMP TABLE IF NOT EXISTS probe (id text COLLATE "C") ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE IF NOT EXISTS base_link (LIKE building_link) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE IF NOT EXISTS entity_now (id text COLLATE "C", entity_id text COLLATE "C", method text COLLATE "C") ON COMMIT DELETE ROWS;
        """

    /// Joined footprints are one building, in the table of links that is named.
    static func sameBuildings(in links: String) -> String { derive("same_buildings").replacing("{links}", with: links) }

    /// The temporary tables in which links are found.
    static let linkTables = """
        CREATE TEMP TABLE IF NOT EXISTS place (area geometry) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE IF NOT EXISTS affected (kind text COLLATE "C", id text COLLATE "C") ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE IF NOT EXISTS new_link (LIKE building_link) ON COMMIT DELETE ROWS;
        """
}
