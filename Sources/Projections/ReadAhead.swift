import EventLog
import Foundation
import PostgresClient

/// Reads facts out of the log ahead of whoever takes them, on threads and connections of its own: a long range in sections, several of them at a
/// time, since a server process is busier with reading than a fold with what it reads.
final class ReadAhead: Sendable {
    /// Nobody takes facts any more.
    private struct Stopped: Error {}

    /// A part of the range, and what was read of it and not yet taken. Touched under the condition's lock only.
    private final class Section {
        let after: Int64
        let upTo: Int64
        var full: [FactPiece] = []
        var isRead = false

        init(after: Int64, upTo: Int64) { (self.after, self.upTo) = (after, upTo) }
    }

    /// Where it ends.
    let upTo: Int64

    /// Positions in a section: what is read of the next ones waits in memory.
    static let sectionSize: Int64 = 16_384
    /// Pieces that may wait, beside those of the section that is being taken.
    private static let pieces = 8
    private let condition = NSCondition()
    // Touched under the condition's lock only.
    /// Those that are being read or taken, in order.
    nonisolated(unsafe) private var sections: [Section] = []
    /// Where the next section begins.
    nonisolated(unsafe) private var next: Int64
    nonisolated(unsafe) private var waiting = 0
    nonisolated(unsafe) private var spare: [FactPiece] = []
    nonisolated(unsafe) private var readers = 0
    nonisolated(unsafe) private var failure: (any Error)?
    nonisolated(unsafe) private var isStopped = false
    private let length: Int64
    // The taking side's own.
    nonisolated(unsafe) private var open: FactPiece?

    /// Starts to read what follows a position. The connections are this reader's alone until `stop`.
    ///
    /// Throws where the system gives no thread at all; with fewer threads than connections it takes longer.
    init(_ connections: [Connection], after: Int64, upTo: Int64) throws {
        self.upTo = upTo
        next = after
        length = connections.count > 1 ? Self.sectionSize : upTo - after
        for connection in connections {
            nonisolated(unsafe) let connection = connection
            add(1)
            do {
                try WorkerThread.start { [self] in end(Result { try read(SettledReader(connection)) }) }
            } catch {
                add(-1)
                if isUnread { throw error }
            }
        }
    }

    private func add(_ number: Int) {
        condition.lock()
        readers += number
        condition.unlock()
    }

    /// Whether nobody reads, and nothing was read.
    private var isUnread: Bool {
        condition.lock()
        defer { condition.unlock() }
        return readers == 0 && next < upTo
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

    /// Ends the reading, and waits until the connections are free.
    func stop() {
        condition.lock()
        isStopped = true
        condition.broadcast()
        while readers > 0 { condition.wait() }
        condition.unlock()
    }

    // MARK: The reading side

    private func read(_ reader: SettledReader) throws {
        while let section = nextSection() {
            var piece = try empty(section)
            try reader.readFolded(after: section.after, upTo: section.upTo) { event in
                if piece.isFull(for: event) {
                    put(piece, section)
                    piece = try empty(section)
                }
                piece.append(event)
            }
            put(piece, section, isLast: true)
        }
    }

    private func nextSection() -> Section? {
        condition.lock()
        defer { condition.unlock() }
        guard next < upTo, !isStopped, failure == nil else { return nil }
        let section = Section(after: next, upTo: min(upTo, next + length))
        next = section.upTo
        sections.append(section)
        return section
    }

    /// A piece to fill; waits until there is room.
    private func empty(_ section: Section) throws -> FactPiece {
        condition.lock()
        defer { condition.unlock() }
        // Whoever waits for the first section's pieces must get them.
        while waiting >= (section === sections.first ? 2 : 1) * Self.pieces, !isStopped { condition.wait() }
        if isStopped { throw Stopped() }
        return spare.popLast() ?? FactPiece()
    }

    private func put(_ piece: FactPiece, _ section: Section, isLast: Bool = false) {
        condition.lock()
        section.full.append(piece)
        waiting += 1
        section.isRead = isLast
        condition.broadcast()
        condition.unlock()
    }

    private func end(_ result: Result<Void, any Error>) {
        condition.lock()
        readers -= 1
        if case .failure(let error) = result { failure = failure ?? error }
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
        while true {
            if let failure { throw failure }
            guard let section = sections.first else {
                if next >= upTo || readers == 0 { return nil }
                condition.wait()
                continue
            }
            if !section.full.isEmpty {
                let piece = section.full.removeFirst()
                waiting -= 1
                open = piece
                condition.broadcast()
                return piece
            }
            if section.isRead {
                sections.removeFirst()
                condition.broadcast()
            } else {
                condition.wait()
            }
        }
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
    func isFull(for event: Fact) -> Bool { used > 0 && used + Self.size(of: event) > bytes.count }

    func append(_ event: Fact) {
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

    private static func size(of event: Fact) -> Int {
        aligned(MemoryLayout<Header>.stride + event.subject.count + event.payload.count)
    }

    private static func aligned(_ size: Int) -> Int { (size + 7) & ~7 }
}
