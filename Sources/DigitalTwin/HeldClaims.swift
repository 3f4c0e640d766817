import EventLog
import PostgresClient
import Projections

/// Claims of one kind in memory: the last word on each key.
struct HeldClaims {
    private struct Slot {
        /// What it counts from: its own date, else when it was recorded.
        var effective_us: Int64?
        /// 0 where the thing was told of and never described.
        var position: Int64 = 0
        /// Position of the last fact without a date; 0 without one.
        var undated: Int64 = 0
        /// Where its payload lies in the arena; an end has none.
        var payload = ArenaText()
        var sourceID: Int32
        var isDated = false
        var isEnd = false
    }

    private var keys = ByteTable()
    private var slots: [Slot] = []
    private var payloads = Arena()

    var isEmpty: Bool { slots.isEmpty }
    var bytes: Int { payloads.heldBytes + slots.count * MemoryLayout<Slot>.stride + keys.heldBytes }

    /// In the order of keys.
    func sorted() -> [Int] { keys.sorted() }

    mutating func slot(_ key: UnsafeRawBufferPointer, _ sourceID: Int32) -> Int {
        let index = keys.index(of: key)
        if index == slots.count { slots.append(Slot(sourceID: sourceID)) }
        return index
    }

    mutating func describe(_ key: UnsafeRawBufferPointer, _ fact: Fact) {
        guard let index = say(key, fact, isEnd: false) else { return }
        payloads.replace(&slots[index].payload, with: fact.payload)
        if payloads.isMostlyWaste { compact() }
    }

    mutating func end(_ key: UnsafeRawBufferPointer, _ fact: Fact) {
        guard let index = say(key, fact, isEnd: true) else { return }
        slots[index].payload.count = 0
    }

    /// - Returns: the slot, where the fact is the last word now.
    private mutating func say(_ key: UnsafeRawBufferPointer, _ fact: Fact, isEnd: Bool) -> Int? {
        let index = slot(key, fact.sourceID), date = fact.occurredAt?.microseconds
        if let date, slots[index].isDated, let before = slots[index].effective_us, date < before { return nil }
        slots[index].isEnd = isEnd
        slots[index].isDated = date != nil
        slots[index].effective_us = fact.effective_us
        slots[index].position = fact.position
        if date == nil { slots[index].undated = fact.position }
        return index
    }

    /// What PostGIS makes of positions in projected systems, for `write`.
    func projected(on connection: Connection) throws -> ProjectedPlaces {
        let places = ProjectedPlaces()
        for slot in slots { payloads.withBytes(of: slot.payload) { places.want($0) } }
        try places.resolve(on: connection)
        return places
    }

    private mutating func compact() {
        var fresh = Arena()
        for index in slots.indices { slots[index].payload = payloads.withBytes(of: slots[index].payload) { fresh.add($0) } }
        payloads = fresh
    }

    /// Writes a claim's row: what every kind has, then the kind's columns.
    /// - Parameters:
    ///   - sources: names of the sources, UTF-8.
    ///   - places: see `projected`.
    func write(
        _ index: Int, _ columns: [Column], sources: [Int32: [UInt8]], erasures: Erasures, places: ProjectedPlaces? = nil, into row: inout BinaryCopyWriter
    ) {
        let slot = slots[index]
        row.row(columns: Int16(ClaimKind.commonColumns.count + columns.count))
        row.data(keys[index])
        row.int4(slot.sourceID)
        row.timestamp(slot.isDated ? slot.effective_us.map { Timestamp(microseconds: $0) } : nil)
        row.momentOrNever(slot.effective_us)
        row.int8(slot.position)
        row.int8(slot.undated)
        row.bool(slot.isEnd)
        payloads.withBytes(of: slot.payload) { bytes in
            guard !bytes.isEmpty else {
                for _ in columns { row.null() }
                return
            }
            let payload = Payload(JSONView(bytes), source: sources[slot.sourceID] ?? [], erasures: erasures, places: places)
            for column in columns { column.write(payload, &row) }
        }
    }
}
