import EventLog
import PostgresClient
import RecordFormats

/// One pull of one stream: records united, mapped, compared with what was told before, and handed over in batches.
///
/// Knows no database: batches leave through `commit`.
final class StreamPull {
    let stream: Stream
    let manifest: Manifest
    let mapper: FactMapper
    let protection: Protection
    let personal: PersonalColumns
    let table: FingerprintTable
    let batch: PullBatch
    private let hasKinds: Bool
    /// Nil where a record's bytes do not decide what it says.
    let rows: RowHasher?
    private var shapesOfRows = RowShapes()
    /// Hash of the row at hand, where it was asked for and is not known.
    private var asked: RowHash?
    private let poll: (BatchCounters, Int) throws -> Void
    /// Where quarantined rows go through the pull again.
    let replay: ReplayJournal?
    let hasFixedColumns: Bool

    var mapped: [FactMapper.Mapped] = []
    /// What is new of the record at hand: which of the mapped facts, or what undoes one. Kept for its memory.
    var news: [(key: FingerprintKey, content: UInt64, mapped: Int?, undone: NewEvent?)] = []
    private var uniter: RecordUniter
    private var watch: ColumnWatch
    private var shapes: ShapeCheck
    let spreader: RecordSpreader?
    /// Hears of each record, with the rows that form it, after its facts were told.
    var witness: (([RecordUniter.Piece]) -> Void)?
    var isWholeSuspect = false
    private var steps = 0

    /// Records and refusals taken of each input, by its number.
    private(set) var outcomesOfInputs: [Int: Int] = [:]
    /// United records.
    var records = 0
    /// Rows of which nobody knows which record they are.
    var unreadable = 0
    var heldBackReason: String?
    /// Whether all keys of the source were read, beside the records that are new.
    private(set) var hasSeenAllKeys = false
    private(set) var drift: Drift?
    /// What somebody should look at, as part of a sentence; nil where nothing is.
    private(set) var warning: String?
    /// New columns that the contract keeps out.
    private(set) var frozen: Set<String> = []
    /// Whether known records stay as they were told: a column that they were told from is gone.
    private(set) var keepsKnown = false
    /// Records that could vanish, before this pull told anything.
    let knownBefore: Int
    private(set) var bookmark: Bookmark

    /// Totals of the pull.
    var counters: BatchCounters { batch.counters }
    var facts: Int { batch.facts }

    /// - Parameters:
    ///   - table: what was told before; filled on.
    ///   - refusedTable: which rows were refused before; filled on.
    ///   - commit: takes a batch; what it throws ends the pull.
    ///   - poll: called between records; what it throws ends the pull.
    ///   - replay: the rows come from quarantine, and it hears what becomes of them.
    ///   - rows: hashes delivered rows, so that what was told already is not mapped again; nil maps everything.
    init(
        _ stream: Stream, of manifest: Manifest, input: any RecordInput, protection: Protection, table: FingerprintTable,
        refusedTable: FingerprintTable, rows: RowHasher? = nil, replay: ReplayJournal? = nil, limits: PullBatch.Limits = PullBatch.Limits(),
        commit: @escaping (Batch) throws -> Void,
        poll: @escaping (BatchCounters, Int) throws -> Void = { _, _ in }
    ) throws(AdapterError) {
        self.stream = stream
        self.manifest = manifest
        self.protection = protection
        self.table = table
        knownBefore = table.recordCount
        self.rows = rows
        self.poll = poll
        self.replay = replay
        hasFixedColumns = input.hasFixedColumns
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
        learn(before)
        guard showsEveryColumn, input.hasOwnColumns, stream.contract.missingColumns == .fail || stream.contract.missingColumns == .freeze else { return }
        var columns = ColumnGuard(stream, before: before.columns)
        let missing = try columns.missing(in: input)
        guard !missing.isEmpty else { return }
        if stream.contract.missingColumns == .fail { throw ColumnGuard.failure(missing, input, of: stream) }
        keepsKnown = true
    }

    /// Which columns came before.
    func learn(_ before: StreamState) {
        shapes.learn(before.columns)
        frozen = before.frozen
        if stream.contract.unknownColumns == .freeze, !before.columns.isEmpty { spreader?.known = Set(before.columns.keys).subtracting(before.frozen) }
    }

    /// Reads everything. `progressState` gives the cursor that is committed with an unfinished batch, from the outcomes read of each input.
    /// - Parameter ahead: reads the same input on a thread of its own.
    func read(_ input: any RecordInput, ahead: RecordsAhead? = nil, progressState: (([Int: Int]) -> StreamState)?) throws {
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
        func flushWhereFull() throws { if batch.isFull { try batch.flush(progressState?(outcomesOfInputs)) } }
        guard let ahead else {
            return try input.forEach { outcome, place in
                try take(outcome, place)
                try flushWhereFull()
            }
        }
        // Rows that this pull itself notes are met only once.
        let knowsRows = table.rowCount > 0
        ahead.setDecoding(!knowsRows)
        try ahead.forEach { piece in
            var known = 0, unknown = 0
            for step in piece.steps {
                if knowsRows, isKnown(step, of: piece) {
                    known += 1
                    continue
                }
                try takeKnown(known, piece.place)
                known = 0
                unknown += 1
                try take(step, of: piece, input)
                try flushWhereFull()
            }
            try takeKnown(known, piece.place)
            // To decode a row by itself takes ten times as long as among others.
            ahead.setDecoding(unknown * 10 > piece.steps.count)
        }
    }

    /// Whether a row that was read ahead is what a record was told from; notes its columns where it is.
    private func isKnown(_ step: RecordPiece.Step, of piece: RecordPiece) -> Bool {
        switch step {
        case .row(let hash, let bytes, let shape, _):
            guard table.meet(row: hash) else { return false }
            if let shape { watch.note(piece.shapes[shape]) } else if let shape = shapesOfRows.shape(of: bytes, in: piece.bytes) { watch.note(shape) }
            return true
        case .outcome(let number, let hash?):
            guard case .record(let record) = piece.outcomes[number], table.meet(row: hash) else { return false }
            watch.note(record.shape)
            return true
        case .outcome: return false
        }
    }

    /// Takes what was read ahead and is not known.
    private func take(_ step: RecordPiece.Step, of piece: RecordPiece, _ input: any RecordInput) throws {
        switch step {
        case .row(let hash, let bytes, let shape, let line):
            // What names its own columns has one of a few shapes.
            let shape = shape.map { piece.shapes[$0] } ?? shapesOfRows.shape(of: bytes, in: piece.bytes)
            asked = hash
            try take(input.decode(Array(piece.bytes[bytes]), shape, line: line), piece.place)
        case .outcome(let number, let hash):
            asked = hash
            try take(piece.outcomes[number], piece.place)
        }
    }

    private func countKnown(_ number: Int) {
        records += number
        batch.count {
            $0.read += number
            $0.unchanged += number
        }
    }

    /// Records that are what they were at the last pull.
    private func takeKnown(_ number: Int, _ place: InputPlace) throws {
        guard number > 0 else { return }
        countKnown(number)
        outcomesOfInputs[place.index, default: 0] += number
        try step(number)
    }

    /// Takes the next record or refusal of the pull.
    func take(_ outcome: ReadOutcome, _ place: InputPlace) throws {
        replay?.current = place.index
        defer { asked = nil }
        switch outcome {
        case .refused(let refusal):
            batch.count { $0.read += 1 }
            unreadable += 1
            // Where nobody knows which columns the piece holds, it may hold personal ones.
            let isSuspect = refusal.shape.map(personal.isSuspect) ?? true
            try refuse(
                refusal.raw, line: refusal.line, place, Refused(rule: refusal.rule, message: refusal.message), shape: refusal.shape, isSuspect: isSuspect)
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

    /// Ends a complete pull: removals, drift, the cursor; the last batch is committed also where it is empty.
    func finish(before: StreamState, complete: Bool, acceptRemovals: Bool, compact: Bool, state: (StreamPull) -> StreamState) throws {
        if complete, stream.mode == .snapshot || hasSeenAllKeys {
            try remove(acceptRemovals: acceptRemovals, before: before)
            if stream.mode == .snapshot {
                if !acceptRemovals { warning = shrinkage(before) }
                batch.forgetRefusedRows()
            }
        }
        let drift = Drift(before: before.columns, now: watch.columns(before: before.columns), complete: showsEveryColumn)
        if !drift.isEmpty {
            self.drift = drift
            if stream.contract.unknownColumns == .freeze { frozen.formUnion(drift.appeared) }
            batch.emit(NewEvent(type: "source.drifted", subject: "source/\(manifest.name)", payload: drift.payload(stream: stream.name)))
        }
        if compact { batch.rewriteBlocks() }
        try batch.flush(state(self))
    }

    /// See `PullBatch.remember`.
    func remember(refused key: FingerprintKey?, inPlaceOf old: FingerprintKey) { batch.remember(refused: key, inPlaceOf: old) }

    /// The columns of this pull, those of earlier ones included where a pull does not show all of them.
    func columns(before: StreamState) -> [String: UInt8] {
        var columns = watch.columns(before: before.columns)
        if columns.isEmpty { return before.columns }
        for (name, kinds) in before.columns {
            if columns[name] != nil { columns[name, default: 0] |= kinds } else if !showsEveryColumn { columns[name] = kinds }
        }
        return columns
    }

    /// A row of a table has all columns; an object may leave members out, but not a full list of objects.
    private var showsEveryColumn: Bool { stream.mode == .snapshot || !hasKinds }

    /// Between two records: cancellation, progress, and now and then a sign of life for the lease.
    private func step(_ number: Int = 1) throws {
        let before = steps
        steps += number
        try poll(batch.counters, batch.facts)
        if steps >> 12 != before >> 12, batch.isOverdue { try batch.flush(nil) }
    }
}

extension StreamPull {
    private func take(_ record: Record, _ place: InputPlace) throws {
        watch.note(record)
        guard let spreader else { return try takeOne(record, place) }
        if let fault = shapes.fault(of: record) {
            batch.count { $0.read += 1 }
            spreader.records(of: record).forEach(meetRefused)
            return try refuse(record, place, fault)
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
        let row = asked ?? (stream.isUniting ? nil : record.raw.withUnsafeBytes { rows?.hash(record.shape, $0) })
        // Whoever was asked about it did not know it.
        if asked == nil, let row, table.meet(row: row) {
            bookmark.note(record, mapper)
            return countKnown(1)
        }
        guard mapper.belongs(record) else { return }
        batch.count { $0.read += 1 }
        if spreader == nil, let fault = shapes.fault(of: record) {
            meetRefused(record)
            return try refuse(record, place, fault)
        }
        do {
            bookmark.note(record, mapper)
            if stream.mode == .append { return try tellAppended(record, place) }
            let key = try mapper.key(record)
            if !stream.isUniting {
                guard table.meet(key) || stream.repeated == .update || (replay != nil && stream.mode == .incremental) else {
                    throw Refused(rule: "repeated", message: "The key occurs again in this pull; the first record counts.")
                }
                // `key` has loaded it.
                try mapper.mapLoaded(into: &mapped)
                try compare(key)
                batch.note(key, row: row)
                witness?([RecordUniter.Piece(record: record, place: place)])
                return
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
}
