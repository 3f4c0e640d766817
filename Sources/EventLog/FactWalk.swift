import PostgresClient

/// Reads facts in the order of positions wherever they lie: in the log, in a detached partition, or in its file.
struct FactWalk {
    private let reader: SettledReader
    /// In the order of positions.
    private let archived: [Leaf]
    private let missing: Set<String>
    private let folder: String?

    /// - Parameters:
    ///   - missing: partitions that are left out.
    ///   - folder: where the files of partitions lie whose tables are gone.
    init(_ connection: Connection, archived: [Leaf], missing: Set<String>, folder: String?) {
        reader = SettledReader(connection)
        self.archived = archived
        self.missing = missing
        self.folder = folder
    }

    func read(after: Int64, upTo end: Int64, _ body: (StoredEvent) throws -> Void) throws {
        var last = after
        for leaf in archived where leaf.lastPosition > last && leaf.firstPosition <= end {
            if leaf.firstPosition - 1 > last { try reader.readTable("hub.event", after: last, upTo: leaf.firstPosition - 1, body) }
            let stop = min(leaf.lastPosition, end)
            if missing.contains(leaf.name) {
                last = stop
                continue
            }
            if leaf.isHere {
                try reader.readTable("hub.\(SQL.identifier(leaf.name))", after: last, upTo: stop, body)
            } else {
                _ = try ArchiveFile.read(Leaves.file(of: leaf, in: folder)) { row in
                    guard let event = StoredEvent(row), event.position > last, event.position <= end else { return }
                    try body(event)
                }
            }
            last = stop
        }
        if end > last { try reader.readTable("hub.event", after: last, upTo: end, body) }
    }
}
