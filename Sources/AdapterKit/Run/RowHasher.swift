import RecordFormats

/// Hashes records as they were delivered, together with everything that decides how they are mapped: a record with the hash of the last
/// pull says what it said then.
final class RowHasher {
    private let hasher: ContentHasher
    private let seed: [UInt8]
    private let namesCount: Bool
    private var prefix: [UInt8] = []
    private var shape: RecordShape?

    /// - Parameters:
    ///   - mapping: digest of the manifest and the contracts.
    ///   - protection: its secrets are mixed in: nobody without them can try rows out, and a new key maps anew.
    /// - Returns: nil where a record's bytes do not say everything about it, or nothing is remembered of the stream.
    init?(_ stream: Stream, input: any RecordInput, mapping: String, protection: Protection) throws(AdapterError) {
        // The bytes of a record that is spread are those of several; united ones are looked up by their keys.
        guard stream.keepsFingerprints, input.rawTellsAll, stream.spread == nil || stream.isUniting else { return nil }
        hasher = try ContentHasher()
        namesCount = input.hasFixedColumns
        hasher.begin()
        hasher.addCounted(mapping)
        hasher.addCounted(stream.name)
        hasher.add(protection.secrets)
        seed = hasher.finishBytes()
    }

    /// Of one record.
    /// - Parameter shape: its columns; they count where rows have them in common, and do not name them themselves.
    func hash(_ shape: RecordShape?, _ raw: UnsafeRawBufferPointer) -> RowHash {
        turn(to: shape)
        hasher.begin()
        hasher.add(prefix)
        hasher.add(raw)
        return finish()
    }

    /// Of a united record, whose pieces stand in their order.
    func hash(_ pieces: [RecordUniter.Piece]) -> RowHash {
        hasher.begin()
        hasher.add(seed)
        for piece in pieces {
            if namesCount { for name in piece.record.shape.names { hasher.addCounted(name) } }
            hasher.add(Int64(piece.record.raw.count))
            hasher.add(piece.record.raw)
        }
        return finish()
    }

    private func finish() -> RowHash {
        let digest = hasher.finish()
        // Zeros stand for "not known".
        return RowHash(low: max(1, digest.0), high: digest.1)
    }

    private func turn(to shape: RecordShape?) {
        if !prefix.isEmpty, !namesCount || shape === self.shape { return }
        self.shape = shape
        prefix = seed
        guard namesCount, let shape else { return }
        hasher.begin()
        hasher.add(seed)
        for name in shape.names { hasher.addCounted(name) }
        prefix = hasher.finishBytes()
    }
}
