import PostgresClient
import Projections

/// Which claims are one thing, kept up to date: inside the projector's transaction, beside the links to buildings (`TwinLinks`).
struct EntityLinks {
    let connection: Connection
    /// Kinds of which something could be joined before the batch: somebody has calibrated, or decided.
    let atWork: Set<String>

    /// Before anything of a batch is written.
    init(on connection: Connection) throws {
        self.connection = connection
        try connection.execute(#"CREATE TEMP TABLE IF NOT EXISTS touched (kind text COLLATE "C", id text COLLATE "C", is_told boolean)"#)
        let rows = try connection.query("SELECT kind FROM calibration UNION SELECT kind FROM steward_pair")
        atWork = Set((0..<rows.count).compactMap { rows.text($0, 0) })
    }

    /// Notes which claims a batch tells anew, and about which stewards decide; before they are merged.
    func note(_ claims: ClaimKind) throws {
        let staged = TwinSQL.arrived(in: claims.stage)
        if claims.name == "alias" { try keepAliases() }
        for kind in EntityKind.of(claims: claims.name) where atWork.contains(kind.name) {
            try connection.execute("INSERT INTO touched SELECT '\(kind.name)', s.id, true FROM \(staged) s")
        }
        if claims.name == "compound", atWork.contains("building") {
            try connection.execute("INSERT INTO touched SELECT 'building', c.id, true FROM \(staged) s JOIN building_claim c ON c.compound_ref = s.id")
        }
        if claims.name == "building", atWork.contains("dwelling") {
            try connection.execute(
                """
                INSERT INTO touched SELECT 'house', s.id, true FROM \(staged) s LEFT JOIN building_claim c USING (id)
                 WHERE c.id IS NULL OR s.position > 0 AND (c.removed IS DISTINCT FROM s.removed OR c.address IS DISTINCT FROM s.address)
                """)
        }
        if claims.name == "dwelling", atWork.contains("dwelling") {
            // Whoever names a home names nothing until somebody describes it.
            try connection.execute(
                """
                INSERT INTO touched SELECT 'dwelling', c.id, true FROM \(staged) s JOIN resident_claim c ON c.dwelling_ref = s.id LEFT JOIN dwelling_claim d ON d.id = s.id
                 WHERE d.id IS NULL OR s.position > 0 AND d.removed IS DISTINCT FROM s.removed
                """)
        }
        if claims.name == "identity" {
            // What was decided before under the same subject is over.
            try connection.execute(
                """
                INSERT INTO touched SELECT d.entity_kind, e.id, false
                  FROM (SELECT s.id, s.source_id, s.entity_kind, s.claim, s.other FROM \(staged) s
                        UNION ALL SELECT c.id, c.source_id, c.entity_kind, c.claim, c.other FROM \(staged) s JOIN identity_claim c USING (id)) d
                  JOIN hub.source o ON o.id = d.source_id AND o.department = 'hub'
                 CROSS JOIN LATERAL (VALUES (d.claim), (d.other)) e (id) WHERE d.entity_kind IS NOT NULL AND e.id IS NOT NULL
                """)
        }
        if claims.name == "resolver" {
            try connection.execute(
                """
                INSERT INTO touched SELECT DISTINCT d.entity_kind, NULL, false
                  FROM (SELECT s.source_id, s.entity_kind FROM \(staged) s
                        UNION ALL SELECT c.source_id, c.entity_kind FROM \(staged) s JOIN resolver_claim c USING (id)) d
                  JOIN hub.source o ON o.id = d.source_id AND o.department = 'hub'
                 WHERE d.entity_kind IS NOT NULL
                """)
        }
    }

    /// Notes people whose erasure took their claims out of the tables.
    static let noteErased = """
        INSERT INTO touched SELECT k.kind, g.id, k.is_told FROM gone g
         CROSS JOIN (VALUES ('person', true), ('person', false), ('dwelling', true), ('dwelling', false)) k (kind, is_told)
        """

    /// What a batch touched of one kind.
    private struct Touched {
        var told: Set<ClaimID> = []
        var ends: Set<ClaimID> = []
        /// The kind was calibrated: everything may be another thing.
        var isAll = false
    }

    private func touched(_ kind: EntityKind) throws -> Touched {
        let rows = try connection.query("SELECT id, is_told FROM \(TwinSQL.arrived(in: "touched")) t WHERE kind = $1", [.text(kind.name)])
        var touched = Touched()
        for row in 0..<rows.count {
            guard let id = rows.text(row, 0).map(ClaimID.init) else {
                touched.isAll = true
                continue
            }
            if rows.bool(row, 1) { touched.told.insert(id) } else { touched.ends.insert(id) }
        }
        return touched
    }

    private func touchedKinds() throws -> Set<String> {
        let rows = try connection.query("SELECT DISTINCT kind FROM \(TwinSQL.arrived(in: "touched")) t")
        return Set((0..<rows.count).compactMap { rows.text($0, 0) })
    }

    /// Writes places.
    /// - Parameters:
    ///   - kind: where the table has such a column.
    ///   - entity: the column that says which claim stands for the thing.
    private static func send(
        _ places: some Sequence<(key: ClaimID, value: EntityClusters.Place)>, of kind: String?, into table: String, entity: String = "entity_id", on connection: Connection
    ) throws {
        let columns = (kind == nil ? [] : ["kind"]) + ["id", entity, "method"]
        try connection.copyRows(into: table, columns) { rows, sent in
            for (id, place) in places {
                rows.row(columns: Int16(columns.count))
                if let kind { rows.text(kind) }
                rows.text(id.text)
                rows.text(place.entity.text)
                rows.text(place.method)
                try sent(&rows)
            }
        }
    }

    // MARK: Buildings

    /// Whether the batch may join or part buildings; after it was merged.
    func touchesBuildings() throws -> Bool { try touchedKinds().contains("building") }

    /// Puts what belongs together in place of what claims say by themselves: reads and writes `affected` and `new_link`, before these replace
    /// the links.
    func joinBuildings() throws {
        guard let kind = EntityKind.named("building") else { return }
        let resolution = try EntityResolution(kind, on: connection), touched = try touched(kind)
        guard try touched.isAll || !touched.ends.isEmpty || resolution.isAtWork() else { return }
        try connection.execute(TwinSQL.entityTables)
        var places: [ClaimID: EntityClusters.Place]
        if touched.isAll {
            try connection.execute(TwinSQL.allBuildingWords)
            places = try Self.withoutIndexOfBlocks(on: connection) { try resolution.all(words: "base_link") }
            try Self.analyze(on: connection)
        } else {
            var ends = touched.ends
            let rows = try connection.query("SELECT id FROM affected WHERE kind = 'building'")
            for row in 0..<rows.count { if let id = rows.text(row, 0) { ends.insert(ClaimID(id)) } }
            places = try resolution.update(touched: touched.told, ends: ends).places
        }
        try Self.send(places, of: nil, into: "entity_now", on: connection)
        try connection.execute("ANALYZE entity_now;" + TwinSQL.derive("take_entities"))
    }

    /// Notes claims that are compared by their building where it becomes another one; before the links are replaced.
    func noteMoved() throws {
        let followers = EntityKind.all.filter { $0.followsBuildings && atWork.contains($0.name) }
        guard !followers.isEmpty else { return }
        let statements = followers.flatMap { kind in
            kind.sources.map { source in
                "INSERT INTO touched SELECT '\(kind.name)', c.id, true FROM moved m JOIN \(source.kind)_claim c ON c.building_ref = m.id"
            }
        }
        try connection.execute(([TwinSQL.derive("moved_buildings")] + statements).joined(separator: ";"))
        if atWork.contains("dwelling") { try connection.execute("INSERT INTO touched SELECT 'house', m.id, true FROM moved m;" + Self.noteHouses) }
    }

    /// The people who are registered in a building that a batch tells of, gathers otherwise or leaves: their addresses are read beside the building's.
    private static let noteHouses = """
        INSERT INTO touched SELECT DISTINCT 'dwelling', c.id, true
          FROM \(TwinSQL.arrived(in: "touched")) t
          JOIN building_link o ON o.kind = 'building' AND o.id = t.id
          JOIN building_link k ON k.kind = 'building' AND k.building_id = o.building_id
          JOIN resident_claim c ON c.building_ref = k.id
         WHERE t.kind = 'house'
        """

    // MARK: Other kinds

    /// Joins and parts what is no building; after the links to buildings are up to date.
    func joinOthers() throws {
        if atWork.contains("dwelling") { try connection.execute(Self.noteHouses) }
        let kinds = try touchedKinds()
        for kind in EntityKind.all where kind.name != "building" && kinds.contains(kind.name) {
            let touched = try touched(kind)
            let resolution = try EntityResolution(kind, on: connection)
            guard try touched.isAll || !touched.ends.isEmpty || resolution.isAtWork() else { continue }
            if touched.isAll {
                try Self.write(Self.withoutIndexOfBlocks(on: connection) { try resolution.all(words: nil) }, of: kind, instead: nil, on: connection)
                try Self.analyze(on: connection)
            } else {
                let (asked, places) = try resolution.update(touched: touched.told, ends: touched.ends)
                try Self.write(places, of: kind, instead: asked, on: connection)
            }
        }
    }

    /// Writes the links of a kind: of those who are not alone.
    /// - Parameter asked: the claims whose links are replaced; nil for all.
    private static func write(_ places: [ClaimID: EntityClusters.Place], of kind: EntityKind, instead asked: Set<ClaimID>?, on connection: Connection) throws {
        let condition = asked.map { " AND id = ANY (\(SQL.literal(SQL.array($0.sorted().map(\.text))))::text[])" } ?? ""
        try connection.execute("DELETE FROM entity_link WHERE kind = \(SQL.literal(kind.name))\(condition)")
        let joined = Set(places.filter { $0.key != $0.value.entity }.map(\.value.entity))
        try send(places.lazy.filter { joined.contains($0.value.entity) }, of: kind.name, into: "entity_link", on: connection)
    }

    // MARK: Rebuild

    /// Of a rebuild: buildings, after each claim was linked to the building that it names or stands in, and before anything else is.
    static func joinAllBuildings(on connection: Connection) throws {
        guard let kind = EntityKind.named("building") else { return }
        let resolution = try EntityResolution(kind, on: connection)
        guard try resolution.isAtWork() else { return }
        try connection.execute(TwinSQL.entityTables)
        let places = try resolution.all(words: "building_link")
        try connection.execute("DELETE FROM building_link WHERE kind = 'building'")
        try send(places, of: kind.name, into: "building_link", entity: "building_id", on: connection)
    }

    /// Of a rebuild: everything else, when all links to buildings are there; and the indexes.
    static func joinAllOthers(on connection: Connection) throws {
        for kind in EntityKind.all where kind.name != "building" {
            let resolution = try EntityResolution(kind, on: connection)
            if try resolution.isAtWork() { try write(resolution.all(words: nil), of: kind, instead: nil, on: connection) }
        }
        for table in tables { if let indexes = TwinSQL.indexes[table] { try connection.execute(indexes) } }
        try analyze(on: connection)
    }

    /// Of everything that is written anew: the index of the blocks, which nobody else reads, is made when they are there.
    private static func withoutIndexOfBlocks<Found>(on connection: Connection, _ body: () throws -> Found) throws -> Found {
        try connection.execute("DROP INDEX match_block_key, match_block_id")
        let found = try body()
        if let indexes = TwinSQL.indexes["match_block"] { try connection.execute(indexes) }
        return found
    }

    /// The tables are as large as the claims are many: who believed them empty would read them as a whole for each batch.
    private static func analyze(on connection: Connection) throws {
        try connection.execute((["SET LOCAL default_statistics_target = 20"] + tables.map { "ANALYZE \($0)" }).joined(separator: "; "))
    }

    private static let tables = ["match_block", "match_edge", "entity_link"]
}
