/// The hash of a record's key; a fact's is the record's with its number in the last byte.
struct FingerprintKey: Hashable, Sendable {
    var low: UInt64
    var high: UInt64

    /// The key of the record's fact number `index`: r with its last byte XORed by index + 1.
    func fact(_ index: Int) -> FingerprintKey { FingerprintKey(low: low, high: high ^ (UInt64(index + 1) << 56)) }
}

/// The hash of a record as it was delivered; never zeros.
struct RowHash: Hashable, Sendable {
    var low: UInt64
    var high: UInt64
}

/// What a stream has told: hash of key → hash of content, with room for the subject of a removal and the hash of the delivered row.
///
/// An open hash table of flat slots: the keys are digests already. 32 bytes a slot, at most 3/4 full; the entries of one record stand side
/// by side. Large ones lie in a file (`PagedMemory`).
final class FingerprintTable {
    private struct Slot {
        var low: UInt64 = 0
        var high: UInt64 = 0
        /// 0: nothing told, or deleted.
        var content: UInt64 = 0
        /// Where its note begins in `notes`; 0 for none.
        var note: UInt32 = 0
        var flags: UInt32 = 0

        @inline(__always) func `is`(_ flag: UInt32) -> Bool { flags & flag != 0 }
    }

    private static let used: UInt32 = 1
    private static let seen: UInt32 = 2
    /// It has a subject: the record can vanish.
    private static let record: UInt32 = 4
    /// Bytes of a note before its subject.
    private static let noteHead = 24

    private var slots: UnsafeMutableBufferPointer<Slot>
    /// Holds `slots`.
    private var slotMemory: PagedMemory
    private var mask: Int
    private var filled = 0
    /// Takes what `touch` reads, so that the compiler leaves the reading in.
    private var touched: UInt32 = 0
    /// Notes of records one after another, in the order in which they came: 16 bytes of the row's hash (zeros: not known), four of flags,
    /// four of length, the subject in UTF-8. The first byte is not used, so that 0 means none.
    private var notes: UnsafeMutableRawBufferPointer
    /// Holds `notes`.
    private var noteMemory: PagedMemory
    private var notesEnd = 1
    private let pagedFrom: Int
    /// Where notes begin, by the hashes of their rows; made at the first question. An entry counts only while the note still has the hash.
    private var rows: UnsafeMutableBufferPointer<UInt32>?
    private var rowsFilled = 0
    /// The note behind the one that was met last: lists come in the same order again.
    private var expected: UInt32 = 1
    private var surprises = 0
    /// Entries with a content.
    private(set) var liveCount = 0
    /// Entries with a content and a subject: records that can vanish.
    private(set) var recordCount = 0
    /// Rows that are known.
    private(set) var rowCount = 0

    /// - Parameter pagedFrom: bytes from which on memory lies in a file.
    init(capacity: Int = 1024, pagedFrom: Int = PagedMemory.limit) {
        self.pagedFrom = pagedFrom
        (slotMemory, slots) = Self.makeSlots(Self.size(capacity), pagedFrom)
        mask = slots.count - 1
        noteMemory = PagedMemory(byteCount: 1 << 10, limit: pagedFrom)
        notes = noteMemory.bytes
    }

    deinit { rows?.deallocate() }

    private static func makeSlots(_ number: Int, _ pagedFrom: Int) -> (PagedMemory, UnsafeMutableBufferPointer<Slot>) {
        let memory = PagedMemory(byteCount: number * MemoryLayout<Slot>.stride, limit: pagedFrom)
        // Zeros are empty slots.
        return (memory, memory.bytes.bindMemory(to: Slot.self))
    }

    /// Makes room for so many more entries at once.
    func reserve(_ number: Int) {
        let size = Self.size(filled + number)
        if size > slots.count { grow(to: size) }
    }

    /// Brings the place of a key into the processor's cache.
    @inline(__always)
    func touch(low: UInt64) { touched &+= slots[Int(truncatingIfNeeded: low) & mask].flags }

    /// The content's hash, 0 where nothing is told.
    func content(_ key: FingerprintKey) -> UInt64 { slots[place(key)].content }

    /// Notes a content; 0 deletes.
    func set(_ key: FingerprintKey, content: UInt64) {
        let place = claim(key)
        count(slots[place], -1)
        slots[place].content = content
        count(slots[place], 1)
    }

    /// Notes a record's content and the subject by which it would be told as removed.
    func set(_ key: FingerprintKey, content: UInt64, subject: [UInt8]) { subject.withUnsafeBytes { set(key, content: content, subject: $0) } }

    /// The same, with the subject's bytes.
    func set(_ key: FingerprintKey, content: UInt64, subject: UnsafeRawBufferPointer) {
        let place = claim(key)
        count(slots[place], -1)
        slots[place].content = content
        slots[place].flags &= ~Self.record
        if content != 0, makeNote(place, row: row(at: slots[place].note), subject: subject) { slots[place].flags |= Self.record }
        count(slots[place], 1)
    }

    /// Marks a key as met in this pull; false where it was met before.
    func meet(_ key: FingerprintKey) -> Bool {
        let place = claim(key)
        guard !wasMet(slots[place]) else { return false }
        slots[place].flags |= Self.seen
        if slots[place].note != 0 { setMet(noteAt: slots[place].note) }
        return true
    }

    /// Records told before and not met in this pull, with their subjects.
    func vanished() -> [(key: FingerprintKey, subject: [UInt8])] {
        var found: [(FingerprintKey, [UInt8])] = []
        for slot in slots where slot.content != 0 && slot.is(Self.record) && !wasMet(slot) {
            found.append((FingerprintKey(low: slot.low, high: slot.high), subject(of: slot)))
        }
        return found
    }

    /// Records that were met in this pull.
    func forEachMet(_ body: (FingerprintKey) -> Void) {
        for slot in slots where slot.content != 0 && slot.is(Self.record) && wasMet(slot) { body(FingerprintKey(low: slot.low, high: slot.high)) }
    }

    /// As if nothing had been met in this pull.
    func forgetMet() {
        expected = 1
        surprises = 0
        for index in slots.indices {
            slots[index].flags &= ~Self.seen
            if slots[index].note != 0 { notes[Int(slots[index].note) + 16] &= ~UInt8(Self.seen) }
        }
    }

    /// Entries without a subject that were told before and not met: of a table that holds nothing else.
    func unmet() -> [FingerprintKey] {
        slots.filter { $0.content != 0 && !wasMet($0) }.map { FingerprintKey(low: $0.low, high: $0.high) }
    }

    /// Every entry that holds something, for a block that replaces all others.
    func forEach(_ body: (FingerprintKey, _ content: UInt64, _ subject: [UInt8]?) -> Void) {
        for slot in slots where slot.content != 0 {
            body(FingerprintKey(low: slot.low, high: slot.high), slot.content, slot.is(Self.record) ? subject(of: slot) : nil)
        }
    }

    private func subject(of slot: Slot) -> [UInt8] {
        let start = Int(slot.note) + Self.noteHead
        return Array(notes[start..<start + subjectLength(of: slot.note)])
    }

    private func count(_ slot: Slot, _ step: Int) {
        guard slot.content != 0 else { return }
        liveCount += step
        if slot.is(Self.record) { recordCount += step }
    }

    /// The key's slot, or the empty one where it would be.
    @inline(__always)
    private func place(_ key: FingerprintKey) -> Int {
        let slots = slots
        let mask = mask
        var at = Int(truncatingIfNeeded: key.low) & mask
        while slots[at].flags != 0, slots[at].low != key.low || slots[at].high != key.high { at = (at &+ 1) & mask }
        return at
    }

    private func claim(_ key: FingerprintKey) -> Int {
        // Whoever grows so often moves each entry every time: small tables grow by more.
        if filled * 4 >= slots.count * 3 { grow(to: slots.count * (slots.count < 1 << 20 ? 4 : 2)) }
        let at = place(key)
        if slots[at].flags == 0 {
            slots[at] = Slot(low: key.low, high: key.high, flags: Self.used)
            filled += 1
        }
        return at
    }

    private static func size(_ capacity: Int) -> Int {
        var size = 1024
        while size * 3 < capacity * 4 { size *= 2 }
        return size
    }

    private func grow(to size: Int) {
        let (old, oldMemory) = (slots, slotMemory)
        (slotMemory, slots) = Self.makeSlots(size, pagedFrom)
        mask = slots.count - 1
        for slot in old where slot.flags != 0 {
            slots[place(FingerprintKey(low: slot.low, high: slot.high))] = slot
        }
        withExtendedLifetime(oldMemory) {}
    }
}

// What is known of rows as they were delivered.
extension FingerprintTable {
    /// Whether this row is what a record was told from; marks the record as met. False where the record was met before.
    ///
    /// While rows come in the order of the last pull it compares them with the next few notes alone, and may take a row for unknown that moved
    /// within the list: such a row is mapped, and found to say what it said.
    func meet(row: RowHash) -> Bool {
        if let known = meetExpected(row) { return known }
        if rows == nil {
            surprises += 1
            if surprises <= 32 { return false }
        }
        let rows = rows ?? makeIndex()
        let mask = rows.count - 1
        var at = Int(truncatingIfNeeded: row.low) & mask
        while rows[at] != 0 {
            if self.row(at: rows[at]) == row {
                guard !isMet(noteAt: rows[at]) else { return false }
                setMet(noteAt: rows[at])
                expected = following(rows[at])
                return true
            }
            at = (at + 1) & mask
        }
        return false
    }

    /// Looks at the next notes, over those of records that have vanished or changed; nil where the row is none of them.
    private func meetExpected(_ row: RowHash) -> Bool? {
        var note = expected
        for _ in 0..<8 where note < notesEnd {
            if self.row(at: note) == row {
                expected = following(note)
                guard !isMet(noteAt: note) else { return false }
                setMet(noteAt: note)
                return true
            }
            note = following(note)
        }
        return nil
    }

    @inline(__always)
    private func following(_ note: UInt32) -> UInt32 { note + UInt32(Self.noteHead + subjectLength(of: note)) }

    /// The row that the record was told from; nil where that is not known.
    func row(of key: FingerprintKey) -> RowHash? { row(at: slots[place(key)].note) }

    /// Notes the row that a record was told from; nil forgets it.
    func set(_ key: FingerprintKey, row: RowHash?) {
        let place = row == nil ? place(key) : claim(key)
        let note = slots[place].note
        let before = self.row(at: note)
        guard before != row else { return }
        if note == 0 {
            guard makeNote(place, row: row, subject: UnsafeRawBufferPointer(start: nil, count: 0)) else { return }
        } else {
            notes.storeBytes(of: row?.low ?? 0, toByteOffset: Int(note), as: UInt64.self)
            notes.storeBytes(of: row?.high ?? 0, toByteOffset: Int(note) + 8, as: UInt64.self)
            if row != nil { enter(note) }
        }
        rowCount += (row == nil ? 0 : 1) - (before == nil ? 0 : 1)
    }

    /// Every row that is known.
    func forEachRow(_ body: (FingerprintKey, RowHash) -> Void) {
        for slot in slots where slot.note != 0 {
            if let row = row(at: slot.note) { body(FingerprintKey(low: slot.low, high: slot.high), row) }
        }
    }

    private func wasMet(_ slot: Slot) -> Bool { slot.is(Self.seen) || (slot.note != 0 && isMet(noteAt: slot.note)) }

    @inline(__always)
    private func row(at note: UInt32) -> RowHash? {
        guard note != 0 else { return nil }
        let low = notes.loadUnaligned(fromByteOffset: Int(note), as: UInt64.self)
        let high = notes.loadUnaligned(fromByteOffset: Int(note) + 8, as: UInt64.self)
        return low == 0 ? nil : RowHash(low: low, high: high)
    }

    private func isMet(noteAt note: UInt32) -> Bool { notes[Int(note) + 16] & UInt8(Self.seen) != 0 }

    private func setMet(noteAt note: UInt32) { notes[Int(note) + 16] |= UInt8(Self.seen) }

    private func subjectLength(of note: UInt32) -> Int {
        Int(notes.loadUnaligned(fromByteOffset: Int(note) + 20, as: UInt32.self))
    }

    /// A new note in place of the slot's old one. False where there is no room: such a record is mapped each time, and cannot vanish.
    private func makeNote(_ place: Int, row: RowHash?, subject: UnsafeRawBufferPointer) -> Bool {
        let old = slots[place].note
        let start = notesEnd
        guard start + Self.noteHead + subject.count < Int(UInt32.max) else { return false }
        let flags = wasMet(slots[place]) ? Self.seen : 0
        if old != 0 {
            // Its entry in the index counts no more.
            notes.storeBytes(of: 0, toByteOffset: Int(old), as: UInt64.self)
        }
        let end = start + Self.noteHead + subject.count
        if end > notes.count { growNotes(to: end) }
        notes.storeBytes(of: row?.low ?? 0, toByteOffset: start, as: UInt64.self)
        notes.storeBytes(of: row?.high ?? 0, toByteOffset: start + 8, as: UInt64.self)
        notes.storeBytes(of: flags, toByteOffset: start + 16, as: UInt32.self)
        notes.storeBytes(of: UInt32(subject.count), toByteOffset: start + 20, as: UInt32.self)
        UnsafeMutableRawBufferPointer(rebasing: notes[start + Self.noteHead..<end]).copyMemory(from: subject)
        notesEnd = end
        slots[place].note = UInt32(start)
        if row != nil { enter(UInt32(start)) }
        return true
    }

    private func growNotes(to needed: Int) {
        let old = noteMemory
        noteMemory = PagedMemory(byteCount: max(needed, notes.count / 2 * 3), limit: pagedFrom)
        notes = noteMemory.bytes
        notes.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(old.bytes)[..<notesEnd]))
    }

    /// Enters a note into the index, where there is one.
    private func enter(_ note: UInt32) {
        guard let rows, let row = row(at: note) else { return }
        if rowsFilled * 4 >= rows.count * 3 {
            rows.deallocate()
            self.rows = nil
            return
        }
        enter(note, row, into: rows)
    }

    private func enter(_ note: UInt32, _ row: RowHash, into rows: UnsafeMutableBufferPointer<UInt32>) {
        let mask = rows.count - 1
        var at = Int(truncatingIfNeeded: row.low) & mask
        while rows[at] != 0 { at = (at + 1) & mask }
        rows[at] = note
        rowsFilled += 1
    }

    private func makeIndex() -> UnsafeMutableBufferPointer<UInt32> {
        let made = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: Self.size(2 * rowCount))
        made.initialize(repeating: 0)
        rowsFilled = 0
        var note = 1
        while note < notesEnd {
            if let row = row(at: UInt32(note)) { enter(UInt32(note), row, into: made) }
            note = Int(following(UInt32(note)))
        }
        rows = made
        return made
    }
}
