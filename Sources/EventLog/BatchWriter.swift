import Foundation
import PostgresClient

/// The one writer of a source. Works under the source's own login role; whatever it claims to be, the log knows who it is.
package final class BatchWriter {
    /// The right to write, for a time; each batch prolongs it.
    package struct Lease: Sendable, Hashable {
        /// Grows with every holder: the fence against writers that slept.
        package let token: Int64
        package let seconds: Int
    }

    private let connection: Connection
    private let typeIDs: [EventType: Int32]
    package private(set) var lease: Lease?
    private var readersAreAsleep = false
    private var readersWokenAt: ContinuousClock.Instant?

    /// - Parameter connection: logged in as the source's role; used by this writer alone.
    package init(_ connection: Connection) throws {
        self.connection = connection
        typeIDs = Dictionary(try Catalog.types(on: connection).map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    }

    /// This process as the holder of a lease: its host and number, and what it is doing.
    package static func holder(_ doing: String? = nil) -> String {
        let process = ProcessInfo.processInfo
        return "\(process.hostName), process \(process.processIdentifier)" + (doing.map { " (\($0))" } ?? "")
    }

    /// Makes this the one writer of its source.
    /// - Parameter holder: who it is, for others to read: see `BatchWriter.holder`.
    @discardableResult
    package func acquireLease(holder: String, seconds: Int = 60) throws -> Lease {
        let rows = try connection.query("SELECT token, held_by, held_since::timestamptz(0), held_until::timestamptz(0) FROM hub.acquire_lease($1, $2::int)", [.text(holder), .int(Int64(seconds))])
        guard let token = rows.int(0, 0) else {
            throw LogError(
                .leaseHeld,
                """
                This source is being written by \(rows.text(0, 1) ?? "another process"), since \(rows.text(0, 2) ?? "an unknown time"); \
                its lease holds until \(rows.text(0, 3) ?? "an unknown time"). Wait, or end that process.
                """)
        }
        let lease = Lease(token: token, seconds: seconds)
        self.lease = lease
        return lease
    }

    /// Gives the lease back, so that the next run need not wait for it to expire.
    package func releaseLease() throws {
        guard let lease else { return }
        try connection.query("SELECT hub.release_lease($1)", [.int(lease.token)])
        self.lease = nil
        wakeReaders(isLast: true)
    }

    /// The blocks of a stream, oldest first: a later entry replaces an earlier one.
    /// - Parameter body: gets a block's entries and subjects, for the call.
    package func loadFingerprints(stream: String, _ body: (_ entries: UnsafeRawBufferPointer, _ subjects: UnsafeRawBufferPointer?) throws -> Void) throws {
        try connection.copyOut(
            "COPY (SELECT entries, subjects FROM hub.fingerprint WHERE stream = \(SQL.literal(stream)) ORDER BY number) TO STDOUT (FORMAT binary)"
        ) { message in
            var row = BinaryRow(message)
            guard row.columns == 2 else { return }
            guard let entries = row.cell() else { return }
            try body(entries, row.cell())
        }
    }

    /// How many bytes of entries a stream's blocks hold.
    package func fingerprintBytes(stream: String) throws -> Int {
        Int(try connection.query("SELECT sum(octet_length(entries)) FROM hub.fingerprint WHERE stream = $1", [.text(stream)]).int(0, 0) ?? 0)
    }

    /// How many blocks a stream has: many small ones are worth compacting.
    package func fingerprintBlocks(stream: String) throws -> Int {
        Int(try connection.query("SELECT count(*) FROM hub.fingerprint WHERE stream = $1", [.text(stream)]).int(0, 0) ?? 0)
    }

    /// The stream's cursor as JSON, or nil where it was never read.
    package func loadCursor(stream: String) throws -> String? {
        let rows = try connection.query("SELECT value FROM hub.cursor WHERE stream = $1", [.text(stream)])
        return rows.count == 0 ? nil : rows.text(0, 0)
    }

    /// Commits facts, fingerprints, cursors, refused records and counters in one transaction, or nothing of them.
    package func commit(_ batch: Batch) throws -> CommittedBatch {
        guard let sealing = batch.sealing else { return try commit(batch, beside: { _ in }) }
        return try commit { _, connection in
            // Before a position is announced: an erasure that holds it up holds up no reader.
            try Self.confirm(sealing, batch.subjectKeys, on: connection)
            return batch
        }
    }

    /// As above, with more in the same transaction: what it does is done with the facts, or not at all.
    package func commit(_ batch: Batch, beside: (Connection) throws -> Void) throws -> CommittedBatch {
        guard !batch.events.isEmpty else { return try commit({ _, _ in batch }, after: { _ in try beside(connection) }) }
        return try committing { lease in
            var digest = BatchDigest(), begun: OpenBatch?
            // Facts are encoded while the server begins.
            let sent = try sendCopy(before: Self.begin(lease))
            let last = try copy(batch.events, digest: &digest) {
                let copy = try sent.opened(), open = try OpenBatch(openedBy: copy)
                begun = open
                return (open.id, copy)
            }
            guard let open = begun else { throw PostgresError(kind: .internal, message: "no batch was begun", operation: "starting a batch") }
            return try finish(batch, of: open, upTo: last, digest: &digest, lease) { _ in try beside(connection) }
        }
    }

    private static func confirm(_ sealing: Int64, _ keys: [NewSubjectKey], on connection: Connection) throws {
        do throws(PostgresError) {
            try connection.query("SELECT hub.confirm_sealing($1)", [.int(sealing)])
        } catch {
            guard error.sqlState == "TH010" else { throw error }
            throw LogError(.sealingChanged, "A person was erased, or the keys were changed, since this run began. Nothing of this batch was committed; run it again.")
        }
        guard !keys.isEmpty else { return }
        func list(_ values: [String]) -> Parameter { .text("{" + values.joined(separator: ",") + "}") }
        try connection.query(
            "SELECT hub.add_subject_keys($1::text[], $2::text[], $3::text[])",
            [list(keys.map(\.id)), list(keys.map(\.subject)), list(keys.map(\.wrapped.hexadecimal))])
    }

    /// As above, where the batch is made in the transaction.
    /// - Parameters:
    ///   - make: makes the batch when the transaction has begun; what it throws undoes it.
    ///   - after: called when the facts have positions.
    func commit(_ make: (_ batch: Int64, _ connection: Connection) throws -> Batch, after: (OpenBatch) throws -> Void = { _ in }) throws -> CommittedBatch {
        try committing { lease in
            let open = try OpenBatch(connection.execute(Self.begin(lease)))
            let batch = try make(open.id, connection)
            var digest = BatchDigest()
            let last = batch.events.isEmpty ? 0 : try copy(batch.events, digest: &digest) { (open.id, try self.sendCopy().opened()) }
            return try finish(batch, of: open, upTo: last, digest: &digest, lease, after: after)
        }
    }

    /// Runs what begins, writes and ends a batch; undone where it throws.
    private func committing(_ body: (Lease) throws -> CommittedBatch) throws -> CommittedBatch {
        guard let lease else {
            throw LogError(.leaseLost, "A batch can be committed under a lease only. Acquire one first.")
        }
        let committed: CommittedBatch
        do {
            committed = try withLeaves { try body(lease) }
        } catch {
            undo()
            if let error = error as? PostgresError, error.sqlState == "TH001" {
                throw LogError(.leaseLost, "The lease on this source has passed to another writer. Nothing of this batch was committed.")
            }
            throw error
        }
        if committed.events > 0 {
            readersAreAsleep = true
            wakeReaders(isLast: false)
        }
        return committed
    }

    /// Where a partition is missing, makes it and tries again: in a transaction of its own, so that what this locks is free before the facts come.
    private func withLeaves(_ body: () throws -> CommittedBatch) throws -> CommittedBatch {
        do {
            return try body()
        } catch let error as PostgresError where error.sqlState == "TH003" {
            undo()
            try connection.execute("SELECT hub.ensure_leaves()")
            return try body()
        }
    }

    private func undo() {
        if connection.isAlive, connection.inTransaction { _ = try? connection.execute("ROLLBACK") }
    }

    /// After the commit, and nobody waits for the disk: it is a hint to readers who ask by themselves too, and its failure must not make a
    /// committed batch look failed.
    /// - Parameter isLast: nothing will follow; readers whom another writer has just woken are woken again, in a moment.
    private func wakeReaders(isLast: Bool) {
        let now = ContinuousClock.now
        guard readersAreAsleep, isLast || readersWokenAt.map({ now - $0 >= .milliseconds(50) }) ?? true else { return }
        readersWokenAt = now
        if let areAwake = try? connection.wakeReaders(isLast: isLast) { readersAreAsleep = !areAwake }
    }

    /// What the server says of a batch that has begun.
    struct OpenBatch {
        let id: Int64
        let source: String
        let previousDigest: [UInt8]
        let recordedAt: Timestamp
        /// Where the sequence stood before the batch drew positions.
        let after: Int64

        init(openedBy copy: CopyIn) throws(PostgresError) {
            switch copy.preceding {
            case .some(let rows): try self.init(rows)
            case .none: throw PostgresError(kind: .internal, message: "hub.begin_batch did not answer", operation: "starting a batch")
            }
        }

        init(_ rows: borrowing Rows) throws(PostgresError) {
            guard let id = rows.int(0, 0), let source = rows.text(0, 1), let digest = rows.bytes(0, 2), let moment = rows.timestamp(0, 3),
                let after = rows.int(0, 4)
            else { throw PostgresError(kind: .internal, message: "hub.begin_batch answered in another form", operation: "starting a batch") }
            (self.id, self.source, self.previousDigest, self.recordedAt, self.after) = (id, source, digest, moment, after)
        }
    }

    private static func begin(_ lease: Lease) -> String {
        "BEGIN; SELECT id, source, previous_digest, recorded_at, after FROM hub.begin_batch(\(lease.token), \(lease.seconds))"
    }

    /// What COPY draws positions from tells the last one as soon as it ends.
    private func sendCopy(before: String? = nil) throws(PostgresError) -> SentCopyIn {
        try connection.sendCopyIn(FactEncoder.statement, before: before, after: "SELECT currval('hub.event_position')")
    }

    /// Everything that a batch has beside its facts, and its commit.
    private func finish(
        _ batch: Batch, of open: OpenBatch, upTo last: Int64, digest: inout BatchDigest, _ lease: Lease, after: (OpenBatch) throws -> Void
    ) throws -> CommittedBatch {
        let positions = try positions(of: open, upTo: last, count: batch.events.count)
        try write(batch.fingerprints, compacted: batch.compacted, batch: open.id)
        try write(batch.cursors)
        try write(batch.quarantined, version: batch.adapterVersion, batch: open.id)
        try QuarantineRows.note(batch, id: open.id, on: connection)
        try after(open)
        let header = BatchDigest.Header(
            previous: open.previousDigest, source: open.source, adapterVersion: batch.adapterVersion, inputDigest: batch.inputDigest,
            firstPosition: positions?.span.lowerBound, lastPosition: positions?.span.upperBound, events: batch.events.count, recordedAt: open.recordedAt)
        return try finishBatch(batch, id: open.id, token: lease.token, header: header, digest: digest.finish(header, positions: positions?.digest))
    }

    /// The positions that COPY drew: one run where nobody else wrote meanwhile, else the server is asked.
    private func positions(of open: OpenBatch, upTo last: Int64, count: Int) throws -> (span: ClosedRange<Int64>, digest: [UInt8])? {
        guard count > 0 else { return nil }
        if last - open.after == Int64(count) {
            let span = open.after + 1...last
            return (span, BatchDigest.positions(span))
        }
        let row = try connection.query("SELECT events, first, last, digest FROM hub.batch_positions($1, $2)", [.int(open.id), .int(open.after)])
        guard let stand = row.int(0, 0), let first = row.int(0, 1), let last = row.int(0, 2), let digest = row.bytes(0, 3), stand == count else {
            throw PostgresError(kind: .internal, message: "\(row.int(0, 0) ?? 0) facts stand where \(count) were written", operation: "reading positions")
        }
        return (first...last, digest)
    }

    /// Copies facts into the log.
    /// - Parameter open: asked for the batch's number and the COPY when the first of them are ready.
    /// - Returns: the last position that was drawn.
    private func copy(_ events: [NewEvent], digest: inout BatchDigest, open: @escaping () throws -> (batch: Int64, copy: CopyIn)) throws -> Int64 {
        var encoder = FactEncoder(open: open)
        // Facts of a type come one after another.
        var type = EventType(name: "", version: 0)
        var typeID: Int32 = 0
        for event in events {
            if event.type != type.name || event.version != type.version {
                type = EventType(name: event.type, version: event.version)
                typeID = try number(of: type)
            }
            var subject = event.subject
            try subject.withUTF8 { subject in
                let subject = UnsafeRawBufferPointer(subject)
                try event.payload.withUnsafeBytes { payload in
                    try encoder.add(event, type: typeID, subject: subject, payload: payload)
                    digest.add(type: type, occurredAt: event.occurredAt, causedBy: event.causedBy, subject: subject, payload: payload)
                }
            }
        }
        return try encoder.finish().int(0, 0) ?? 0
    }

    /// The number that stands for a type in `hub.event`.
    func number(of type: EventType) throws(LogError) -> Int32 {
        guard let number = typeIDs[type] else {
            throw LogError(
                .unknownEventType,
                "There is no event type \(type.name) version \(type.version). Add its contract to Schemas/events and run `twinhub migrate`.")
        }
        return number
    }

    private func write(_ blocks: [FingerprintBlock], compacted: Set<String>, batch: Int64) throws {
        for stream in compacted.sorted() {
            try connection.query("SELECT hub.forget_fingerprints($1)", [.text(stream)])
        }
        for block in blocks where !block.entries.isEmpty {
            try connection.query(
                "INSERT INTO hub.fingerprint (stream, batch_id, entries, subjects) VALUES ($1, $2, $3, $4)",
                [.text(block.stream), .int(batch), .bytes(block.entries), block.subjects.map { .bytes($0) } ?? .null])
        }
    }

    private func write(_ cursors: [String: String]) throws {
        for (stream, value) in cursors.sorted(by: { $0.key < $1.key }) {
            try connection.query(
                """
                INSERT INTO hub.cursor (stream, value) VALUES ($1, $2)
                ON CONFLICT (source_id, stream) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
                """, [.text(stream), .text(value)])
        }
    }

    private func write(_ records: [QuarantinedRecord], version: String, batch: Int64) throws {
        // COPY is not possible under row-level security.
        for record in records {
            try connection.query(
                """
                INSERT INTO hub.quarantine (batch_id, stream, input, line, rule, message, adapter_version, raw, sealed, subject, columns)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text[])
                """,
                [
                    .int(batch), .text(record.stream), .text(record.input), .int(record.line.map { Int64($0) }), .text(record.rule),
                    .text(record.message), .text(version), .bytes(record.raw), .bool(record.sealed), .text(record.subject),
                    record.columns.map { .text(SQL.array($0)) } ?? .null,
                ])
        }
    }

    private func finishBatch(
        _ batch: Batch, id: Int64, token: Int64, header: BatchDigest.Header, digest: [UInt8]
    ) throws -> CommittedBatch {
        let counters = batch.counters
        let counts = [
            counters.read, counters.added, counters.changed, counters.unchanged, counters.removed, counters.refused, counters.heldBack,
            batch.events.count,
        ]
        func bytes(_ value: [UInt8]?) -> String { value.map { "decode('\($0.hexadecimal)', 'hex')" } ?? "NULL" }
        func number(_ value: Int64?) -> String { value.map { String($0) } ?? "NULL" }
        // One round trip for both.
        try connection.execute(
            """
            SELECT hub.finish_batch(\(id), \(token), \(SQL.literal(batch.adapterVersion)), \(SQL.literal(batch.input)), \(bytes(batch.inputDigest)),
                   \(counts.map(String.init).joined(separator: ", ")), \(number(header.firstPosition)), \(number(header.lastPosition)),
                   \(bytes(header.previous)), \(bytes(digest)));
            COMMIT
            """)
        return CommittedBatch(
            id: id, firstPosition: header.firstPosition, lastPosition: header.lastPosition, events: batch.events.count, digest: digest)
    }
}
