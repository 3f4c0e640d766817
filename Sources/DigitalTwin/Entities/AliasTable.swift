import PostgresClient

extension AddressAliases {
    /// The aliases that stand in a table of claims of the search path; none where the twin was made before there were any.
    package init(in table: String = "alias_claim", on connection: Connection) throws {
        let us = { (column: String) in "(extract(epoch FROM \(column)) * 1000000)::bigint" }
        let rows = try connection.query(
            """
            SELECT a.name, a.stands_for, \(us("a.valid_from")), \(us("a.valid_to")), coalesce(s.department = 'hub', false), a.position
              FROM \(table) a LEFT JOIN hub.source s ON s.id = a.source_id WHERE NOT a.removed AND a.name IS NOT NULL AND a.stands_for IS NOT NULL
            """)
        self.init((0..<rows.count).map { row in
            AddressAlias(
                name: rows.text(row, 0) ?? "", standsFor: rows.text(row, 1) ?? "", from_us: rows.int(row, 2), to_us: rows.int(row, 3), isStewards: rows.bool(row, 4),
                position: rows.int(row, 5) ?? 0)
        })
    }
}

extension EntityKind {
    /// Puts what they stand for in place of the aliases in a claim's addresses.
    /// - Parameter moment: from when the claim counts, in microseconds since 1970, as the last cell of its source's statement has it.
    static func replace(_ aliases: AddressAliases, in cells: inout [String?], _ source: ClaimSource, at moment: String?) {
        guard !aliases.isEmpty, let moment_us = moment.flatMap({ Int64($0) }) else { return }
        for cell in source.addresses {
            cells[cell] = cells[cell].map { $0.split(separator: "\n").map { aliases.rewritten(String($0), at: moment_us)?.text ?? String($0) }.joined(separator: "\n") }
        }
    }
}

extension EntityLinks {
    /// Keeps the aliases as they were; before a batch that tells some is merged.
    func keepAliases() throws {
        try connection.execute(
            "CREATE TEMP TABLE IF NOT EXISTS alias_before (LIKE alias_claim) ON COMMIT DELETE ROWS; DELETE FROM alias_before; INSERT INTO alias_before SELECT * FROM alias_claim")
    }

    /// Notes the claims whose addresses read otherwise since the batch: no others are compared anew.
    func noteAliased() throws {
        let before = try AddressAliases(in: "alias_before", on: connection), now = try AddressAliases(on: connection)
        for kind in EntityKind.all where atWork.contains(kind.name) {
            var touched: [String] = []
            for source in kind.sources where !source.addresses.isEmpty {
                try connection.copyOut("COPY (\(kind.statement(source, where: nil))) TO STDOUT (FORMAT binary)") { message in
                    var row = BinaryRow(message)
                    guard row.columns > 0, let id = row.text() else { return }
                    let cells = source.cells.map { _ in row.text() }
                    var (old, new) = (cells, cells)
                    let moment = row.text()
                    EntityKind.replace(before, in: &old, source, at: moment)
                    EntityKind.replace(now, in: &new, source, at: moment)
                    if old != new { touched.append(id) }
                }
            }
            try connection.copyRows(into: "touched", ["kind", "id", "is_told"]) { rows, sent in
                for id in touched {
                    rows.row(columns: 3)
                    rows.text(kind.name)
                    rows.text(id)
                    rows.bool(true)
                    try sent(&rows)
                }
            }
        }
    }
}
