import PostgresClient
import Projections

/// What is held of one kind's claims: for each key the last word on it.
///
/// Facts come in the order of their positions. One without a date replaces what was said before, and is replaced by what is said
/// next; of two dated ones the later date stands, of equal dates the later position. A batch's last word is that of the facts after its
/// last undated one, which wins over all that was before, or else the latest dated one, which must still win over the table's row.
final class ClaimFold {
    let kind: ClaimKind
    private var held = HeldClaims()
    private var filled: FilledTable
    private let erasures: Erasures

    init(_ kind: ClaimKind, _ erasures: Erasures = Erasures()) {
        self.kind = kind
        self.erasures = erasures
        filled = FilledTable(kind.table, key: "id")
    }

    var isEmpty: Bool { held.isEmpty }
    var heldBytes: Int { held.bytes }

    /// What it is.
    func describe(_ key: UnsafeRawBufferPointer, _ fact: Fact) { held.describe(key, fact) }

    /// That it is no more.
    func end(_ key: UnsafeRawBufferPointer, _ fact: Fact) { held.end(key, fact) }

    /// That there is such a thing, for those that nobody has described yet.
    func tell(_ key: UnsafeRawBufferPointer, _ fact: Fact) { _ = held.slot(key, fact.sourceID) }

    /// Writes what is held to the kind's staging table, in the order of keys, and forgets it.
    /// - Parameter sources: names of the sources, UTF-8.
    func stage(on connection: Connection, sources: [Int32: [UInt8]]) throws {
        try connection.execute(TwinSQL.stage(kind))
        try copy(into: kind.isUnited ? kind.raw : kind.stage, on: connection, sources: sources)
        if kind.isUnited { try connection.execute("INSERT INTO \(kind.stage) (\(names)) \(united)") }
        forget()
    }

    /// Merges what is staged into the table: nothing is written that is not the last word.
    func merge(on connection: Connection) throws {
        let table = kind.table
        let replaced = kind.columnNames.filter { $0 != "id" && $0 != "undated_position" }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        try connection.execute(
            """
            INSERT INTO \(table) (\(names)) SELECT \(names) FROM \(kind.stage) ORDER BY id
            ON CONFLICT (id) DO UPDATE
            SET \(replaced), undated_position = greatest(excluded.undated_position, \(table).undated_position)
             WHERE excluded.position > 0
               AND (excluded.undated_position > 0 OR \(table).occurred_at IS NULL OR excluded.occurred_at >= \(table).occurred_at)
            """)
    }

    /// Writes what is held to a table that nobody reads yet, and forgets it.
    /// - Parameter isLast: whether nothing will follow.
    func fill(on connection: Connection, sources: [Int32: [UInt8]], isLast: Bool) throws {
        defer { forget() }
        guard !filled.isKeyed else {
            try stage(on: connection, sources: sources)
            return try merge(on: connection)
        }
        try filled.fill(on: connection) {
            guard kind.isUnited else { return try copy(into: kind.table, on: connection, sources: sources, frozen: true) }
            try connection.execute(TwinSQL.stage(kind))
            try copy(into: kind.raw, on: connection, sources: sources)
            try connection.execute("INSERT INTO \(kind.table) (\(names)) \(united) ORDER BY id")
        }
        if isLast { try finish(on: connection) }
    }

    /// Makes what the table lacks still.
    func finish(on connection: Connection) throws { try filled.finish(on: connection) }

    private func forget() { held = HeldClaims() }

    private var names: String { kind.columnNames.joined(separator: ", ") }

    /// The raw rows with the pieces of each footprint made one; what only has a footprint is placed inside it.
    private var united: String {
        let columns = kind.columnNames.map { name in
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
                      FROM \(kind.raw) OFFSET 0) p
             CROSS JOIN LATERAL (SELECT CASE WHEN NOT ST_IsEmpty(p.pieces) THEN p.pieces END AS shape) u
            """
    }

    private func copy(into table: String, on connection: Connection, sources: [Int32: [UInt8]], frozen: Bool = false) throws {
        try connection.copyRows(into: table, kind.columnNames, frozen: frozen) { rows, sent in
            for index in held.sorted() {
                held.write(index, kind.columns, sources: sources, erasures: erasures, into: &rows)
                try sent(&rows)
            }
        }
    }
}
