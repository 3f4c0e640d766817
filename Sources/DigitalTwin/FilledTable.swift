import PostgresClient
import Projections

/// A table that a rebuild fills: its first rows go straight in, and its key is made after them, in one transaction.
struct FilledTable {
    let name: String
    /// Columns of its primary key.
    let key: String
    /// Whether it has its key, and perhaps rows: what comes now must be merged.
    private(set) var isKeyed = false
    private var isIndexed = false

    init(_ name: String, key: String) {
        self.name = name
        self.key = key
    }

    /// - Parameter rows: puts the first rows in.
    mutating func fill(on connection: Connection, _ rows: () throws -> Void) throws {
        // Emptied in this transaction, it takes rows as frozen: nobody has to look at them again to learn that they are visible to all.
        try connection.execute("TRUNCATE \(name)")
        try rows()
        try addKey(on: connection)
    }

    /// The key, if it got no rows, and the other indexes.
    mutating func finish(on connection: Connection) throws {
        let rest = takeRest()
        if !rest.isEmpty { try connection.execute(rest.joined(separator: ";")) }
    }

    /// The statements that make what it lacks still; they count as run.
    mutating func takeRest() -> [String] {
        defer { (isKeyed, isIndexed) = (true, true) }
        return (isKeyed ? [] : [keyStatement]) + (isIndexed ? [] : TwinSQL.indexes[name].map { [$0] } ?? [])
    }

    private var keyStatement: String { "ALTER TABLE \(name) ADD PRIMARY KEY (\(key))" }

    private mutating func addKey(on connection: Connection) throws {
        try connection.execute(keyStatement)
        isKeyed = true
    }
}

extension Connection {
    /// Sends rows to a table; `write` puts them into the buffer one by one and calls `sent` after each.
    func copyRows(
        into table: String, _ columns: [String], frozen: Bool = false, _ write: (inout BinaryCopyWriter, (inout BinaryCopyWriter) throws -> Void) throws -> Void
    ) throws {
        let copy = try copyIn("COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary\(frozen ? ", FREEZE" : ""))")
        var rows = BinaryCopyWriter(capacity: 1 << 17)
        try write(&rows) { rows in
            if rows.count >= 1 << 16 { try rows.take { try copy.write($0) } }
        }
        rows.trailer()
        try rows.take { try copy.write($0) }
        try copy.finish()
    }
}
