import PostgresClient
import Projections

/// What is held of the steps of cases: one row a case, step and date; of two tellings the later position wins.
struct StepFold {
    private struct Slot {
        var sourceID: Int32
        var occurred_us: Int64?
        var effective_us: Int64
        var position: Int64
        var caseLength: Int
        var payload: Range<Int>
    }

    private var keys = ByteTable()
    private var slots: [Slot] = []
    private var payloads: [UInt8] = []
    private var scratch: [UInt8] = []
    private var hasWritten = false

    var heldBytes: Int { payloads.count + slots.count * MemoryLayout<Slot>.stride + keys.heldBytes }

    /// - Parameters:
    ///   - id: of the case.
    ///   - step: such as `closed`, UTF-8.
    mutating func take(_ id: UnsafeRawBufferPointer, step: [UInt8], _ fact: Fact) {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: id)
        scratch.append(0)
        scratch.append(contentsOf: step)
        scratch.append(0)
        withUnsafeBytes(of: (fact.occurredAt?.microseconds ?? .min).bigEndian) { scratch.append(contentsOf: $0) }
        let index = scratch.withUnsafeBytes { keys.index(of: $0) }
        if index < slots.count, slots[index].position > fact.position { return }
        let slot = Slot(
            sourceID: fact.sourceID, occurred_us: fact.occurredAt?.microseconds, effective_us: fact.effective_us, position: fact.position,
            caseLength: id.count, payload: payloads.count..<(payloads.count + fact.payload.count))
        payloads.append(contentsOf: fact.payload)
        if index == slots.count { slots.append(slot) } else { slots[index] = slot }
    }

    /// Writes what is held, in the order of cases, and forgets it.
    mutating func flush(on connection: Connection, mode: FlushMode) throws {
        guard !slots.isEmpty else { return }
        let isDirect = mode.isFilling && !hasWritten
        let copy = try connection.copyIn(
            "COPY \(isDirect ? "case_step" : "stage_case_step") (\(Self.columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)")
        var row = BinaryCopyWriter(capacity: 1 << 20)
        try payloads.withUnsafeBytes { bytes in
            for index in keys.sorted() {
                write(index, payloads: bytes, into: &row)
                if row.bytes.count >= 1 << 20 { try row.take { try copy.write($0) } }
            }
        }
        row.trailer()
        try row.take { try copy.write($0) }
        try copy.finish()
        if !isDirect { try connection.execute(Self.mergeStatement) }
        if mode.isFilling { hasWritten = true }
        keys = ByteTable()
        slots.removeAll()
        payloads.removeAll()
    }

    private func write(_ index: Int, payloads: UnsafeRawBufferPointer, into row: inout BinaryCopyWriter) {
        let slot = slots[index], key = keys[index]
        row.row(columns: Int16(Self.columns.count))
        row.data(key.prefix(slot.caseLength))
        row.data(key.dropFirst(slot.caseLength + 1).dropLast(9))
        row.momentOrNever(slot.occurred_us)
        row.momentOrNever(slot.effective_us)
        row.int8(slot.position)
        row.int4(slot.sourceID)
        let payload = Payload(JSONView(UnsafeRawBufferPointer(rebasing: payloads[slot.payload])), source: [])
        row.optional(payload["handler"]?.text)
        row.optional(payload["department"]?.text)
        row.optional(payload["outcome"]?.text ?? payload["resolution"]?.text ?? payload["answer"]?.text)
        if let solved = payload["solved"], solved.kind == .bool { row.bool(solved.bytes.first == UInt8(ascii: "t")) } else { row.null() }
        row.optional(payload["satisfaction"]?.text)
        row.optional(payload["reason"]?.text ?? payload["note"]?.text)
        row.timestamp(payload["due_at"]?.moment)
    }

    private static let columns = [
        "case_id", "step", "step_at", "effective_at", "position", "source_id", "handler", "department", "outcome", "solved", "satisfaction",
        "reason", "due_at",
    ]

    private static let mergeStatement = """
        INSERT INTO case_step (\(columns.joined(separator: ", "))) SELECT \(columns.joined(separator: ", ")) FROM stage_case_step
        ON CONFLICT (case_id, step, step_at) DO UPDATE SET \(columns.dropFirst(3).map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
         WHERE excluded.position > case_step.position
        """
}
