import Foundation
import RecordFormats

/// Reads an input on a thread of its own, ahead of whoever takes its records: rows are found, hashed and decoded while others are mapped, and while
/// what was told before is still being loaded.
///
/// Where most rows are known they are handed over undecoded, with their hashes: whoever knows a hash needs no more. Which rows are known only the
/// taking side can say; it says through `setDecoding` what the reading side should do with the next ones.
final class RecordsAhead: Sendable {
    /// Nobody takes records any more.
    private struct Stopped: Error {}

    private let condition = NSCondition()
    // The reading side's own, once it has started.
    nonisolated(unsafe) private let input: any RecordInput
    nonisolated(unsafe) private let hasher: RowHasher?
    // Touched under the condition's lock only.
    nonisolated(unsafe) private var full: [RecordPiece] = []
    nonisolated(unsafe) private var heldBytes = 0
    nonisolated(unsafe) private var isDecoding: Bool
    nonisolated(unsafe) private var isStarted = false
    nonisolated(unsafe) private var isStopped = false
    nonisolated(unsafe) private var end: Result<Void, any Error>?

    /// Told when the reading is stopped before its end: a source that is slow to answer should not be waited for.
    private let stopped: @Sendable () -> Void

    /// Bytes of rows that may wait. A row that is decoded takes many times its bytes; one that is not waits for what was told before, which is loaded
    /// meanwhile.
    private static let decodedLimit_bytes = 1 << 20, rawLimit_bytes = 48 << 20

    /// - Parameters:
    ///   - hasher: of rows that may be handed over undecoded, used by this reader alone; nil decodes all.
    ///   - decodes: whether rows are decoded until the taking side says otherwise.
    ///   - stopped: see there.
    init(_ input: any RecordInput, hasher: RowHasher?, decodes: Bool, stopped: @escaping @Sendable () -> Void = {}) {
        self.input = input
        self.stopped = stopped
        self.hasher = hasher
        isDecoding = decodes || hasher == nil
    }

    /// Of a stream: rows whose hashes say everything may be handed over undecoded, where nobody asks for their keys or cursors.
    convenience init(
        _ stream: Stream, _ input: any RecordInput, mapping: String, protection: Protection, decodes: Bool, stopped: @escaping @Sendable () -> Void = {}
    ) throws(AdapterError) {
        let isAsked = input.decodesRows && !stream.isUniting && stream.cursor == nil && !(input.hasKinds && stream.scope.names.contains(where: ColumnWatch.isPath))
        self.init(input, hasher: isAsked ? try RowHasher(stream, input: input, mapping: mapping, protection: protection) : nil, decodes: decodes, stopped: stopped)
    }

    /// Begins to read, where it has not begun yet.
    func start() throws(AdapterError) {
        condition.lock()
        defer { condition.unlock() }
        guard !isStarted else { return }
        try BatchQueue.startThread { self.finish(Result { try self.read() }) }
        isStarted = true
    }

    /// Hands over everything that was read, in order, then throws what ended the reading, if anything did.
    func forEach(_ body: (RecordPiece) throws -> Void) throws {
        try start()
        while let piece = take() { try body(piece) }
        try end?.get()
    }

    /// Says whether rows to come should be decoded before they are handed over.
    func setDecoding(_ decodes: Bool) {
        condition.lock()
        isDecoding = decodes || hasher == nil
        condition.unlock()
    }

    /// Ends the reading, and waits until the input is no longer used.
    func stop() {
        condition.lock()
        defer { condition.unlock() }
        isStopped = true
        guard isStarted, end == nil else { return }
        stopped()
        condition.broadcast()
        while end == nil { condition.wait() }
    }

    // MARK: The reading side

    private func read() throws {
        var piece: RecordPiece?
        var asked: RowHash?
        // Whether a row was taken of which it is not known yet in which input it stands.
        var isPending = false
        func open(_ place: InputPlace) throws -> RecordPiece {
            if let piece, !piece.isFull, piece.place.index == place.index { return piece }
            if let piece { try put(piece) }
            let opened = RecordPiece(place, decodes: decodesNext)
            piece = opened
            return opened
        }
        // Asked about each row, and then told of it with the input that it stands in.
        let question: RowQuestion? = hasher.map { hasher in
            { shape, raw, line in
                let hash = hasher.hash(shape, raw)
                // Read again by itself a row would lose a byte order mark (UTF-8, GB18030).
                guard let piece, !piece.decodes, !piece.isFull, raw.first != 0xEF, raw.first != 0x84 else {
                    asked = hash
                    return false
                }
                piece.add(raw, shape, line: line, hash: hash)
                isPending = true
                return true
            }
        }
        var rows = 0
        do {
            try input.forEach(unless: question) { outcome, place in
                isPending = false
                rows &+= 1
                if rows & 31 == 0 { try requireTaker() }
                if let outcome {
                    try open(place).add(outcome, hash: asked)
                    asked = nil
                } else if let former = piece, former.place.index != place.index {
                    // It was asked about before it was known that another file has begun.
                    let own = RecordPiece(place, decodes: decodesNext)
                    former.moveLast(to: own)
                    try put(former)
                    piece = own
                }
            }
        } catch {
            // What was read before counts.
            if isPending { piece?.moveLast(to: nil) }
            if let piece { try put(piece) }
            throw error
        }
        if let piece { try put(piece) }
    }

    private func requireTaker() throws {
        condition.lock()
        defer { condition.unlock() }
        if isStopped { throw Stopped() }
    }

    private var decodesNext: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isDecoding
    }

    private func put(_ piece: RecordPiece) throws {
        condition.lock()
        defer { condition.unlock() }
        while heldBytes > (piece.decodes ? Self.decodedLimit_bytes : Self.rawLimit_bytes), !isStopped { condition.wait() }
        if isStopped { throw Stopped() }
        full.append(piece)
        heldBytes += piece.byteCount
        condition.broadcast()
    }

    private func finish(_ result: Result<Void, any Error>) {
        condition.lock()
        end = result
        condition.broadcast()
        condition.unlock()
    }

    // MARK: The taking side

    private func take() -> RecordPiece? {
        condition.lock()
        defer { condition.unlock() }
        while full.isEmpty, end == nil { condition.wait() }
        guard !full.isEmpty else { return nil }
        let piece = full.removeFirst()
        heldBytes -= piece.byteCount
        condition.broadcast()
        return piece
    }
}

/// Some records of one input, on their way from the thread that reads to the one that maps.
final class RecordPiece {
    enum Step {
        /// A row that was not decoded: its bytes, its columns among the piece's shapes (nil where it names them itself), and its line.
        case row(RowHash, bytes: Range<Int>, shape: Int?, line: Int)
        /// What a row was decoded to, among the piece's outcomes; its hash, where it is known.
        case outcome(Int, RowHash?)
    }

    let place: InputPlace
    /// Whether its rows are decoded.
    let decodes: Bool
    private(set) var steps: [Step] = []
    private(set) var outcomes: [ReadOutcome] = []
    private(set) var shapes: [RecordShape] = []
    private(set) var bytes: [UInt8] = []
    /// Of all rows, and of what is kept beside them.
    private(set) var byteCount = 0

    private static let most_bytes = 128 << 10, most_steps = 1024
    private static let stepBytes = MemoryLayout<Step>.stride

    init(_ place: InputPlace, decodes: Bool) {
        self.place = place
        self.decodes = decodes
        steps.reserveCapacity(decodes ? 256 : Self.most_steps)
        if !decodes { bytes.reserveCapacity(Self.most_bytes / 4) }
    }

    var isFull: Bool { byteCount >= Self.most_bytes || steps.count >= Self.most_steps }

    func add(_ raw: UnsafeRawBufferPointer, _ shape: RecordShape?, line: Int, hash: RowHash) {
        if let shape, shapes.last !== shape { shapes.append(shape) }
        steps.append(.row(hash, bytes: bytes.count..<bytes.count + raw.count, shape: shape == nil ? nil : shapes.count - 1, line: line))
        bytes.append(contentsOf: raw)
        byteCount += raw.count + Self.stepBytes
    }

    /// Takes the row that was added last out, into another piece where there is one.
    func moveLast(to other: RecordPiece?) {
        guard case .row(let hash, let range, let shape, let line)? = steps.popLast() else { return }
        bytes.withUnsafeBytes { other?.add(UnsafeRawBufferPointer(rebasing: $0[range]), shape.map { shapes[$0] }, line: line, hash: hash) }
        bytes.removeLast(range.count)
        byteCount -= range.count + Self.stepBytes
    }

    func add(_ outcome: ReadOutcome, hash: RowHash?) {
        steps.append(.outcome(outcomes.count, hash))
        outcomes.append(outcome)
        switch outcome {
        case .record(let record): byteCount += record.raw.count + Self.stepBytes
        case .refused(let refusal): byteCount += refusal.raw.count + Self.stepBytes
        }
    }
}
