import EventLog
import PostgresClient
import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One pull of one stream: records united, mapped, compared with what was told before, and handed over in batches.
///
/// Knows no database: batches leave through `commit`.
final class StreamPull {
    /// Sizes of a batch, and when the lease needs a sign of life.
    struct Limits: Sendable {
        var facts = 20_000
        var bytes = 16 << 20
        var seconds = 60
    }

    /// Fingerprints are kept beside the quarantined rows too, under this suffix of the stream's name.
    static let refusedSuffix = "#refused"

    let stream: Stream
    private let manifest: Manifest
    private let mapper: FactMapper
    private let protection: Protection
    private let table: FingerprintTable
    private let refusedTable: FingerprintTable
    private let limits: Limits
    private let commit: (Batch) throws -> Void
    private let poll: (BatchCounters, Int) throws -> Void

    private var batch: Batch
    private var blocks = FingerprintBlocks()
    private var refusedBlocks = FingerprintBlocks()
    private var batchBytes = 0
    private var lastCommit_s = time(nil)
    private var mapped: [FactMapper.Mapped] = []
    /// What is new of the record at hand; kept for its memory.
    private var news: [(key: FingerprintKey, content: UInt64, event: NewEvent?)] = []
    private var uniter: RecordUniter
    private var watch: ColumnWatch
    private var knownColumns: Set<String> = []
    private var checkedShape: RecordShape?
    private var checkedShapeFault: String?
    /// Records and refusals taken of each input, by its number.
    private(set) var outcomesOfInputs: [Int: Int] = [:]
    private var steps = 0

    /// Totals of the pull.
    private(set) var counters = BatchCounters()
    private(set) var facts = 0
    private(set) var records = 0
    /// Rows of which nobody knows which record they are.
    private(set) var unreadable = 0
    private(set) var heldBackReason: String?
    private(set) var drift: Drift?
    private(set) var bookmark: Bookmark

    /// - Parameters:
    ///   - table: what was told before; filled on.
    ///   - commit: takes a batch; what it throws ends the pull.
    ///   - poll: called between records; what it throws ends the pull.
    init(
        _ stream: Stream, of manifest: Manifest, input: any RecordInput, protection: Protection, table: FingerprintTable,
        refusedTable: FingerprintTable, limits: Limits = Limits(), commit: @escaping (Batch) throws -> Void,
        poll: @escaping (BatchCounters, Int) throws -> Void = { _, _ in }
    ) throws(AdapterError) {
        self.stream = stream
        self.manifest = manifest
        self.protection = protection
        self.table = table
        self.refusedTable = refusedTable
        self.limits = limits
        self.commit = commit
        self.poll = poll
        mapper = try FactMapper(stream, protection: protection)
        batch = Batch(adapterVersion: manifest.version, input: input.title, inputDigest: input.digest)
        uniter = RecordUniter(stream.group != nil ? .collect : stream.repeated)
        watch = ColumnWatch(watchesKinds: input.hasKinds)
        bookmark = Bookmark(stream.cursor)
        knownColumns = Set(stream.scope.names.map { String($0.prefix { $0 != "." }) } + stream.scope.names)
            .union(stream.personal.keys).union(stream.ignored)
    }

    private var isUniting: Bool { stream.group != nil || (stream.repeated != .quarantine && stream.mode != .append) }

    /// Reads everything. `progressState` gives the cursor that is committed with an unfinished batch, from the outcomes read of each input.
    func read(_ input: any RecordInput, progressState: (([Int: Int]) -> StreamState)?) throws {
        if isUniting {
            try input.forEach { outcome, _ in
                guard case .record(let record) = outcome, mapper.belongs(record), fault(inShapeOf: record) == nil else { return try step() }
                if let key = try? mapper.key(record) { uniter.count(key) }
                try step()
            }
        }
        try input.forEach { outcome, place in
            switch outcome {
            case .refused(let refusal):
                counters.read += 1
                batch.counters.read += 1
                unreadable += 1
                try refuse(refusal.raw, line: refusal.line, place, rule: refusal.rule, message: refusal.message)
            case .record(let record): try take(record, place)
            }
            outcomesOfInputs[place.index, default: 0] += 1
            try step()
            if isFull { try flush(progressState?(outcomesOfInputs)) }
        }
    }

    /// Ends a complete pull: removals, drift, the cursor; the last batch is committed also where it is empty.
    func finish(before: StreamState, complete: Bool, acceptRemovals: Bool, compact: Bool, state: (StreamPull) -> StreamState) throws {
        if complete, stream.mode == .snapshot {
            try remove(acceptRemovals: acceptRemovals)
            for key in refusedTable.unmet() {
                refusedTable.set(key, content: 0)
                refusedBlocks.add(key, content: 0)
            }
        }
        let columns = watch.columns
        let drift = Drift(before: before.columns, now: columns, complete: showsEveryColumn)
        if !drift.isEmpty {
            self.drift = drift
            emit(NewEvent(type: "source.drifted", subject: "source/\(manifest.name)", payload: drift.payload(stream: stream.name)))
        }
        if compact { rewriteBlocks() }
        try flush(state(self))
    }

    /// The columns of this pull, those of earlier ones included where a pull does not show all of them.
    func columns(before: StreamState) -> [String: UInt8] {
        var columns = watch.columns
        if columns.isEmpty { return before.columns }
        for (name, kinds) in before.columns {
            if columns[name] != nil { columns[name, default: 0] |= kinds } else if !showsEveryColumn { columns[name] = kinds }
        }
        return columns
    }

    private var showsEveryColumn: Bool { stream.mode == .snapshot || !watchesKinds }
    private var watchesKinds: Bool { if case .files(let files) = stream.input, case .csv = files.format { false } else if case .files = stream.input { true } else { false } }
}

extension StreamPull {
    private func take(_ record: Record, _ place: InputPlace) throws {
        watch.note(record)
        guard mapper.belongs(record) else { return }
        counters.read += 1
        batch.counters.read += 1
        if let fault = fault(inShapeOf: record) {
            return try refuse(record.raw, line: record.line, place, rule: "unknown_column", message: fault)
        }
        do {
            bookmark.note(record, mapper)
            if stream.mode == .append { return try tellAppended(record) }
            let key = try mapper.key(record)
            if !isUniting {
                guard table.meet(key) else {
                    throw Refused(rule: "repeated", message: "The key occurs again in this pull; the first record counts.")
                }
                // `key` has loaded it.
                try mapper.mapLoaded(into: &mapped)
                return try compare(key)
            }
            let time: Timestamp? = if stream.group != nil { try mapper.readingTime(record) } else { nil }
            if let pieces = uniter.add(RecordUniter.Piece(record: record, place: place, time: time), key: key) {
                _ = table.meet(key)
                try tell(pieces, key)
            }
        } catch let refused as Refused {
            if refused.rule == "missing_key" { unreadable += 1 }
            try refuse(record.raw, line: record.line, place, rule: refused.rule, message: refused.message)
        }
    }

    private func tellAppended(_ record: Record) throws {
        mapper.columns.load(record)
        try mapper.mapLoaded(into: &mapped)
        records += 1
        var told = false
        for fact in mapped {
            guard let event = fact.event else { continue }
            emit(event)
            told = true
        }
        count(told ? \.added : \.unchanged)
    }

    /// Tells what is new of a united record. A piece that is to blame for a refusal is refused alone, and the others go on.
    private func tell(_ pieces: [RecordUniter.Piece], _ key: FingerprintKey) throws {
        var rest = pieces
        while !rest.isEmpty {
            do {
                try mapper.map(rest.map(\.record), into: &mapped)
                try compare(key)
                return
            } catch let refused as Refused {
                let blamed = rest.count > 1 ? refused.piece.map { [$0] } ?? Array(rest.indices) : Array(rest.indices)
                for index in blamed {
                    let piece = rest[index]
                    try refuse(piece.record.raw, line: piece.record.line, piece.place, rule: refused.rule, message: refused.message)
                }
                for index in blamed.reversed() { rest.remove(at: index) }
            }
        }
    }

    private func compare(_ key: FingerprintKey) throws {
        var known = false
        news.removeAll(keepingCapacity: true)
        for fact in mapped {
            let factKey = key.fact(fact.index)
            let before = table.content(factKey)
            if before != 0 { known = true }
            if let event = fact.event {
                if before != fact.content { news.append((factKey, fact.content, event)) }
            } else if before != 0 {
                news.append((factKey, 0, try mapper.undone(fact.index)))
            }
        }
        let removal = try mapper.removal(mapped)
        records += 1
        count(news.isEmpty ? \.unchanged : known ? \.changed : news.contains { $0.event != nil } ? \.added : \.unchanged)
        for new in news {
            table.set(new.key, content: new.content)
            blocks.add(new.key, content: new.content)
            if let event = new.event { emit(event) }
        }
        guard stream.removed != nil else { return }
        let content = removal.map { mapper.content($0) } ?? 0
        guard table.content(key) != content else { return }
        table.set(key, content: content, subject: removal ?? [])
        blocks.add(key, content: content, subject: removal)
    }

    /// Tells what vanished from a full list, unless the guard holds it back.
    private func remove(acceptRemovals: Bool) throws {
        guard let removed = stream.removed else { return }
        let known = table.recordCount
        let vanished = table.vanished().sorted { $0.subject.lexicographicallyPrecedes($1.subject) }
        guard !vanished.isEmpty else { return }
        if !acceptRemovals {
            if unreadable > 0 {
                heldBackReason = "\(unreadable) row\(unreadable == 1 ? "" : "s") could not be read, and a vanished record may be among them"
            } else if let most = removed.maxRatio, Double(vanished.count) > most * Double(known) {
                heldBackReason = "\(vanished.count) of \(known) records vanished, more than the share of \(most) that the manifest allows"
            }
            if heldBackReason != nil {
                counters.heldBack += vanished.count
                batch.counters.heldBack += vanished.count
                return
            }
        }
        for (key, text) in vanished {
            let parts = String(decoding: text, as: UTF8.self).split(separator: "\t", maxSplits: 1)
            let (event, subject) = parts.count == 2 ? (String(parts[0]), String(parts[1])) : (removed.event, String(decoding: text, as: UTF8.self))
            emit(NewEvent(type: event, subject: subject, payload: Array("{}".utf8)))
            for entry in [key] + stream.facts.indices.map({ key.fact($0) }) where table.content(entry) != 0 {
                table.set(entry, content: 0)
                blocks.add(entry, content: 0)
            }
            count(\.removed)
            if isFull { try flush(nil) }
        }
    }

    private func refuse(_ raw: [UInt8], line: Int, _ place: InputPlace, rule: String, message: String) throws {
        count(\.refused)
        if stream.keepsFingerprints {
            let key = mapper.key(ofRefused: raw, rule: rule)
            _ = refusedTable.meet(key)
            guard refusedTable.content(key) == 0 else { return }
            refusedTable.set(key, content: 1)
            refusedBlocks.add(key, content: 1)
        }
        let sealed = stream.hasPersonalColumns
        let bytes = sealed ? try protection.seal(raw) : raw
        batchBytes += bytes.count
        batch.quarantined.append(
            QuarantinedRecord(stream: stream.name, input: place.name, line: line, rule: rule, message: message, raw: bytes, sealed: sealed))
    }

    /// Under `unknown_columns: "quarantine"`: what is wrong with the record's columns.
    private func fault(inShapeOf record: Record) -> String? {
        guard stream.contract.unknownColumns == .quarantine else { return nil }
        if record.shape === checkedShape { return checkedShapeFault }
        checkedShape = record.shape
        let unknown = record.shape.names.filter { !knownColumns.contains($0) }.sorted()
        checkedShapeFault = unknown.isEmpty ? nil : "The manifest does not know the column \"\(unknown.joined(separator: "\", \""))\"."
        return checkedShapeFault
    }

    private func emit(_ event: NewEvent) {
        facts += 1
        batchBytes += event.payload.count + event.subject.utf8.count + 48
        batch.events.append(event)
    }

    private func count(_ counter: WritableKeyPath<BatchCounters, Int>) {
        counters[keyPath: counter] += 1
        batch.counters[keyPath: counter] += 1
    }

    /// Between two records: cancellation, progress, and now and then a sign of life for the lease.
    private func step() throws {
        steps += 1
        try poll(counters, facts)
        if steps & 0xFFF == 0, time(nil) - lastCommit_s >= limits.seconds { try flush(nil) }
    }

    private var isFull: Bool {
        batch.events.count >= limits.facts || batchBytes >= limits.bytes || batch.quarantined.count >= limits.facts
    }

    private func rewriteBlocks() {
        blocks = FingerprintBlocks()
        table.forEach { blocks.add($0, content: $1, subject: $2) }
        refusedBlocks = FingerprintBlocks()
        refusedTable.forEach { key, content, _ in refusedBlocks.add(key, content: content) }
        batch.compacted = [stream.name, stream.name + Self.refusedSuffix]
    }

    /// Commits what there is, with a new cursor where one is given.
    private func flush(_ state: StreamState?) throws {
        var full = batch
        let empty = Batch(adapterVersion: batch.adapterVersion, input: batch.input, inputDigest: batch.inputDigest)
        let refusedBlock = refusedBlocks.isEmpty ? nil : refusedBlocks.take(stream: stream.name + Self.refusedSuffix)
        if let most = stream.contract.maxRefusedRatio, counters.read >= 20, Double(counters.refused) > most * Double(counters.read) {
            // What was refused is kept, so that somebody can see why; nothing else of this batch is.
            var refusedOnly = empty
            refusedOnly.quarantined = full.quarantined
            refusedOnly.counters.read = full.counters.read
            refusedOnly.counters.refused = full.counters.refused
            if full.compacted.isEmpty, let refusedBlock { refusedOnly.fingerprints = [refusedBlock] }
            try commit(refusedOnly)
            throw AdapterError(
                .data,
                "Stream \"\(stream.name)\": \(counters.refused) of \(counters.read) records were refused, more than the share of \(most) that the manifest allows.",
                file: batch.input, hint: "See `twinhub psql -c 'select * from hub.quarantine'`; correct the source or the manifest, and run again.")
        }
        if !blocks.isEmpty { full.fingerprints.append(blocks.take(stream: stream.name)) }
        if let refusedBlock { full.fingerprints.append(refusedBlock) }
        if let state { full.cursors[stream.name] = state.json }
        batch = empty
        batchBytes = 0
        try commit(full)
        lastCommit_s = time(nil)
    }
}
