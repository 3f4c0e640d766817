import EventLog
import Foundation
import PostgresClient

/// Reads facts out of the log on a thread and a connection of its own, a few pieces ahead of whoever takes them.
final class ReadAhead: Sendable {
    /// Nobody takes facts any more.
    private struct Stopped: Error {}

    /// What it reads, and where it ends.
    let upTo: Int64

    private static let pieces = 8
    private let condition = NSCondition()
    // Touched under the condition's lock only.
    nonisolated(unsafe) private var full: [FactPiece] = []
    nonisolated(unsafe) private var spare: [FactPiece] = []
    nonisolated(unsafe) private var end: Result<Void, any Error>?
    nonisolated(unsafe) private var isStopped = false
    // The taking side's own.
    nonisolated(unsafe) private var open: FactPiece?

    /// Starts to read what follows a position. The connection is this reader's alone until `stop`.
    init(_ connection: Connection, after: Int64, upTo: Int64) {
        self.upTo = upTo
        nonisolated(unsafe) let connection = connection
        let thread = Thread { [self] in
            finish(Result { try read(SettledReader(connection), after: after) })
        }
        thread.name = "reading ahead"
        thread.start()
    }

    /// Hands over at most so many facts, in order.
    /// - Returns: the position of the last one and how many there were; fewer than `limit` where all are read.
    func take(_ limit: Int, _ body: (Fact) throws -> Void) throws -> (position: Int64?, count: Int) {
        var last: Int64?
        var count = 0
        while count < limit, let piece = try current() {
            while count < limit, let fact = piece.next() {
                last = fact.position
                count += 1
                try body(fact)
            }
        }
        return (last, count)
    }

    /// Ends the reading, and waits until the connection is free.
    func stop() {
        condition.lock()
        isStopped = true
        condition.broadcast()
        while end == nil { condition.wait() }
        condition.unlock()
    }

    // MARK: The reading side

    private func read(_ reader: SettledReader, after: Int64) throws {
        var piece = try empty()
        try reader.read(after: after, upTo: upTo, limit: .max) { event in
            if piece.isFull(for: event) {
                put(piece)
                piece = try empty()
            }
            piece.append(event)
        }
        put(piece)
    }

    /// A piece to fill; waits until there is room.
    private func empty() throws -> FactPiece {
        condition.lock()
        defer { condition.unlock() }
        while full.count >= Self.pieces, !isStopped { condition.wait() }
        if isStopped { throw Stopped() }
        return spare.popLast() ?? FactPiece()
    }

    private func put(_ piece: FactPiece) {
        condition.lock()
        full.append(piece)
        condition.broadcast()
        condition.unlock()
    }

    private func finish(_ result: Result<Void, any Error>) {
        condition.lock()
        end = result
        condition.broadcast()
        condition.unlock()
    }

    // MARK: The taking side

    /// The piece that is being taken from; nil where all are taken.
    private func current() throws -> FactPiece? {
        if let open, !open.isTaken { return open }
        condition.lock()
        defer { condition.unlock() }
        if let open {
            open.clear()
            spare.append(open)
        }
        open = nil
        while full.isEmpty, end == nil { condition.wait() }
        guard !full.isEmpty else {
            try end?.get()
            return nil
        }
        open = full.removeFirst()
        condition.broadcast()
        return open
    }
}

/// Facts packed one after the other, to be handed from thread to thread.
private final class FactPiece {
    private struct Header {
        var position: Int64
        var occurred_us: Int64
        var recorded_us: Int64
        var sourceID: Int32
        var typeID: Int32
        var subjectCount: Int32
        var payloadCount: Int32
        var isDated: Bool
    }

    private static let usualSize = 512 << 10
    private var bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: usualSize, alignment: 8)
    private var used = 0
    private var taken = 0

    deinit { bytes.deallocate() }

    var isTaken: Bool { taken == used }

    /// Whether an event has no room beside those that are here; a large one gets room in an empty piece.
    func isFull(for event: StoredEvent) -> Bool { used > 0 && used + Self.size(of: event) > bytes.count }

    func append(_ event: StoredEvent) {
        let size = Self.size(of: event)
        if size > bytes.count {
            bytes.deallocate()
            bytes = .allocate(byteCount: size, alignment: 8)
        }
        let header = Header(
            position: event.position, occurred_us: event.occurredAt?.microseconds ?? 0, recorded_us: event.recordedAt.microseconds,
            sourceID: event.sourceID, typeID: event.typeID, subjectCount: Int32(event.subject.count), payloadCount: Int32(event.payload.count),
            isDated: event.occurredAt != nil)
        bytes.storeBytes(of: header, toByteOffset: used, as: Header.self)
        let text = used + MemoryLayout<Header>.stride
        UnsafeMutableRawBufferPointer(rebasing: bytes[text...]).copyMemory(from: event.subject)
        UnsafeMutableRawBufferPointer(rebasing: bytes[(text + event.subject.count)...]).copyMemory(from: event.payload)
        used += size
    }

    /// The next fact; nil after the last. It is borrowed until the piece is cleared.
    func next() -> Fact? {
        guard taken < used else { return nil }
        let header = bytes.load(fromByteOffset: taken, as: Header.self)
        let subject = taken + MemoryLayout<Header>.stride, payload = subject + Int(header.subjectCount)
        let end = payload + Int(header.payloadCount)
        taken = Self.aligned(end)
        return Fact(
            position: header.position, sourceID: header.sourceID, typeID: header.typeID,
            subject: UnsafeRawBufferPointer(rebasing: bytes[subject..<payload]),
            occurredAt: header.isDated ? Timestamp(microseconds: header.occurred_us) : nil, recordedAt: Timestamp(microseconds: header.recorded_us),
            payload: UnsafeRawBufferPointer(rebasing: bytes[payload..<end]))
    }

    func clear() {
        used = 0
        taken = 0
    }

    private static func size(of event: StoredEvent) -> Int {
        aligned(MemoryLayout<Header>.stride + event.subject.count + event.payload.count)
    }

    private static func aligned(_ size: Int) -> Int { (size + 7) & ~7 }
}
