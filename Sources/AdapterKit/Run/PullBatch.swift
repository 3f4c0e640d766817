import EventLog

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a pull has gathered and not yet committed, and the totals of the pull.
final class PullBatch {
    /// Sizes of a batch, and when the lease needs a sign of life.
    struct Limits: Sendable {
        var facts = 20_000
        var bytes = 16 << 20
        var seconds = 60
        /// Of fingerprints that are rewritten: PostgreSQL takes values of up to 1 GB, and a reader holds one block at a time.
        var blockBytes = 32 << 20
        /// Whether too many refused records end the pull.
        var endsWhenRefused = true
    }

    /// Fingerprints are kept of quarantined rows too, under this suffix of the stream's name.
    static let refusedSuffix = "#refused"
    /// The hashes of delivered rows stand under this suffix.
    static let rowsSuffix = "#rows"

    private let stream: Stream
    private let table: FingerprintTable
    private let refusedTable: FingerprintTable
    private let limits: Limits
    private let people: SubjectKeyring?
    private let commit: (Batch) throws -> Void
    /// Of the input: asked for with each batch, since it may take as long as reading.
    private let digest: () -> [UInt8]?

    private var batch: Batch
    private var blocks = FingerprintBlocks()
    private var refusedBlocks = FingerprintBlocks()
    private var rowBlocks = FingerprintBlocks()
    private var bytes = 0
    private var lastCommit_s = time(nil)

    private let source: String
    /// How often each reason was given.
    private var reasons: [String: Int] = [:]

    /// Totals of the pull.
    private(set) var counters = BatchCounters()
    private(set) var facts = 0

    /// - Parameters:
    ///   - table: what was told before; filled on.
    ///   - refusedTable: which rows were refused before; filled on.
    ///   - people: whose keys the facts are sealed under; nil where the stream speaks of nobody.
    ///   - commit: takes a batch; what it throws ends the pull.
    init(
        _ stream: Stream, of manifest: Manifest, input: any RecordInput, table: FingerprintTable, refusedTable: FingerprintTable, people: SubjectKeyring?,
        limits: Limits, commit: @escaping (Batch) throws -> Void
    ) {
        self.stream = stream
        self.table = table
        self.refusedTable = refusedTable
        self.limits = limits
        self.people = people
        self.commit = commit
        source = manifest.name
        digest = { input.digest }
        batch = Batch(adapterVersion: manifest.version, input: input.title)
    }

    var isFull: Bool {
        batch.events.count >= limits.facts || bytes >= limits.bytes || batch.quarantined.count >= limits.facts
    }

    /// Whether the lease should hear of this pull.
    var isOverdue: Bool { time(nil) - lastCommit_s >= limits.seconds }

    /// Changes the counters of the pull and of the batch alike.
    @inline(__always)
    func count(_ change: (inout BatchCounters) -> Void) {
        change(&counters)
        change(&batch.counters)
    }

    func emit(_ event: NewEvent) {
        facts += 1
        bytes += event.payload.count + event.subject.utf8.count + 48
        batch.events.append(event)
    }

    /// Notes what was told of a fact; content 0 forgets it.
    func note(_ key: FingerprintKey, content: UInt64) {
        table.set(key, content: content)
        blocks.add(key, content: content)
    }

    /// Notes how a record would be told as removed; nil forgets it.
    func note(_ key: FingerprintKey, content: UInt64, removal: [UInt8]?) {
        table.set(key, content: content, subject: removal ?? [])
        blocks.add(key, content: content, subject: removal)
    }

    /// Notes the row that a record was told from; nil forgets it.
    func note(_ key: FingerprintKey, row: RowHash?) {
        guard table.row(of: key) != row else { return }
        table.set(key, row: row)
        rowBlocks.add(key, row: row)
        bytes += FingerprintBlocks.rowLength
    }

    /// Counts a refused record.
    func countRefused(_ refused: Refused) {
        count { $0.refused += 1 }
        // Without the value's shape and place, which differ from record to record.
        let end = [": it has", ", at byte"].compactMap { refused.message.firstRange(of: $0)?.lowerBound }.min() ?? refused.message.endIndex
        let reason = "\(refused.rule): \(refused.message[..<end])"
        if reasons.count < 1000 || reasons[reason] != nil { reasons[reason, default: 0] += 1 }
    }

    /// Whether a refused row is in quarantine already; notes it where it is not.
    func wasRefused(_ key: FingerprintKey) -> Bool {
        _ = refusedTable.meet(key)
        guard refusedTable.content(key) == 0 else { return true }
        refusedTable.set(key, content: 1)
        refusedBlocks.add(key, content: 1)
        return false
    }

    /// A quarantined row that was replayed: forgets it, or knows it by another key.
    func remember(refused key: FingerprintKey?, inPlaceOf old: FingerprintKey) {
        guard key != old else { return }
        refusedBlocks.add(old, content: 0)
        if let key { refusedBlocks.add(key, content: 1) }
    }

    func quarantine(_ record: QuarantinedRecord) {
        bytes += record.raw.count
        batch.quarantined.append(record)
    }

    /// After a full list: refused rows that did not come again are forgotten, so that they are news the next time.
    func forgetRefusedRows() {
        for key in refusedTable.unmet() {
            refusedTable.set(key, content: 0)
            refusedBlocks.add(key, content: 0)
        }
    }

    /// Few blocks in place of all that were written so far.
    func rewriteBlocks() {
        blocks = FingerprintBlocks()
        table.forEach {
            blocks.add($0, content: $1, subject: $2)
            if blocks.byteCount >= limits.blockBytes { batch.fingerprints.append(blocks.take(stream: stream.name)) }
        }
        refusedBlocks = FingerprintBlocks()
        refusedTable.forEach { key, content, _ in refusedBlocks.add(key, content: content) }
        rowBlocks = FingerprintBlocks()
        table.forEachRow {
            rowBlocks.add($0, row: $1)
            if rowBlocks.byteCount >= limits.blockBytes { batch.fingerprints.append(rowBlocks.take(stream: stream.name + Self.rowsSuffix)) }
        }
        batch.compacted = [stream.name, stream.name + Self.refusedSuffix, stream.name + Self.rowsSuffix]
    }

    /// Commits what there is, with a new cursor where one is given. Past the allowed share of refused records only the quarantine is
    /// committed, and the pull ends with a `data` error.
    func flush(_ state: StreamState?) throws {
        var full = batch
        full.sealing = people?.generation
        full.inputDigest = digest()
        let empty = Batch(adapterVersion: batch.adapterVersion, input: batch.input)
        let refusedBlock = refusedBlocks.isEmpty ? nil : refusedBlocks.take(stream: stream.name + Self.refusedSuffix)
        if limits.endsWhenRefused, let most = stream.contract.refusedLimit(of: counters.read), Double(counters.refused) > most * Double(counters.read) {
            var refusedOnly = empty
            refusedOnly.inputDigest = full.inputDigest
            refusedOnly.sealing = full.sealing
            refusedOnly.quarantined = full.quarantined
            refusedOnly.counters.read = full.counters.read
            refusedOnly.counters.refused = full.counters.refused
            if full.compacted.isEmpty, let refusedBlock { refusedOnly.fingerprints = [refusedBlock] }
            try commit(refusedOnly)
            throw tooMany(most)
        }
        if !blocks.isEmpty { full.fingerprints.append(blocks.take(stream: stream.name)) }
        if !rowBlocks.isEmpty { full.fingerprints.append(rowBlocks.take(stream: stream.name + Self.rowsSuffix)) }
        if let refusedBlock { full.fingerprints.append(refusedBlock) }
        full.subjectKeys = people?.takeNew() ?? []
        if let state { full.cursors[stream.name] = state.json }
        batch = empty
        bytes = 0
        try commit(full)
        lastCommit_s = time(nil)
    }

    private func tooMany(_ most: Double) -> AdapterError {
        var message = "Stream \"\(stream.name)\": \(counters.refused) of \(counters.read) records were refused, more than the share of \(most) that "
        message += stream.contract.maxRefusedRatio == most ? "the manifest allows." : "is allowed where the manifest sets no other."
        if let (reason, times) = reasons.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) { message += " Most often (\(times)): \(reason)" }
        if !message.hasSuffix(".") { message += "." }
        return AdapterError(
            .refused, message, file: batch.input,
            hint: "Correct the source or the manifest (contract: max_refused_ratio) and run again. See: \(Quarantine.command(for: source))")
    }
}

/// Where people find what was refused.
package enum Quarantine {
    /// The command that shows the last refused rows of a source.
    package static func command(for source: String) -> String { "twinhub quarantine list \(source)" }
}
