import PostgresClient

/// Claims of one kind of thing in memory, as they are compared: each is read once.
package struct EntityClaims {
    let kind: EntityKind
    package private(set) var table: ClaimTable
    package private(set) var ids: [ClaimID] = []
    private var rows: [ClaimID: Int] = [:]
    /// Claims that were asked for, whether or not there are such.
    private var asked: Set<ClaimID> = []
    private var knownAliases: AddressAliases?
    /// Rows that have an outline: two of them are two buildings.
    private(set) var outlined: Set<Int> = []
    /// Rows of which one stands for the thing before all others.
    private(set) var standing: Set<Int> = []

    package init(_ kind: EntityKind) {
        self.kind = kind
        table = ClaimTable(kind.rules.attributes)
    }

    /// The row of a claim; nil where there is none, or none has been read.
    package func row(_ id: ClaimID) -> Int? { rows[id] }

    /// Reads claims that have not been read.
    package mutating func load(_ wanted: some Collection<ClaimID>, on connection: Connection) throws {
        let new = wanted.filter { asked.insert($0).inserted }
        guard !new.isEmpty else { return }
        try read("c.id = ANY (\(SQL.literal(SQL.array(new.sorted().map(\.text))))::text[])", on: connection)
    }

    /// Reads all claims of the kind.
    package mutating func loadAll(on connection: Connection) throws { try read(nil, on: connection) }

    private mutating func read(_ condition: String?, on connection: Connection) throws {
        let outline = kind.rules.attributes.firstIndex { $0.name == "outline" }
        for source in kind.sources {
            var cells: [String?] = []
            let aliases = try aliases(source, on: connection)
            try connection.copyOut("COPY (\(kind.statement(source, where: condition)) ORDER BY c.id) TO STDOUT (FORMAT binary)") { message in
                var row = BinaryRow(message)
                guard row.columns > 0, let id = row.text().map(ClaimID.init) else { return }
                cells.removeAll(keepingCapacity: true)
                for _ in source.cells { cells.append(row.text()) }
                EntityKind.replace(aliases, in: &cells, source, at: row.text())
                add(id, kind.values(id, cells), outline, stands: source.stands)
            }
        }
    }

    /// Read once; none for claims that have no address.
    private mutating func aliases(_ source: EntityKind.ClaimSource, on connection: Connection) throws -> AddressAliases {
        guard !source.addresses.isEmpty else { return .none }
        let aliases = try knownAliases ?? AddressAliases(on: connection)
        knownAliases = aliases
        return aliases
    }

    private mutating func add(_ id: ClaimID, _ values: [ClaimValue], _ outline: Int?, stands: Bool) {
        // A source whose homes and people go by the same keys: the first kind's claim is the one.
        guard rows[id] == nil else { return }
        rows[id] = ids.count
        if let outline, values[outline] != .missing { outlined.insert(ids.count) }
        if stands || outlined.contains(ids.count) { standing.insert(ids.count) }
        ids.append(id)
        table.append(id.text, values)
    }

    /// The blocks of a row, whatever their size.
    func blocks(_ row: Int) -> Set<Int64> {
        var blocks: Set<Int64> = []
        for pass in kind.rules.blocks.indices {
            if let block = kind.rules.block(pass, table, row) { blocks.insert(Int64(bitPattern: block)) }
        }
        return blocks
    }

    func pattern(_ left: Int, _ right: Int) -> AgreementPattern { kind.rules.pattern(table, left, right) }
}
