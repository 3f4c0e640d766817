#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Finds a small number for a key of bytes: open addressing over one arena, without an allocation a key.
///
/// `Dictionary<String, …>` would compare texts by canonical equivalence, so that keys which differ in bytes could meet.
struct ByteTable {
    private var arena: [UInt8] = []
    /// Where each key ends in the arena; key n starts where key n-1 ends.
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// The upper half of a key's hash, and its index plus one in the lower; 0 is free.
    private var slots = [UInt64](repeating: 0, count: 64)

    private static let upperHalf: UInt64 = 0xFFFF_FFFF_0000_0000

    /// Keys held.
    var count: Int { ends.count }
    /// Memory held, about.
    var heldBytes: Int { arena.count + ends.count * 16 + slots.count * 8 }

    /// The number of a key, which is `count - 1` after the call where the key is new.
    mutating func index(of key: UnsafeRawBufferPointer) -> Int {
        if (ends.count + 1) * 2 > slots.count { grow() }
        let hash = Self.hash(key)
        let (slot, known) = slot(of: key, hash)
        if let known { return known }
        arena.append(contentsOf: key)
        ends.append(arena.count)
        hashes.append(hash)
        slots[slot] = hash & Self.upperHalf | UInt64(ends.count)
        return ends.count - 1
    }

    /// The number of a key that is here.
    func find(_ key: UnsafeRawBufferPointer) -> Int? { slot(of: key, Self.hash(key)).index }

    /// The slot of a key and its number, or the slot where it would stand.
    private func slot(of key: UnsafeRawBufferPointer, _ hash: UInt64) -> (slot: Int, index: Int?) {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            if (slots[slot] ^ hash) & Self.upperHalf == 0 {
                let at = Int(slots[slot] & ~Self.upperHalf) - 1
                if isKey(at, key) { return (slot, at) }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return (slot, nil)
    }

    private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    private func isKey(_ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
        let range = range(index)
        guard range.count == key.count else { return false }
        return arena.withUnsafeBytes { bytes in
            guard let held = bytes.baseAddress, let sought = key.baseAddress else { return key.isEmpty }
            return memcmp(held + range.lowerBound, sought, range.count) == 0
        }
    }

    /// The bytes of a key.
    subscript(_ index: Int) -> ArraySlice<UInt8> { arena[range(index)] }

    /// The numbers of all keys, in the order of their bytes: PostgreSQL's order under the collation "C".
    func sorted() -> [Int] {
        struct Entry { var head: UInt64, index: Int }
        return arena.withUnsafeBytes { bytes in
            func key(_ index: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range(index)]) }
            // Keys of one source begin alike: the eight bytes after that decide nearly always.
            let shared = sharedPrefix(bytes)
            func head(_ index: Int) -> UInt64 {
                key(index).dropFirst(shared).prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << (56 - 8 * UInt64($1.offset)) }
            }
            var entries = (0..<ends.count).map { Entry(head: head($0), index: $0) }
            entries.sort { $0.head != $1.head ? $0.head < $1.head : key($0.index).lexicographicallyPrecedes(key($1.index)) }
            return entries.map(\.index)
        }
    }

    /// How many bytes all keys begin with.
    private func sharedPrefix(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let first = ends.first else { return 0 }
        var shared = first
        for index in 1..<max(1, ends.count) where shared > 0 {
            let range = range(index)
            shared = min(shared, range.count)
            var same = 0
            while same < shared, bytes[range.lowerBound + same] == bytes[same] { same += 1 }
            shared = same
        }
        return shared
    }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: slots.count * 2)
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = hash & Self.upperHalf | UInt64(index + 1)
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
        // Both halves are used: the lower one for the slot, the upper one to tell keys in neighbouring slots apart.
        hash = (hash ^ (hash >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return hash ^ (hash >> 32)
    }
}
