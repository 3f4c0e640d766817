/// Finds a small number for a key of bytes: open addressing over one arena, without an allocation a key.
///
/// `Dictionary<String, …>` would compare texts by canonical equivalence, so that keys which differ in bytes could meet.
struct ByteTable {
    private var arena: [UInt8] = []
    /// Where each key ends in the arena; key n starts where key n-1 ends.
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// Index into `ends` plus one; 0 is free.
    private var slots = [UInt32](repeating: 0, count: 64)

    /// Keys held.
    var count: Int { ends.count }
    /// Memory held, about.
    var heldBytes: Int { arena.count + ends.count * 24 }

    /// The number of a key, which is `count - 1` after the call where the key is new.
    mutating func index(of key: UnsafeRawBufferPointer) -> Int {
        if (ends.count + 1) * 2 > slots.count { grow() }
        let hash = Self.hash(key)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let at = Int(slots[slot]) - 1
            if hashes[at] == hash, self[at].elementsEqual(key) { return at }
            slot = (slot + 1) & (slots.count - 1)
        }
        arena.append(contentsOf: key)
        ends.append(arena.count)
        hashes.append(hash)
        slots[slot] = UInt32(ends.count)
        return ends.count - 1
    }

    /// The bytes of a key.
    subscript(_ index: Int) -> ArraySlice<UInt8> {
        arena[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// The numbers of all keys, in the order of their bytes: PostgreSQL's order under the collation "C".
    func sorted() -> [Int] {
        arena.withUnsafeBytes { bytes in
            func key(_ index: Int) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
            }
            return (0..<ends.count).sorted { key($0).lexicographicallyPrecedes(key($1)) }
        }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }

    /// FNV-1a over eight bytes at a time, folded; keys come from registered sources, not from strangers.
    private static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(key.count)
        var at = 0
        while at + 8 <= key.count {
            hash = (hash ^ key.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
            at += 8
        }
        while at < key.count {
            hash = (hash ^ UInt64(key[at])) &* 0x100_0000_01b3
            at += 1
        }
        return hash ^ (hash >> 32)
    }
}
