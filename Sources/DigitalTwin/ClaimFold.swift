import PostgresClient
import Projections

/// What is held of one kind's claims: for each key the last word on it.
///
/// Facts come in the order of their positions. One without a date replaces what was said before, and is replaced by what is said
/// next; of two dated ones the later date stands, of equal dates the later position. A batch's last word is that of the facts after its
/// last undated one, which wins over all that was before, or else the latest dated one, which must still win over the table's row.
struct ClaimFold {
    private struct Slot {
        var sourceID: Int32
        var isEnd = false
        /// Its date, what it counts from, its position (0 where the thing was told of and never described), and where its
        /// payload lies in the arena; an end has none.
        var occurred_us: Int64?
        var effective_us: Int64?
        var position: Int64 = 0
        var payload = 0..<0
        /// Position of the last fact without a date; 0 without one.
        var undated: Int64 = 0
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
        guard let index = say(key, fact, isEnd: false) else { return }
        slots[index].payload = payloads.count..<(payloads.count + fact.payload.count)
        payloads.append(contentsOf: fact.payload)
    }

    /// That it is no more.
    mutating func end(_ key: UnsafeRawBufferPointer, _ fact: Fact) {
        guard let index = say(key, fact, isEnd: true) else { return }
        slots[index].payload = 0..<0
    }

    /// That there is such a thing, for those that nobody has described yet.
    mutating func tell(_ key: UnsafeRawBufferPointer, _ fact: Fact) { _ = slot(key, fact.sourceID) }

    /// - Returns: the slot, where the fact is the last word now.
    private mutating func say(_ key: UnsafeRawBufferPointer, _ fact: Fact, isEnd: Bool) -> Int? {
        let index = slot(key, fact.sourceID), date = fact.occurredAt?.microseconds
        if let date, let before = slots[index].occurred_us, date < before { return nil }
        slots[index].isEnd = isEnd
        slots[index].occurred_us = date
        slots[index].effective_us = fact.effective_us
        slots[index].position = fact.position
        if date == nil { slots[index].undated = fact.position }
        return index
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
        row.int8(slot.undated)
        row.bool(slot.isEnd)
        guard !slot.payload.isEmpty else {
            for _ in kind.columns { row.null() }
            return
        }
        let payload = Payload(JSONView(UnsafeRawBufferPointer(rebasing: payloads[slot.payload])), source: sources[slot.sourceID] ?? [])
        for column in kind.columns { column.write(payload, &row) }
    }

    /// Merges the staged rows: nothing is written that is not the last word.
    private var mergeStatement: String {
        let table = kind.table
        let names = kind.columnNames.joined(separator: ", ")
        let replaced = kind.columnNames.filter { $0 != "id" && $0 != "undated_position" }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        return """
            INSERT INTO \(table) (\(names)) SELECT \(names) FROM \(kind.stage) ORDER BY id
            ON CONFLICT (id) DO UPDATE
            SET \(replaced), undated_position = greatest(excluded.undated_position, \(table).undated_position)
             WHERE excluded.position > 0
               AND (excluded.undated_position > 0 OR \(table).occurred_at IS NULL OR excluded.occurred_at >= \(table).occurred_at)
            """
    }
}

extension FlushMode {
    var isFilling: Bool { if case .filling = self { true } else { false } }
}
