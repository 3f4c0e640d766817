import PostgresClient

/// The partitions of the log: sealing the full ones, taking old ones out into files, and bringing them back.
package struct Leaf: Sendable, Hashable, Codable {
    /// Name of the table in schema `hub`.
    package let name: String
    package let firstPosition: Int64
    package let lastPosition: Int64
    /// Facts: counted where it is sealed, else the planner's estimate.
    package let rows: Int
    /// With indexes; of the file where only that is left.
    package let bytes: Int
    package let isSealed: Bool
    package let isArchived: Bool
    /// Whether its facts are in the log.
    package let isAttached: Bool
    /// Whether its table is still in the database.
    package let isHere: Bool
    /// Where its facts were written to, if ever.
    package let file: String?
    let sha256: [UInt8]?
}

/// Seals, archives and restores partitions; as the hub's owner.
package struct Leaves {
    private let connection: Connection

    /// - Parameter connection: of the hub's owner, not in a transaction.
    package init(_ connection: Connection) { self.connection = connection }

    /// All partitions, in the order of positions; those that were archived too.
    package func list() throws(PostgresError) -> [Leaf] {
        let rows = try connection.query(
            """
            SELECT name, first_position, last_position, rows, bytes, sealed_at IS NOT NULL, archived_at IS NOT NULL, is_attached, is_here, file, sha256
              FROM hub.leaf_status ORDER BY first_position
            """)
        return (0..<rows.count).map {
            Leaf(
                name: rows.text($0, 0) ?? "", firstPosition: rows.int($0, 1) ?? 0, lastPosition: rows.int($0, 2) ?? 0,
                rows: Int(rows.int($0, 3) ?? 0), bytes: Int(rows.int($0, 4) ?? 0), isSealed: rows.bool($0, 5), isArchived: rows.bool($0, 6),
                isAttached: rows.bool($0, 7), isHere: rows.bool($0, 8), file: rows.text($0, 9), sha256: rows.bytes($0, 10))
        }
    }

    /// Seals one partition: its indexes are built in bulk.
    /// - Returns: its number of facts.
    @discardableResult
    package func seal(_ name: String) throws -> Int {
        do throws(PostgresError) {
            return Int(try connection.query("SELECT hub.seal_leaf($1)", [.text(name)]).int(0, 0) ?? 0)
        } catch {
            guard error.sqlState == "42P01" || error.sqlState == "55000" else { throw error }
            throw LogError(.badLeaf, "Nothing was sealed: \(error.message).")
        }
    }

    /// Partitions that lie below the settled horizon by one partition, and are not sealed. Two look-ups where there is none.
    package func due() throws -> [Leaf] {
        let rows = try connection.query(
            """
            SELECT s.last_value / l.leaf_size - 1 > (SELECT count(*) FROM hub.leaf WHERE sealed_at IS NOT NULL), l.leaf_size
              FROM hub.log l, hub.event_position s
            """)
        guard rows.bool(0, 0), let leafSize = rows.int(0, 1) else { return [] }
        let end = try SettledReader(connection).horizon() - leafSize
        return try list().filter { !$0.isSealed && $0.isAttached && $0.lastPosition < end }
    }

    /// Seals every partition that is due. Appends and readers go on meanwhile; where another process is sealing, or somebody
    /// holds the partition, it is left for the next time.
    /// - Returns: their names.
    package func sealDue() throws -> [String] {
        var sealed: [String] = []
        for leaf in try due() {
            // One statement, so that the end of the sealing, for which makers of new leaves wait, waits for nobody.
            let done: Bool
            do throws(PostgresError) {
                done = try !connection.query(
                    """
                    SELECT CASE WHEN set_config('lock_timeout', '2s', true) IS NOT NULL AND pg_try_advisory_xact_lock(29801, 3)
                                     AND NOT EXISTS (SELECT FROM hub.leaf WHERE name = $1 AND sealed_at IS NOT NULL) THEN hub.seal_leaf($1) END
                    """, [.text(leaf.name)]
                ).isNull(0, 0)
            } catch {
                // Lock not available.
                guard error.sqlState == "55P03" else { throw error }
                done = false
            }
            guard done else { break }
            sealed.append(leaf.name)
        }
        return sealed
    }

    /// Takes a sealed partition out of the log and writes its facts to a file. Called again after it was cut off, it goes on.
    ///
    /// - Parameters:
    ///   - folder: must exist.
    ///   - drops: whether the table goes too, when the file has been read back; without it nothing is freed.
    /// - Returns: the file's path.
    @discardableResult
    package func archive(_ name: String, to folder: String, drops: Bool = false) throws -> String {
        let leaf = try find(name)
        guard leaf.isSealed, leaf.isHere else {
            throw LogError(.badLeaf, "The partition \(name) \(leaf.isHere ? "is not sealed yet: run `twinhub log seal`" : "is archived already, and its table is gone").")
        }
        try checkNobodyNeeds(leaf)
        // First the mark: a reader that finds the partition gone can then say why.
        try connection.query("UPDATE hub.leaf SET archived_at = coalesce(archived_at, now()) WHERE name = $1", [.text(name)])
        try detach(leaf)
        try connection.query("SELECT hub.guard_leaf($1::regclass)", [.text("hub." + SQL.identifier(name))])
        let epoch = try connection.query("SELECT epoch FROM hub.log").text(0, 0) ?? ""
        let path = "\(folder)/\(name).\(epoch).copy"
        let written = try ArchiveFile.write(path) { write in
            try connection.copyOut("COPY (\(SettledReader.select) FROM hub.\(SQL.identifier(name)) ORDER BY position) TO STDOUT (FORMAT binary)", write)
        }
        guard written.rows == leaf.rows, try ArchiveFile.read(path, { _ in }) == written else {
            throw LogError(.badArchive, "The file \(path) does not hold what was written to it. The table stays as it is.")
        }
        try connection.query(
            "UPDATE hub.leaf SET bytes = $2::bigint, sha256 = $3, file = $4 WHERE name = $1",
            [.text(name), .int(Int64(written.bytes)), .bytes(written.sha256), .text(path)])
        if drops { try connection.execute("DROP TABLE hub.\(SQL.identifier(name))") }
        return path
    }

    /// Brings an archived partition back into the log, from its table where that is still there, else from its file.
    /// - Parameter folder: where the file lies now; nil: where it was written to.
    package func restore(_ name: String, from folder: String? = nil) throws {
        let leaf = try find(name)
        guard leaf.isArchived else { throw LogError(.badLeaf, "The partition \(name) is not archived.") }
        let table = "hub.\(SQL.identifier(name))"
        let bounds: [Parameter] = [.text(name), .int(leaf.firstPosition), .int(leaf.lastPosition)]
        let file = leaf.isHere ? nil : try Self.file(of: leaf, in: folder)
        if let file { try Self.check(file, of: leaf) }
        try connection.transaction { connection in
            if let file {
                try connection.query("SELECT hub.make_leaf($1, $2, $3)", bounds)
                let copy = try connection.copyIn("COPY \(table) (\(SettledReader.columns)) FROM STDIN (FORMAT binary)")
                try ArchiveFile.chunks(of: file) { try copy.write($0) }
                try copy.finish()
                try connection.execute("ALTER TABLE \(table) ADD PRIMARY KEY (position)")
            }
            if !leaf.isAttached { try connection.query("SELECT hub.attach_leaf($1, $2, $3)", bounds) }
            try connection.query("UPDATE hub.leaf SET archived_at = NULL WHERE name = $1", [.text(name)])
            try connection.query("SELECT hub.seal_leaf($1)", [.text(name)])
        }
    }

    /// The archived partitions' file, in another folder or where it was written.
    static func file(of leaf: Leaf, in folder: String?) throws(LogError) -> String {
        guard let file = leaf.file else { throw LogError(.badArchive, "No file was written of the partition \(leaf.name).") }
        guard let folder else { return file }
        return "\(folder)/\(file.split(separator: "/").last ?? "")"
    }

    private static func check(_ file: String, of leaf: Leaf) throws {
        guard try ArchiveFile.read(file, { _ in }).sha256 == leaf.sha256 else {
            throw LogError(.badArchive, "The file \(file) is not the one that was written: its SHA-256 differs. Take another copy of it.")
        }
    }

    private func find(_ name: String) throws -> Leaf {
        guard let leaf = try list().first(where: { $0.name == name }) else {
            throw LogError(.badLeaf, "The log has no partition \(name). `twinhub log leaves` lists them.")
        }
        return leaf
    }

    private func checkNobodyNeeds(_ leaf: Leaf) throws {
        let rows = try connection.query(
            "SELECT projector FROM hub.checkpoint WHERE position < $1::bigint ORDER BY 1", [.int(leaf.lastPosition)])
        guard let projector = rows.text(0, 0) else { return }
        throw LogError(.badLeaf, "The projector \(projector) has not folded all of \(leaf.name) yet. Run `twinhub project` first.")
    }

    /// CONCURRENTLY: neither readers nor writers wait. An interrupted one is finished.
    private func detach(_ leaf: Leaf) throws {
        let rows = try connection.query(
            "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = $1::regclass", [.text("hub." + SQL.identifier(leaf.name))])
        guard rows.count == 1 else { return }
        try connection.execute(
            "ALTER TABLE hub.event DETACH PARTITION hub.\(SQL.identifier(leaf.name)) \(rows.bool(0, 0) ? "FINALIZE" : "CONCURRENTLY")")
    }
}
