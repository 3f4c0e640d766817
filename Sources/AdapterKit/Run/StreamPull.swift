import EventLog
import PostgresClient
import RecordFormats

/// One pull of one stream: records united, mapped, compared with what was told before, and handed over in batches.
///
/// Knows no database: batches leave through `commit`.
final class StreamPull {
    let stream: Stream
    private let manifest: Manifest
    private let mapper: FactMapper
    private let protection: Protection
    private let personal: PersonalColumns
    private let table: FingerprintTable
    private let batch: PullBatch
    private let hasKinds: Bool
    /// Nil where a record's bytes do not decide what it says.
    private let rows: RowHasher?
    private let poll: (BatchCounters, Int) throws -> Void

    private var mapped: [FactMapper.Mapped] = []
    /// What is new of the record at hand; kept for its memory.
    private var news: [(key: FingerprintKey, content: UInt64, event: NewEvent?)] = []
    private var uniter: RecordUniter
    private var watch: ColumnWatch
    private var shapes: ShapeCheck
    private let spreader: RecordSpreader?
    private var isWholeSuspect = false
    private var steps = 0

    /// Records and refusals taken of each input, by its number.
    private(set) var outcomesOfInputs: [Int: Int] = [:]
    /// United records.
    private(set) var records = 0
    /// Rows of which nobody knows which record they are.
    private(set) var unreadable = 0
    private(set) var heldBackReason: String?
    /// Whether all keys of the source were read, beside the records that are new.
    private(set) var hasSeenAllKeys = false
    private(set) var drift: Drift?
    /// Records that could vanish, before this pull told anything.
    private let knownBefore: Int
    private(set) var bookmark: Bookmark

    /// Totals of the pull.
    var counters: BatchCounters { batch.counters }
    var facts: Int { batch.facts }

    /// - Parameters:
    ///   - table: what was told before; filled on.
    ///   - refusedTable: which rows were refused before; filled on.
    ///   - commit: takes a batch; what it throws ends the pull.
    ///   - poll: called between records; what it throws ends the pull.
    ///   - rows: hashes delivered rows, so that what was told already is not mapped again; nil maps everything.
    init(
        _ stream: Stream, of manifest: Manifest, input: any RecordInput, protection: Protection, table: FingerprintTable,
        refusedTable: FingerprintTable, rows: RowHasher? = nil, limits: PullBatch.Limits = PullBatch.Limits(), commit: @escaping (Batch) throws -> Void,
        poll: @escaping (BatchCounters, Int) throws -> Void = { _, _ in }
    ) throws(AdapterError) {
        self.stream = stream
        self.manifest = manifest
        self.protection = protection
        self.table = table
        knownBefore = table.recordCount
        self.rows = rows
        self.poll = poll
        hasKinds = input.hasKinds
        personal = PersonalColumns(stream)
        mapper = try FactMapper(stream, protection: protection, personal: personal)
        batch = PullBatch(
            stream, of: manifest, input: input, table: table, refusedTable: refusedTable, people: stream.speaksOfPeople ? protection.people : nil,
            limits: limits, commit: commit)
        uniter = RecordUniter(stream.group != nil ? .collect : stream.repeated)
        watch = ColumnWatch(watchesKinds: input.hasKinds, used: stream.scope.names)
        shapes = ShapeCheck(stream)
        spreader = stream.spread.map { RecordSpreader($0) }
        bookmark = Bookmark(stream.cursor)
    }

    /// Throws before anything is told where a column that the mapping reads is gone.
    func requireColumns(_ input: any RecordInput, before: StreamState) throws {
        guard showsEveryColumn, input.hasOwnColumns else { return }
        var columns = ColumnGuard(stream, before: before.columns)
        try columns.check(input, of: stream)
    }

    /// Reads everything. `progressState` gives the cursor that is committed with an unfinished batch, from the outcomes read of each input.
    func read(_ input: any RecordInput, progressState: (([Int: Int]) -> StreamState)?) throws {
        if stream.isUniting {
            try input.forEach { outcome, _ in
                if case .record(let record) = outcome, shapes.fault(of: record) == nil {
                    for part in spreader?.records(of: record) ?? [record] where mapper.belongs(part) {
                        if let key = try? mapper.key(part) { uniter.count(key) }
                    }
                }
                try step()
            }
        }
        try input.forEach(unless: knowledge) { outcome, place in
            try take(outcome, place)
            if batch.isFull { try batch.flush(progressState?(outcomesOfInputs)) }
        }
    }

    /// Takes the next record or refusal of the pull; nil is a record that is known.
    func take(_ outcome: ReadOutcome?, _ place: InputPlace) throws {
        switch outcome {
        case nil: takeKnown()
        case .refused(let refusal):
            batch.count { $0.read += 1 }
            unreadable += 1
            // Where nobody knows which columns the piece holds, it may hold personal ones.
            let isSuspect = refusal.shape.map(personal.isSuspect) ?? true
            try refuse(refusal.raw, line: refusal.line, place, Refused(rule: refusal.rule, message: refusal.message), isSuspect: isSuspect)
        case .record(let record): try take(record, place)
        }
        outcomesOfInputs[place.index, default: 0] += 1
        try step()
    }

    /// Whether what was taken should be committed.
    var isFull: Bool { batch.isFull }

    /// Hands over what was taken, with a new cursor where one is given.
    func flush(_ state: StreamState?) throws { try batch.flush(state) }

    /// Something of the input could not be read that may have been a record of this stream.
    func noteUnreadable() { unreadable += 1 }

    /// Reads all keys that a table has now: records whose keys are gone have vanished, as in a full list.
    func scanKeys(of table: TableInput) throws {
        let slots = stream.keySlots + (stream.condition?.slots.sorted() ?? [])
        var names: [String] = []
        for slot in slots where !names.contains(stream.scope.names[slot]) { names.append(stream.scope.names[slot]) }
        try table.forEach(names) { outcome in
            guard case .record(let record) = outcome, mapper.belongs(record) else { return }
            do throws(Refused) { _ = self.table.meet(try mapper.key(record)) } catch { unreadable += 1 }
            try step()
        }
        hasSeenAllKeys = true
    }

    /// Tells rows that need not even be decoded: nobody asks for their keys or cursors.
    private var knowledge: ((RecordShape, UnsafeRawBufferPointer) -> Bool)? {
        guard let rows, !stream.isUniting, stream.cursor == nil else { return nil }
        return { [table] shape, raw in
            guard table.meet(row: rows.hash(shape, raw)) else { return false }
            self.watch.note(shape)
            return true
        }
    }

    /// A record that is what it was at the last pull.
    private func takeKnown() {
        records += 1
        batch.count {
            $0.read += 1
            $0.unchanged += 1
        }
    }

    /// Ends a complete pull: removals, drift, the cursor; the last batch is committed also where it is empty.
    func finish(before: StreamState, complete: Bool, acceptRemovals: Bool, compact: Bool, state: (StreamPull) -> StreamState) throws {
        if complete, stream.mode == .snapshot || hasSeenAllKeys {
            try remove(acceptRemovals: acceptRemovals)
            if stream.mode == .snapshot { batch.forgetRefusedRows() }
        }
        let drift = Drift(before: before.columns, now: watch.columns, complete: showsEveryColumn)
        if !drift.isEmpty {
            self.drift = drift
            batch.emit(NewEvent(type: "source.drifted", subject: "source/\(manifest.name)", payload: drift.payload(stream: stream.name)))
        }
        if compact { batch.rewriteBlocks() }
        try batch.flush(state(self))
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

    /// A row of a table has all columns; an object may leave members out, but not a full list of objects.
    private var showsEveryColumn: Bool { stream.mode == .snapshot || !hasKinds }

    /// Between two records: cancellation, progress, and now and then a sign of life for the lease.
    private func step() throws {
        steps += 1
        try poll(batch.counters, batch.facts)
        if steps & 0xFFF == 0, batch.isOverdue { try batch.flush(nil) }
    }
}

extension StreamPull {
    private func take(_ record: Record, _ place: InputPlace) throws {
        watch.note(record)
        guard let spreader else { return try takeOne(record, place) }
        if let fault = shapes.fault(of: record) {
            batch.count { $0.read += 1 }
            return try refuse(record, place, Refused(rule: "unknown_column", message: fault))
        }
        if case .columns? = stream.spread?.form, let suspect = spreader.spreadColumns(of: record.shape).lazy.compactMap(personal.suspect).first {
            throw manifest.undeclared(suspect.sentence, in: stream)
        }
        // A refused part leaves its whole record in quarantine: what its other parts hold counts too.
        isWholeSuspect = stream.isUniting || personal.isSuspect(record)
        for part in spreader.records(of: record) {
            watch.notePaths(part)
            try takeOne(part, place)
        }
    }

    private func takeOne(_ record: Record, _ place: InputPlace) throws {
        let row = stream.isUniting ? nil : record.raw.withUnsafeBytes { rows?.hash(record.shape, $0) }
        if let row, table.meet(row: row) {
            bookmark.note(record, mapper)
            return takeKnown()
        }
        guard mapper.belongs(record) else { return }
        batch.count { $0.read += 1 }
        if spreader == nil, let fault = shapes.fault(of: record) {
            return try refuse(record, place, Refused(rule: "unknown_column", message: fault))
        }
        do {
            bookmark.note(record, mapper)
            if stream.mode == .append { return try tellAppended(record) }
            let key = try mapper.key(record)
            if !stream.isUniting {
                guard table.meet(key) || stream.repeated == .update else {
                    throw Refused(rule: "repeated", message: "The key occurs again in this pull; the first record counts.")
                }
                // `key` has loaded it.
                try mapper.mapLoaded(into: &mapped)
                try compare(key)
                return batch.note(key, row: row)
            }
            let time: Timestamp? = if stream.group != nil { try mapper.readingTime(record) } else { nil }
            if let pieces = uniter.add(RecordUniter.Piece(record: record, place: place, time: time), key: key) {
                _ = table.meet(key)
                try tell(pieces, key)
            }
        } catch let refused as Refused {
            if refused.rule == "missing_key" { unreadable += 1 }
            try refuse(record, place, refused)
        }
    }

    private func tellAppended(_ record: Record) throws {
        mapper.columns.load(record)
        try mapper.mapLoaded(into: &mapped)
        records += 1
        var told = false
        for fact in mapped {
            guard let event = fact.event else { continue }
            batch.emit(event)
            told = true
        }
        batch.count { if told { $0.added += 1 } else { $0.unchanged += 1 } }
    }

    /// Tells what is new of a united record. A piece that is to blame for a refusal is refused alone, and the others go on.
    private func tell(_ pieces: [RecordUniter.Piece], _ key: FingerprintKey) throws {
        let row = rows?.hash(pieces)
        if let row, table.row(of: key) == row {
            records += 1
            return batch.count { $0.unchanged += 1 }
        }
        var rest = pieces
        while !rest.isEmpty {
            do {
                try mapper.map(rest.map(\.record), into: &mapped)
                try compare(key)
                // A refused piece is to be refused again the next time.
                return batch.note(key, row: rest.count == pieces.count ? row : nil)
            } catch let refused as Refused {
                let blamed = rest.count > 1 ? refused.piece.map { [$0] } ?? Array(rest.indices) : Array(rest.indices)
                for index in blamed {
                    let piece = rest[index]
                    try refuse(piece.record, piece.place, refused)
                }
                for index in blamed.reversed() { rest.remove(at: index) }
            }
        }
    }

    /// Compares the mapped facts with what was told before; tells and notes what is new. Whatever may be refused comes first.
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
        let isNews = !news.isEmpty && (known || news.contains { $0.event != nil })
        batch.count { if !isNews { $0.unchanged += 1 } else if known { $0.changed += 1 } else { $0.added += 1 } }
        for new in news {
            batch.note(new.key, content: new.content)
            if let event = new.event { batch.emit(event) }
        }
        guard stream.removed != nil else { return }
        let content = removal.map { mapper.content($0) } ?? 0
        if table.content(key) != content { batch.note(key, content: content, removal: removal) }
    }

    private func refuse(_ record: Record, _ place: InputPlace, _ refused: Refused) throws {
        if refused.rule == PersonalColumns.rule { throw manifest.undeclared(refused.message, in: stream) }
        mapper.columns.load(record)
        let person = mapper.person
        if refused.rule == Refused.erasedRule || person.map({ protection.isErased(subject: $0) }) == true {
            return try leaveOut(record)
        }
        try refuse(record.raw, line: record.line, place, refused, isSuspect: spreader == nil ? personal.isSuspect(record) : isWholeSuspect, person: person)
    }

    /// A record about an erased person: counted and noted as refused, without a trace of what it says. What was told of it is forgotten,
    /// so that it is news should the person be let in again.
    private func leaveOut(_ record: Record) throws {
        let refused = Refused.erased(piece: nil)
        batch.countRefused(refused)
        if let key = try? mapper.key(record) {
            for entry in [key] + stream.facts.indices.map({ key.fact($0) }) where table.content(entry) != 0 { batch.note(entry, content: 0) }
            batch.note(key, row: nil)
        }
        guard !batch.wasRefused(mapper.key(ofRefused: record.raw, rule: refused.rule)) else { return }
        batch.quarantine(
            QuarantinedRecord(stream: stream.name, input: "", line: nil, rule: refused.rule, message: refused.message, raw: [], sealed: true))
    }

    /// - Parameters:
    ///   - isSuspect: whether the row may hold a personal column that nobody declared.
    ///   - person: whose it is, where that is known.
    private func refuse(_ raw: [UInt8], line: Int, _ place: InputPlace, _ refused: Refused, isSuspect: Bool, person: String? = nil) throws {
        batch.countRefused(refused)
        if batch.wasRefused(mapper.key(ofRefused: raw, rule: refused.rule)) { return }
        let sealed = isSuspect || stream.hasPersonalColumns
        batch.quarantine(
            QuarantinedRecord(
                stream: stream.name, input: place.name, line: line, rule: refused.rule, message: refused.message,
                raw: sealed ? try protection.seal(raw) : raw, sealed: sealed, subject: person))
    }
}

extension StreamPull {
    /// Tells what vanished from a full list, unless the guard holds it back.
    private func remove(acceptRemovals: Bool) throws {
        guard let removed = stream.removed else { return }
        let vanished = table.vanished().sorted { $0.subject.lexicographicallyPrecedes($1.subject) }
        guard !vanished.isEmpty else { return }
        if !acceptRemovals, let reason = reasonToHoldBack(vanished.count, removed) {
            heldBackReason = reason
            return batch.count { $0.heldBack += vanished.count }
        }
        for (key, text) in vanished {
            let parts = String(decoding: text, as: UTF8.self).split(separator: "\t", maxSplits: 1).map(String.init)
            let (event, subject) = parts.count == 2 ? (parts[0], parts[1]) : (removed.event, parts.first ?? "")
            if !protection.isErased(subject: subject) { batch.emit(NewEvent(type: event, subject: subject, payload: Array("{}".utf8))) }
            for entry in [key] + stream.facts.indices.map({ key.fact($0) }) where table.content(entry) != 0 { batch.note(entry, content: 0) }
            batch.note(key, row: nil)
            batch.count { $0.removed += 1 }
            if batch.isFull { try batch.flush(nil) }
        }
    }

    private func reasonToHoldBack(_ vanished: Int, _ removed: Stream.Removed) -> String? {
        if unreadable > 0 {
            return "\(unreadable) row\(unreadable == 1 ? "" : "s") could not be read, and a vanished record may be among them"
        }
        let most = removed.maxRatio ?? Stream.Removed.defaultMaxRatio
        guard Double(vanished) > most * Double(knownBefore), removed.maxRatio != nil || vanished > Stream.Removed.alwaysAllowed else { return nil }
        let allowed = removed.maxRatio == nil ? "is allowed where the manifest sets no max_ratio" : "the manifest allows"
        return "\(vanished) of \(knownBefore) known records vanished, more than the share of \(most) that \(allowed)"
    }
}
