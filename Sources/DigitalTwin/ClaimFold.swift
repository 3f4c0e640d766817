import PostgresClient
import Projections

/// What is held of one kind's claims: for each key the newest telling, the newest end, and how far it was told.
///
/// Four registers a key, each a maximum, so that neither the order of facts nor the cut of batches matters.
struct ClaimFold {
    private struct Slot {
        var sourceID: Int32
        /// The newest description: its date, what it counts from, its position, and where its payload lies in the arena.
        var occurred_us: Int64?
        var effective_us: Int64?
        var position: Int64 = 0
        var payload = 0..<0
        /// The newest dated end.
        var ended_us: Int64?
        var endedPosition: Int64 = 0
        /// The last position at which anything was told, and at which it was told to be gone.
        var told: Int64 = 0
        var vanished: Int64 = 0
    }

    let kind: ClaimKind
    private var keys = ByteTable()
    private var slots: [Slot] = []
    private var payloads: [UInt8] = []
    /// Whether the table has rows: then what is held must be merged.
    private var hasWritten = false

    init(_ kind: ClaimKind) { self.kind = kind }

    var isEmpty: Bool { slots.isEmpty }
    var heldBytes: Int { payloads.count + slots.count * MemoryLayout<Slot>.stride + keys.heldBytes }

    private mutating func slot(_ key: UnsafeRawBufferPointer, _ sourceID: Int32) -> Int {
        let index = keys.index(of: key)
        if index == slots.count { slots.append(Slot(sourceID: sourceID)) }
        return index
    }

    /// What it is.
    mutating func describe(_ key: UnsafeRawBufferPointer, _ fact: Fact) {
        let index = slot(key, fact.sourceID)
        slots[index].told = max(slots[index].told, fact.position)
        guard (fact.effective_us, fact.position) > (slots[index].effective_us ?? .min, slots[index].position) else { return }
        slots[index].occurred_us = fact.occurredAt?.microseconds
        slots[index].effective_us = fact.effective_us
        slots[index].position = fact.position
        slots[index].payload = payloads.count..<(payloads.count + fact.payload.count)
        payloads.append(contentsOf: fact.payload)
    }

    /// That something was said of it.
    mutating func tell(_ key: UnsafeRawBufferPointer, _ fact: Fact) {
        let index = slot(key, fact.sourceID)
        slots[index].told = max(slots[index].told, fact.position)
    }

    /// That it is no more: with a date at that date, without one from here on in the source's list.
    mutating func end(_ key: UnsafeRawBufferPointer, _ fact: Fact) {
        let index = slot(key, fact.sourceID)
        guard let occurred = fact.occurredAt?.microseconds else {
            slots[index].vanished = max(slots[index].vanished, fact.position)
            return
        }
        if (occurred, fact.position) > (slots[index].ended_us ?? .min, slots[index].endedPosition) {
            slots[index].ended_us = occurred
            slots[index].endedPosition = fact.position
        }
    }

    /// Writes what is held to the staging table, in the order of keys, and forgets it.
    /// - Parameter sources: names of the sources, UTF-8.
    mutating func stage(on connection: Connection, sources: [Int32: [UInt8]]) throws {
        try copy(into: kind.stage, on: connection, sources: sources)
        if let prepare = kind.prepare { try connection.execute(TwinSQL.derive(prepare)) }
        forget()
    }

    /// Merges what is staged into the table.
    func merge(on connection: Connection) throws { try connection.execute(mergeStatement) }

    /// Writes what is held to a table that nobody reads yet, and forgets it.
    mutating func fill(on connection: Connection, sources: [Int32: [UInt8]]) throws {
        guard !isEmpty else { return }
        if hasWritten || kind.prepare != nil {
            try stage(on: connection, sources: sources)
            try merge(on: connection)
        } else {
            // Into an empty table the rows go as they are.
            try copy(into: kind.table, on: connection, sources: sources)
            forget()
        }
        hasWritten = true
    }

    private mutating func forget() {
        keys = ByteTable()
        slots.removeAll()
        payloads.removeAll()
    }

    private func copy(into table: String, on connection: Connection, sources: [Int32: [UInt8]]) throws {
        let copy = try connection.copyIn("COPY \(table) (\(kind.columnNames.joined(separator: ", "))) FROM STDIN (FORMAT binary)")
        var row = BinaryCopyWriter(capacity: 1 << 20)
        try payloads.withUnsafeBytes { bytes in
            for index in keys.sorted() {
                write(index, payloads: bytes, sources: sources, into: &row)
                if row.bytes.count >= 1 << 20 { try row.take { try copy.write($0) } }
            }
        }
        row.trailer()
        try row.take { try copy.write($0) }
        try copy.finish()
    }

    private func write(_ index: Int, payloads: UnsafeRawBufferPointer, sources: [Int32: [UInt8]], into row: inout BinaryCopyWriter) {
        let slot = slots[index]
        row.row(columns: Int16(ClaimKind.commonColumns.count + kind.columns.count))
        row.data(keys[index])
        row.int4(slot.sourceID)
        row.timestamp(slot.occurred_us.map { Timestamp(microseconds: $0) })
        row.momentOrNever(slot.effective_us)
        row.int8(slot.position)
        row.momentOrNever(slot.ended_us)
        row.int8(slot.endedPosition)
        row.int8(slot.told)
        row.int8(slot.vanished)
        guard slot.position > 0 else {
            for _ in kind.columns { row.null() }
            return
        }
        let payload = Payload(JSONView(UnsafeRawBufferPointer(rebasing: payloads[slot.payload])), source: sources[slot.sourceID] ?? [])
        for column in kind.columns { column.write(payload, &row) }
    }

    /// Merges the staged rows: each register on its own, and nothing is written that is not newer.
    private var mergeStatement: String {
        let table = kind.table
        let isNewer = "(excluded.effective_at, excluded.position) > (\(table).effective_at, \(table).position)"
        let isLater = "(excluded.ended_at, excluded.ended_position) > (\(table).ended_at, \(table).ended_position)"
        func pick(_ column: String, _ condition: String) -> String {
            "\(column) = CASE WHEN \(condition) THEN excluded.\(column) ELSE \(table).\(column) END"
        }
        let described = (["occurred_at", "effective_at", "position"] + kind.columns.map(\.name)).map { pick($0, isNewer) }
        let ended = ["ended_at", "ended_position"].map { pick($0, isLater) }
        let told = ["told_position", "vanished_position"].map { "\($0) = greatest(excluded.\($0), \(table).\($0))" }
        let names = kind.columnNames.joined(separator: ", ")
        return """
            INSERT INTO \(table) (\(names)) SELECT \(names) FROM \(kind.stage) ORDER BY id
            ON CONFLICT (id) DO UPDATE SET \((described + ended + told).joined(separator: ", "))
             WHERE \(isNewer) OR \(isLater) OR excluded.told_position > \(table).told_position
                OR excluded.vanished_position > \(table).vanished_position
            """
    }
}

extension FlushMode {
    var isFilling: Bool { if case .filling = self { true } else { false } }
}
