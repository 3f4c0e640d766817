import EventLog

/// Packs fingerprints into the blocks of `hub.fingerprint`, and reads them back.
///
/// An entry is 24 bytes: 16 of the key, 8 of the content, little-endian; content 0 deletes. `subjects` holds, for each entry of a record
/// that can vanish, 4 bytes with the entry's number in the block, 2 with the length, and the subject in UTF-8.
struct FingerprintBlocks {
    private(set) var entries: [UInt8] = []
    private(set) var subjects: [UInt8] = []

    static let entryLength = 24

    var isEmpty: Bool { entries.isEmpty }

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

    /// The block, and an empty one in its place.
    mutating func take(stream: String) -> FingerprintBlock {
        defer { self = FingerprintBlocks() }
        return FingerprintBlock(stream: stream, entries: entries, subjects: subjects.isEmpty ? nil : subjects)
    }

    /// Enters a block into a table.
    static func read(_ block: FingerprintBlock, into table: FingerprintTable) throws(AdapterError) {
        guard block.entries.count % entryLength == 0 else { throw broken(block.stream) }
        let subjects = try subjectRanges(block)
        block.entries.withUnsafeBytes { bytes in
            for number in 0..<bytes.count / entryLength {
                let at = number * entryLength
                let key = FingerprintKey(
                    low: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)),
                    high: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)))
                let content = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self))
                if let range = subjects[number], let all = block.subjects {
                    table.set(key, content: content, subject: Array(all[range]))
                } else {
                    table.set(key, content: content)
                }
            }
        }
    }

    private static func subjectRanges(_ block: FingerprintBlock) throws(AdapterError) -> [Int: Range<Int>] {
        guard let subjects = block.subjects else { return [:] }
        var ranges: [Int: Range<Int>] = [:]
        var at = 0
        while at < subjects.count {
            guard at + 6 <= subjects.count else { throw broken(block.stream) }
            let number = (0..<4).reduce(0) { $0 | Int(subjects[at + $1]) << ($1 * 8) }
            let length = Int(subjects[at + 4]) | Int(subjects[at + 5]) << 8
            guard at + 6 + length <= subjects.count else { throw broken(block.stream) }
            ranges[number] = at + 6..<at + 6 + length
            at += 6 + length
        }
        return ranges
    }

    private static func broken(_ stream: String) -> AdapterError {
        AdapterError(.internal, "A block of fingerprints of the stream \"\(stream)\" is broken.", hint: "Restore the table hub.fingerprint from the backup.")
    }

    private func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
