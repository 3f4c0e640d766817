import PostgresClient

/// A batch's claims of one kind on their way into a table that is read.
struct StagedClaims {
    let kind: ClaimKind
    let rows: EncodedRows

    /// Sends the rows to the kind's staging table, in the order of keys.
    func send(on connection: Connection) throws {
        try connection.execute(TwinSQL.stage(kind))
        try rows.copy(into: kind.isUnited ? kind.raw : kind.stage, on: connection)
        if kind.isUnited { try connection.execute("INSERT INTO \(kind.stage) (\(kind.names)) \(kind.united)") }
    }

    /// Merges what is staged into the table: nothing is written that is not the last word.
    func merge(on connection: Connection) throws {
        let replaced = kind.columnNames.filter { $0 != "id" && $0 != "undated_position" }.map { "\($0) = s.\($0)" }.joined(separator: ", ")
        // MERGE and not ON CONFLICT, which locks each row before it changes it. Nobody else writes here.
        try connection.execute(
            """
            MERGE INTO \(kind.table) c USING \(TwinSQL.arrived(in: kind.stage)) s ON c.id = s.id
            WHEN MATCHED AND s.position > 0 AND (s.undated_position > 0 OR c.occurred_at IS NULL OR s.occurred_at >= c.occurred_at) THEN
                UPDATE SET \(replaced), undated_position = greatest(s.undated_position, c.undated_position)
            WHEN NOT MATCHED THEN
                INSERT (\(kind.names)) VALUES (\(kind.columnNames.map { "s.\($0)" }.joined(separator: ", ")))
            """)
    }
}

extension ClaimKind {
    var names: String { columnNames.joined(separator: ", ") }

    /// The raw rows with the pieces of each footprint made one; what only has a footprint is placed inside it.
    var united: String {
        let columns = columnNames.map { name in
            switch name {
            case "footprint": "u.shape"
            case "location": "coalesce(location, ST_PointOnSurface(u.shape))"
            default: name
            }
        }
        return """
            SELECT \(columns.joined(separator: ", "))
              FROM (SELECT *, CASE WHEN ST_NumGeometries(footprint) = 1 AND ST_IsValid(footprint) THEN ST_Multi(ST_CollectionExtract(footprint, 3))
                                   ELSE ST_Multi(ST_CollectionExtract(ST_UnaryUnion(ST_MakeValid(footprint)), 3)) END AS pieces
                      FROM \(TwinSQL.arrived(in: raw)) r OFFSET 0) p
             CROSS JOIN LATERAL (SELECT CASE WHEN NOT ST_IsEmpty(p.pieces) THEN p.pieces END AS shape) u
            """
    }
}
