import EventLog

/// Packs fingerprints into the blocks of `hub.fingerprint`, and reads them back.
///
/// An entry is 24 bytes: 16 of the key, 8 of the content, little-endian; content 0 deletes. `subjects` holds, for each entry of a record
/// that can vanish, 4 bytes with the entry's number in the block, 2 with the length, and the subject in UTF-8, in the order of entries.
///
/// A block of rows stands under a stream of its own: 32 bytes an entry, 16 of the record's key, 16 of the row's hash; zeros delete.
struct FingerprintBlocks {
    private(set) var entries: [UInt8] = []
    private(set) var subjects: [UInt8] = []

    static let entryLength = 24
    static let rowLength = 32

    var isEmpty: Bool { entries.isEmpty }
    var byteCount: Int { entries.count + subjects.count }

    mutating func add(_ key: FingerprintKey, content: UInt64, subject: [UInt8]? = nil) {
        if let subject, content != 0 {
            append(UInt32(entries.count / Self.entryLength), to: &subjects)
            append(UInt16(subject.count), to: &subjects)
            subjects.append(contentsOf: subject)
        }
        append(key.low, to: &entries)
        append(key.high, to: &entries)
        append(content, to: &entries)
    }

    /// Notes the row that a record was told from: in a block of rows.
    mutating func add(_ key: FingerprintKey, row: RowHash?) {
        append(key.low, to: &entries)
        append(key.high, to: &entries)
        append(row?.low ?? 0, to: &entries)
        append(row?.high ?? 0, to: &entries)
    }

    /// The block, and an empty one in its place.
    mutating func take(stream: String) -> FingerprintBlock {
        defer { self = FingerprintBlocks() }
        return FingerprintBlock(stream: stream, entries: entries, subjects: subjects.isEmpty ? nil : subjects)
    }

    /// Enters a stream's block into a table.
    static func read(
        _ entries: UnsafeRawBufferPointer, _ subjects: UnsafeRawBufferPointer?, of stream: String, into table: FingerprintTable
    ) throws(AdapterError) {
        let subjects = subjects ?? UnsafeRawBufferPointer(start: nil, count: 0)
        guard entries.count % entryLength == 0, read(entries, subjects, into: table) else { throw broken(stream) }
    }

    private static func read(_ entries: UnsafeRawBufferPointer, _ subjects: UnsafeRawBufferPointer, into table: FingerprintTable) -> Bool {
        var at = 0
        for number in 0..<entries.count / entryLength {
            if number % group == 0 { touch(entries, from: number, length: entryLength, table) }
            let entry = UnsafeRawBufferPointer(rebasing: entries[number * entryLength..<(number + 1) * entryLength])
            let content = word(entry, 16)
            guard at < subjects.count else {
                table.set(key(entry), content: content)
                continue
            }
            guard at + 6 <= subjects.count else { return false }
            let owner = UInt32(littleEndian: subjects.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            guard owner == UInt32(number) else {
                guard owner > UInt32(number) else { return false }
                table.set(key(entry), content: content)
                continue
            }
            let length = Int(UInt16(littleEndian: subjects.loadUnaligned(fromByteOffset: at + 4, as: UInt16.self)))
            guard at + 6 + length <= subjects.count else { return false }
            table.set(key(entry), content: content, subject: UnsafeRawBufferPointer(rebasing: subjects[at + 6..<at + 6 + length]))
            at += 6 + length
        }
        return at == subjects.count
    }

    /// Enters a stream's block of rows into a table.
    static func readRows(_ entries: UnsafeRawBufferPointer, of stream: String, into table: FingerprintTable) throws(AdapterError) {
        guard entries.count % rowLength == 0 else { throw broken(stream) }
        for at in stride(from: 0, to: entries.count, by: rowLength) {
            if at / rowLength % group == 0 { touch(entries, from: at / rowLength, length: rowLength, table) }
            let entry = UnsafeRawBufferPointer(rebasing: entries[at..<at + rowLength])
            let row = RowHash(low: word(entry, 16), high: word(entry, 24))
            table.set(key(entry), row: row.low == 0 ? nil : row)
        }
    }

    /// Entries whose places in the table are looked at together: memory answers them at once where it would answer one after another.
    private static let group = 16

    private static func touch(_ entries: UnsafeRawBufferPointer, from number: Int, length: Int, _ table: FingerprintTable) {
        let end = min(entries.count, (number + group) * length)
        for at in stride(from: number * length, to: end, by: length) { table.touch(low: word(entries, at)) }
    }

    /// The keys of a block's entries.
    static func forEachKey(_ entries: [UInt8], _ body: (FingerprintKey) -> Void) {
        entries.withUnsafeBytes { entries in
            for at in stride(from: 0, to: entries.count - entryLength + 1, by: entryLength) {
                body(key(UnsafeRawBufferPointer(rebasing: entries[at..<at + entryLength])))
            }
        }
    }

    private static func key(_ entry: UnsafeRawBufferPointer) -> FingerprintKey { FingerprintKey(low: word(entry, 0), high: word(entry, 8)) }

    private static func word(_ entry: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: entry.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func broken(_ stream: String) -> AdapterError {
        AdapterError(.internal, "A block of fingerprints of the stream \"\(stream)\" is broken.", hint: "Restore the table hub.fingerprint from the backup.")
    }

    private func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
