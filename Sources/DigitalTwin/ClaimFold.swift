import EventLog
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
    /// Whether a rebuild has put rows into its table.
    var isFilled: Bool { filled.isKeyed }
    var heldBytes: Int { held.bytes }

    /// What it is.
    func describe(_ key: UnsafeRawBufferPointer, _ fact: Fact) { held.describe(key, fact) }

    /// That it is no more.
    func end(_ key: UnsafeRawBufferPointer, _ fact: Fact) { held.end(key, fact) }

    /// That there is such a thing, for those that nobody has described yet.
    func tell(_ key: UnsafeRawBufferPointer, _ fact: Fact) { _ = held.slot(key, fact.sourceID) }

    /// Takes what is held, ready to be merged, and forgets it.
    /// - Parameter sources: names of the sources, UTF-8.
    func stage(sources: [Int32: [UInt8]]) -> StagedClaims {
        defer { forget() }
        let rows = EncodedRows(kind.columnNames)
        for index in held.sorted() { rows.addGroup { held.write(index, kind.columns, sources: sources, erasures: erasures, into: &$0) } }
        return StagedClaims(kind: kind, rows: rows)
    }

    /// Writes what is held to a table that nobody reads yet, and forgets it.
    /// - Parameter isLast: whether nothing will follow.
    func fill(on connection: Connection, sources: [Int32: [UInt8]], isLast: Bool) throws {
        guard !filled.isKeyed else {
            let staged = stage(sources: sources)
            try staged.send(on: connection)
            return try staged.merge(on: connection)
        }
        defer { forget() }
        try filled.fill(on: connection) {
            guard kind.isUnited else { return try copy(into: kind.table, on: connection, sources: sources) }
            try connection.execute(TwinSQL.stage(kind))
            try copy(into: kind.raw, on: connection, sources: sources)
            try connection.execute("INSERT INTO \(kind.table) (\(kind.names)) \(kind.united) ORDER BY id")
        }
        if isLast { try finish(on: connection) }
    }

    /// Makes what the table lacks still.
    func finish(on connection: Connection) throws { try filled.finish(on: connection) }

    /// The statements that do: see `FilledTable`.
    func takeRest() -> [String] { filled.takeRest() }

    private func forget() { held = HeldClaims() }

    private func copy(into table: String, on connection: Connection, sources: [Int32: [UInt8]]) throws {
        let places = kind.columns.contains { $0.name == "location" } ? try held.projected(on: connection) : nil
        try connection.copyRows(into: table, kind.columnNames, frozen: table == kind.table) { rows, sent in
            for index in held.sorted() {
                held.write(index, kind.columns, sources: sources, erasures: erasures, places: places, into: &rows)
                try sent(&rows)
            }
        }
    }
}
