import PostgresClient

/// Facts as rows of PostgreSQL's binary COPY (documentation of COPY, "Binary Format"), in a piece of memory that is sent when it
/// is full. Pieces are smaller than a socket's buffer: the server has bytes to work on while the next piece is made.
struct FactEncoder: ~Copyable {
    static let statement = "COPY hub.event (type_id, subject, occurred_at, batch_id, caused_by, payload) FROM STDIN (FORMAT binary)"

    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var used = 0
    private let send: (UnsafeRawBufferPointer) throws -> Void

    /// - Parameter send: takes the bytes at once; they are overwritten afterwards.
    init(pieceSize: Int = 1 << 16, send: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        capacity = pieceSize
        memory = .allocate(byteCount: capacity, alignment: 8)
        self.send = send
        put([UInt8]("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8))
    }

    deinit { memory.deallocate() }

    mutating func add(_ event: NewEvent, type: Int32, batch: Int64, subject: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) throws {
        // Six columns, each after its length, of which four have a fixed one.
        try makeRoom(2 + 6 * 4 + 4 + 8 * 3 + subject.count + payload.count)
        put(Int16(6))
        put(Int32(4))
        put(type)
        put(subject)
        // PostgreSQL counts from 2000-01-01.
        put(event.occurredAt.map { $0.microseconds - 946_684_800_000_000 })
        put(Optional(batch))
        put(event.causedBy)
        put(payload)
    }

    /// Sends the rest and the trailer.
    mutating func finish() throws {
        try makeRoom(2)
        put(Int16(-1))
        try flush()
    }

    private mutating func makeRoom(_ count: Int) throws {
        if used + count <= capacity { return }
        try flush()
        guard count > capacity else { return }
        memory.deallocate()
        capacity = count
        memory = .allocate(byteCount: capacity, alignment: 8)
    }

    private mutating func flush() throws {
        try send(UnsafeRawBufferPointer(start: memory, count: used))
        used = 0
    }

    private mutating func put<T: FixedWidthInteger>(_ value: T) {
        memory.storeBytes(of: value.bigEndian, toByteOffset: used, as: T.self)
        used += MemoryLayout<T>.size
    }

    private mutating func put(_ value: Int64?) {
        guard let value else { return put(Int32(-1)) }
        put(Int32(8))
        put(value)
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        put(Int32(bytes.count))
        if let start = bytes.baseAddress { memory.advanced(by: used).copyMemory(from: start, byteCount: bytes.count) }
        used += bytes.count
    }

    private mutating func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { memory.advanced(by: used).copyMemory(from: start, byteCount: bytes.count) }
        }
        used += bytes.count
    }
}
