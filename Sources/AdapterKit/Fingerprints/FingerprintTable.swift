/// The hash of a record's key; a fact's is the record's with its number in the last byte.
struct FingerprintKey: Hashable, Sendable {
    var low: UInt64
    var high: UInt64

    /// The key of the record's fact number `index`: r with its last byte XORed by index + 1.
    func fact(_ index: Int) -> FingerprintKey { FingerprintKey(low: low, high: high ^ (UInt64(index + 1) << 56)) }
}

/// What a stream has told: hash of key → hash of content, with room for the subject of a removal.
///
/// An open hash table of flat slots: the keys are digests already. 32 bytes a slot, at most 3/4 full.
final class FingerprintTable {
    private struct Slot {
        var low: UInt64 = 0
        var high: UInt64 = 0
        /// 0: nothing told, or deleted.
        var content: UInt64 = 0
        /// Where its subject begins in `subjects`; 0 for none.
        var subject: UInt32 = 0
        var flags: UInt32 = 0
    }

    private static let used: UInt32 = 1
    private static let seen: UInt32 = 2

    private var slots: UnsafeMutableBufferPointer<Slot>
    private var mask: Int
    private var filled = 0
    /// Subjects one after another: two bytes of length, then UTF-8. The first byte is not used, so that 0 means none.
    private var subjects: [UInt8] = [0]
    /// Entries with a content.
    private(set) var liveCount = 0
    /// Entries with a content and a subject: records that can vanish.
    private(set) var recordCount = 0

    init(capacity: Int = 1024) {
        var size = 1024
        while size < capacity * 4 / 3 { size *= 2 }
        slots = .allocate(capacity: size)
        slots.initialize(repeating: Slot())
        mask = size - 1
    }

    deinit { slots.deallocate() }

    /// The content's hash, 0 where nothing is told.
    func content(_ key: FingerprintKey) -> UInt64 {
        let place = place(key)
        return slots[place].content
    }

    /// Notes a content; 0 deletes.
    func set(_ key: FingerprintKey, content: UInt64) {
        let place = claim(key)
        count(slots[place], -1)
        slots[place].content = content
        count(slots[place], 1)
    }

    /// Notes a record's content and the subject by which it would be told as removed.
    func set(_ key: FingerprintKey, content: UInt64, subject: [UInt8]) {
        let place = claim(key)
        count(slots[place], -1)
        slots[place].content = content
        if content != 0, subjects.count + subject.count + 2 < Int(UInt32.max) {
            slots[place].subject = UInt32(subjects.count)
            subjects.append(UInt8(truncatingIfNeeded: subject.count))
            subjects.append(UInt8(truncatingIfNeeded: subject.count >> 8))
            subjects.append(contentsOf: subject)
        } else {
            slots[place].subject = 0
        }
        count(slots[place], 1)
    }

    /// Marks a key as met in this pull; false where it was met before.
    func meet(_ key: FingerprintKey) -> Bool {
        let place = claim(key)
        guard slots[place].flags & Self.seen == 0 else { return false }
        slots[place].flags |= Self.seen
        return true
    }

    /// Records told before and not met in this pull, with their subjects.
    func vanished() -> [(key: FingerprintKey, subject: [UInt8])] {
        var found: [(FingerprintKey, [UInt8])] = []
        for slot in slots where slot.content != 0 && slot.subject != 0 && slot.flags & Self.seen == 0 {
            found.append((FingerprintKey(low: slot.low, high: slot.high), subject(at: slot.subject)))
        }
        return found
    }

    /// Entries without a subject that were told before and not met: of a table that holds nothing else.
    func unmet() -> [FingerprintKey] {
        slots.filter { $0.content != 0 && $0.flags & Self.seen == 0 }.map { FingerprintKey(low: $0.low, high: $0.high) }
    }

    /// Every entry that holds something, for a block that replaces all others.
    func forEach(_ body: (FingerprintKey, _ content: UInt64, _ subject: [UInt8]?) -> Void) {
        for slot in slots where slot.content != 0 {
            body(FingerprintKey(low: slot.low, high: slot.high), slot.content, slot.subject == 0 ? nil : subject(at: slot.subject))
        }
    }

    private func subject(at offset: UInt32) -> [UInt8] {
        let start = Int(offset)
        let length = Int(subjects[start]) | Int(subjects[start + 1]) << 8
        return Array(subjects[start + 2..<start + 2 + length])
    }

    private func count(_ slot: Slot, _ step: Int) {
        guard slot.content != 0 else { return }
        liveCount += step
        if slot.subject != 0 { recordCount += step }
    }

    /// The key's slot, or the empty one where it would be.
    @inline(__always)
    private func place(_ key: FingerprintKey) -> Int {
        var at = Int(truncatingIfNeeded: key.low) & mask
        while slots[at].flags != 0, slots[at].low != key.low || slots[at].high != key.high { at = (at + 1) & mask }
        return at
    }

    private func claim(_ key: FingerprintKey) -> Int {
        if filled * 4 >= slots.count * 3 { grow() }
        let at = place(key)
        if slots[at].flags == 0 {
            slots[at] = Slot(low: key.low, high: key.high, flags: Self.used)
            filled += 1
        }
        return at
    }

    private func grow() {
        let old = slots
        slots = .allocate(capacity: old.count * 2)
        slots.initialize(repeating: Slot())
        mask = slots.count - 1
        for slot in old where slot.flags != 0 {
            slots[place(FingerprintKey(low: slot.low, high: slot.high))] = slot
        }
        old.deallocate()
    }
}
