import PostgresClient
import Projections

/// Which building a claim, a case, a sensor, a pipe … belongs to: found by the server, which knows geometry.
enum TwinLinks {
    /// Kinds whose claims decide it.
    private static func isLinked(_ kind: ClaimKind) -> Bool {
        ["building", "building_part", "entrance", "address", "sensor", "case", "pipe", "incident"].contains(kind.name)
    }

    /// The same, and those that say how buildings are called.
    private static func isNoted(_ kind: ClaimKind) -> Bool { isLinked(kind) || !kind.placeNameColumns.isEmpty }

    /// Before a batch is merged.
    static func begin(on connection: Connection, _ kinds: [ClaimKind]) throws {
        if kinds.contains(where: isNoted) { try connection.execute(TwinSQL.changed) }
    }

    /// Notes which of the staged claims change what links depend on; before they are merged.
    static func noteChanges(of kind: ClaimKind, on connection: Connection) throws {
        if isLinked(kind) { try note(kind.name, kind, kind.linkColumns, on: connection) }
        if !kind.placeNameColumns.isEmpty { try note(kind.name + " name", kind, kind.placeNameColumns, on: connection) }
    }

    private static func note(_ name: String, _ kind: ClaimKind, _ columns: [String], on connection: Connection) throws {
        let differs = (["removed"] + columns).map { "c.\($0) IS DISTINCT FROM s.\($0)" }.joined(separator: " OR ")
        // Who stands in the outline that goes, and in another one, stands among fewer.
        let outline = name == "building" ? "CASE WHEN s.removed OR c.footprint IS DISTINCT FROM s.footprint THEN c.footprint END" : "NULL"
        try connection.execute(
            """
            INSERT INTO changed SELECT '\(name)', s.id, \(outline) FROM \(TwinSQL.arrived(in: kind.stage)) s LEFT JOIN \(kind.table) c USING (id)
             WHERE c.id IS NULL OR (s.position > 0 AND (\(differs)))
            """)
    }

    /// Brings the links up to date; after the batch is merged.
    static func update(_ kinds: [ClaimKind], _ changes: TwinChanges?, _ entities: EntityLinks, on connection: Connection) throws {
        if kinds.contains(where: { $0.name == "alias" }) { try entities.noteAliased() }
        let joinsBuildings = try entities.touchesBuildings()
        if try joinsBuildings || kinds.contains(where: isNoted) && isChanged("true", on: connection) {
            try updateLinks(changes, entities, joinsBuildings, on: connection)
        }
        try entities.joinOthers()
    }

    private static func isChanged(_ condition: String, on connection: Connection) throws -> Bool {
        try connection.query("SELECT EXISTS (SELECT FROM \(TwinSQL.arrived(in: "changed")) c WHERE \(condition))").bool(0, 0)
    }

    private static func updateLinks(_ changes: TwinChanges?, _ entities: EntityLinks, _ joinsBuildings: Bool, on connection: Connection) throws {
        try connection.execute(TwinSQL.changed + ";" + TwinSQL.linkTables)
        if try joinsBuildings || isChanged("kind = 'building'", on: connection) {
            try connection.execute(TwinSQL.affectedBuildings)
            try connection.execute(TwinSQL.affectedLinks.buildings)
            try entities.joinBuildings()
            try changes?.keepRowsTouchedByLinks(on: connection)
            try entities.noteMoved()
            try connection.execute(TwinSQL.derive("replace_links"))
        }
        try connection.execute(TwinSQL.affectedOthers)
        try connection.execute(TwinSQL.affectedLinks.others)
        try connection.execute(TwinSQL.affectedLinks.pipes)
        try connection.execute(TwinSQL.sameBuildings(in: "new_link"))
        try changes?.keepRowsTouchedByLinks(on: connection)
        try connection.execute(TwinSQL.derive("replace_links"))
        try IncidentLinks.update(isDecided: isChanged("kind = 'incident'", on: connection), on: connection)
    }

    /// All of a rebuild's links, in steps; and statistics, which whoever reads the tables needs.
    static var everything: [[Work]] {
        func work(_ statements: [String]) -> Work { Work { try $0.execute(statements.joined(separator: "; ")) } }
        let incidents = IncidentLinks.everything
        return [
            [
                Work { connection in
                    try connection.execute(TwinSQL.allLinks.buildings)
                    try EntityLinks.joinAllBuildings(on: connection)
                    try connection.execute("ANALYZE building_link;" + TwinSQL.allLinks.others)
                },
                work(TwinSQL.analysis),
                work([TwinSQL.allLinks.pipes]),
            ],
            // The table has no key yet, and statistics of one kind alone: row by row it would be read as a whole for each of its rows.
            [work(["SET LOCAL enable_nestloop = off", TwinSQL.sameBuildings(in: "building_link")])],
            TwinSQL.linkIndexes.map { work([$0]) },
            // Of all kinds: statistics that know one of them alone let the server look for the others in the wrong index.
            [work(["SET LOCAL default_statistics_target = 20", "ANALYZE building_link"])],
            [Work { try EntityLinks.joinAllOthers(on: $0) }, incidents.reports],
            // What nothing else waits for goes on while reports are compared.
            incidents.comparison + [work(TwinSQL.laterAnalysis)],
        ]
    }
}
