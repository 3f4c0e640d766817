import PostgresClient

/// Facts as rows of PostgreSQL's binary COPY (documentation of COPY, "Binary Format"), in a piece of memory that is sent when it
/// is full. Pieces are smaller than a socket's buffer: the server has bytes to work on while the next piece is made.
struct FactEncoder: ~Copyable {
    static let statement = "COPY hub.event (type_id, subject, occurred_at, batch_id, caused_by, payload) FROM STDIN (FORMAT binary)"

    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var used = 0
    private let open: () throws -> (batch: Int64, copy: CopyIn)
    private var target: (batch: Int64, copy: CopyIn)?
    /// Where the batch's number is still to be written.
    private var unnumbered: [Int] = []

    /// - Parameter open: asked for the batch's number and the COPY when the first piece is full: the server may be at both until then.
    init(pieceSize: Int = 1 << 16, open: @escaping () throws -> (batch: Int64, copy: CopyIn)) {
        capacity = pieceSize
        self.open = open
        memory = .allocate(byteCount: capacity, alignment: 8)
        put([UInt8]("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8))
    }

    deinit { memory.deallocate() }

    mutating func add(_ event: NewEvent, type: Int32, subject: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) throws {
        // Six columns, each after its length, of which four have a fixed one.
        try makeRoom(2 + 6 * 4 + 4 + 8 * 3 + subject.count + payload.count)
        put(Int16(6))
        put(Int32(4))
        put(type)
        put(subject)
        // PostgreSQL counts from 2000-01-01.
        put(event.occurredAt.map { $0.microseconds - 946_684_800_000_000 })
        if target == nil { unnumbered.append(used + 4) }
        put(Optional(target?.batch ?? 0))
        put(event.causedBy)
        put(payload)
    }

    /// Sends the rest and the trailer, and ends the COPY.
    /// - Returns: the last result of what was sent with it.
    mutating func finish() throws -> Rows {
        try makeRoom(2)
        put(Int16(-1))
        return try flush().finish()
    }

    private mutating func makeRoom(_ count: Int) throws {
        if used + count <= capacity { return }
        _ = try flush()
        guard count > capacity else { return }
        memory.deallocate()
        capacity = count
        memory = .allocate(byteCount: capacity, alignment: 8)
    }

    @discardableResult
    private mutating func flush() throws -> CopyIn {
        let (batch, copy) = try target ?? open()
        target = (batch, copy)
        for at in unnumbered { memory.storeBytes(of: batch.bigEndian, toByteOffset: at, as: Int64.self) }
        unnumbered = []
        try copy.write(UnsafeRawBufferPointer(start: memory, count: used))
        used = 0
        return copy
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
