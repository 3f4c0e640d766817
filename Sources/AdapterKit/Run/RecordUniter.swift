import PostgresClient
import RecordFormats

/// Brings the records of one key together. A first reading counts how often each key occurs; in the second one a record leaves as soon
/// as its last piece is there: memory holds the keys and the unfinished ones, never the whole input.
struct RecordUniter {
    /// A record of the input, with its place.
    struct Piece {
        let record: Record
        let place: InputPlace
        /// When a reading was taken, in a group.
        var time: Timestamp?
    }

    private let repeated: Stream.Repeated
    private var remaining: [FingerprintKey: UInt32] = [:]
    private var pieces: [FingerprintKey: [Piece]] = [:]

    init(_ repeated: Stream.Repeated) { self.repeated = repeated }

    /// First reading.
    mutating func count(_ key: FingerprintKey) { remaining[key, default: 0] += 1 }

    /// Second reading. Returns the pieces once the last one is there.
    mutating func add(_ piece: Piece, key: FingerprintKey) -> [Piece]? {
        let left = (remaining[key] ?? 1) &- 1
        guard left > 0 else {
            remaining[key] = nil
            guard repeated == .collect, var all = pieces.removeValue(forKey: key) else { return [piece] }
            all.append(piece)
            return Self.ordered(all)
        }
        remaining[key] = left
        if repeated == .collect { pieces[key, default: []].append(piece) }
        return nil
    }

    /// By time, then by bytes: the order of files and rows does not matter. A piece that is delivered twice counts once.
    private static func ordered(_ pieces: [Piece]) -> [Piece] {
        let sorted = pieces.sorted { a, b in
            if let x = a.time, let y = b.time, x != y { return x < y }
            return a.record.raw.lexicographicallyPrecedes(b.record.raw)
        }
        var distinct: [Piece] = []
        // Records spread from one share its bytes.
        for piece in sorted where distinct.last?.record.raw != piece.record.raw || distinct.last?.time != piece.time || distinct.last?.record.values != piece.record.values {
            distinct.append(piece)
        }
        return distinct
    }
}
