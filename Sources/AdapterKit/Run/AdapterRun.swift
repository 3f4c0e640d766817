import EventLog
import Foundation
import PostgresClient
import RecordFormats

/// How far a run is; handed to the progress callback.
package struct RunProgress: Sendable {
    package let stream: String
    /// File, files or table.
    package let input: String
    /// Rows read of this stream so far.
    package let rowsRead: Int
    /// Facts found in this stream so far.
    package let facts: Int
    package let refused: Int
}

/// What a run did.
package struct RunReport: Sendable {
    /// What was done for one stream.
    package struct StreamReport: Sendable {
        package let stream: String
        package let input: String
        package let counters: BatchCounters
        /// Facts appended.
        package let facts: Int
        package let batches: Int
        /// Why removals were held back, as part of a sentence; nil where none were.
        package let heldBackReason: String?
        /// How the columns changed; nil where they did not.
        package let drift: String?
        /// Whether the input was the same as at the last pull and was not mapped again.
        package let sameInput: Bool
        /// What was unusual about the input, a clause each.
        package var warnings: [String] = []
    }

    package let adapter: String
    package let streams: [StreamReport]
    package let seconds: Double

    /// Counters of all streams together.
    package var counters: BatchCounters { streams.reduce(into: BatchCounters()) { $0 += $1.counters } }
    package var facts: Int { streams.reduce(0) { $0 + $1.facts } }
}

/// The run was told to stop. What was committed stays; the next run goes on from there.
package struct RunCancelled: Error, Sendable {}

/// How a run behaves.
package struct RunOptions: Sendable {
    /// Lets held-back removals pass.
    package var acceptRemovals = false
    package var environment = ProcessInfo.processInfo.environment
    /// Asked between records.
    package var isCancelled: @Sendable () -> Bool = { false }
    /// Called about every thousand records, and at every batch.
    package var progress: @Sendable (RunProgress) -> Void = { _ in }
    /// Gets what a source's program says beside its records, a line each, without secrets.
    package var log: @Sendable (String) -> Void = { _ in }
    /// The descriptor that a stdin input reads.
    package var standardInput = FileHandle.standardInput.fileDescriptor
    /// Time and chance between the requests of an http input.
    package var httpClock = HTTPClock.system
    /// Facts after which a batch is committed.
    package var batchFacts = 20_000
    /// For how long the lease holds without a batch.
    package var leaseSeconds = 300
    /// Asked before each batch, outside of any transaction; may wait for what a batch needs. False cancels the run.
    package var mayCommit: @Sendable () -> Bool = { true }
    /// Called after each committed batch; tests stop a run here.
    package var committed: @Sendable (CommittedBatch) throws -> Void = { _ in }

    /// The defaults.
    package init() {}

    /// What an input may use of the run.
    var inputContext: InputContext {
        var context = InputContext(environment: environment, isCancelled: isCancelled, log: log)
        context.standardInput = standardInput
        context.httpClock = httpClock
        context.acceptsRemovals = acceptRemovals
        return context
    }
}

/// Pulls an adapter's source into the log.
package struct AdapterRun {
    private let session: SourceSession
    let options: RunOptions
    private let ownMapping: String
    /// Who was erased decides what is told, too: after an erasure, and after a readmission, every record is looked at again.
    var mapping: String { ownMapping + session.people.erasedMark }
    var manifest: Manifest { session.manifest }
    var writer: BatchWriter { session.writer }
    var protection: Protection { session.protection }

    /// - Parameters:
    ///   - connection: under the source's own role; used by this run alone.
    ///   - keys: of the hub.
    package init(_ manifest: Manifest, connection: Connection, keys: Keys, options: RunOptions = RunOptions()) throws {
        self.options = options
        session = try SourceSession(manifest, connection: connection, keys: keys)
        ownMapping = try Self.mappingDigest(manifest)
    }

    /// Runs all streams under one lease. A stream that fails ends the run; what was committed stays, and `hub.run` says what happened.
    ///
    /// Throws `AdapterError`, `LogError` (`leaseHeld` where another process writes for this source), `PostgresError` or `RunCancelled`.
    package func run() throws -> RunReport {
        let start = ContinuousClock.now
        let run = try Runs.begin(adapterVersion: manifest.version, on: session.connection)
        let tally = RunTally()
        do {
            let reports = try session.leased(seconds: options.leaseSeconds) { try pullAll(tally) }
            try Runs.finish(run, tally.end(after: nil), on: session.connection)
            let duration = start.duration(to: .now).components
            return RunReport(
                adapter: manifest.name, streams: reports, seconds: Double(duration.seconds) + Double(duration.attoseconds) / 1e18)
        } catch {
            // Where the connection is gone the run stays without an end, and its session is gone too: it counts as lost.
            try? Runs.finish(run, tally.end(after: error), on: session.connection)
            throw error
        }
    }

    private func pullAll(_ tally: RunTally) throws -> [RunReport.StreamReport] {
        tally.token = writer.lease?.token
        let reading = ReadingStop()
        var context = options.inputContext
        context.isCancelled = { [isCancelled = options.isCancelled] in isCancelled() || reading.isSet }
        let inputs = RunInputs(manifest, context)
        var reports: [RunReport.StreamReport] = []
        for stream in manifest.streams where !reports.contains(where: { $0.stream == stream.name }) {
            if options.isCancelled() { throw RunCancelled() }
            let new = if case .singer(let tap) = stream.input {
                try TapRun(run: self, tap: tap, tally: tally).report()
            } else {
                [try self.run(stream, inputs, reading, tally)]
            }
            for report in new {
                if let drift = report.drift { tally.drifts.append("\(report.stream): \(drift)") }
                tally.warnings += report.warnings.map { "\(report.stream): \($0)" }
            }
            reports += new
        }
        return reports
    }

    private func run(_ stream: Stream, _ inputs: RunInputs, _ reading: ReadingStop, _ tally: RunTally) throws -> RunReport.StreamReport {
        var state = try StreamMemory.state(stream, writer)
        // Whoever must map everything again needs all of it.
        if state.mapping != mapping || options.acceptRemovals { state.http = nil }
        let (input, ledger) = try inputs.open(stream, after: state)
        let ahead = try RecordsAhead(stream, input, mapping: mapping, protection: protection, decodes: state.records == 0) { reading.isSet = true }
        let hashing = (input as? FileInput)?.hashing
        defer {
            hashing?.stop()
            ahead.stop()
            reading.isSet = false
        }
        // A file is read while its digest and what was told before are looked for; others are read once, or by one at a time.
        try hashing?.start()
        if input is FileInput, !stream.isUniting { try ahead.start() }
        guard let memory = try loadMemory(stream, input, state) else { return try unchanged(stream, input, state, tally) }
        return try pull(stream, input, ahead, memory, ledger, tally)
    }

    /// What was told before; nil where the input is that of the last complete pull, under the same manifest: it says nothing new.
    private func loadMemory(_ stream: Stream, _ input: any RecordInput, _ state: StreamState) throws -> StreamMemory? {
        struct SameInput: Error {}
        let mayBeSame = stream.mode != .append && !options.acceptRemovals && state.input != nil && state.mapping == mapping
        func requireNews() throws {
            if mayBeSame, input.digest?.hexadecimal == state.input { throw SameInput() }
        }
        do {
            // The digest of large files comes while what was told is loaded.
            if input.isDigestNear { try requireNews() }
            let memory = try StreamMemory(stream, writer, state: state) { if input.isDigestKnown { try requireNews() } }
            try requireNews()
            return memory
        } catch is SameInput {
            return nil
        }
    }

    private func unchanged(_ stream: Stream, _ input: any RecordInput, _ state: StreamState, _ tally: RunTally) throws -> RunReport.StreamReport {
        var batch = Batch(adapterVersion: manifest.version, input: input.title, inputDigest: input.digest)
        batch.counters.read = state.read
        batch.counters.refused = state.refused
        batch.counters.unchanged = state.records
        batch.counters.heldBack = state.heldBack
        try commit(batch, tally)
        return RunReport.StreamReport(
            stream: stream.name, input: input.title, counters: batch.counters, facts: 0, batches: 1,
            heldBackReason: state.heldBack > 0 ? "the input is the same as at the last pull" : nil, drift: nil, sameInput: true,
            warnings: state.warning.map { [$0] } ?? [])
    }

    private func pull(
        _ stream: Stream, _ input: any RecordInput, _ ahead: RecordsAhead, _ memory: StreamMemory, _ ledger: FileLedger?, _ tally: RunTally
    ) throws -> RunReport.StreamReport {
        let state = memory.state
        let queue = BatchQueue()
        var thousands = 0, calls = 0
        let pull = try StreamPull(
            stream, of: manifest, input: input, protection: protection, table: memory.table, refusedTable: memory.refused,
            rows: try RowHasher(stream, input: input, mapping: mapping, protection: protection),
            limits: PullBatch.Limits(facts: options.batchFacts, seconds: max(1, options.leaseSeconds / 3)),
            commit: { try queue.put($0) },
            poll: { counters, facts in
                if options.isCancelled() { throw RunCancelled() }
                calls &+= 1
                guard counters.read >> 10 != thousands || calls & 0x3FF == 0 else { return }
                thousands = counters.read >> 10
                if queue.isStopped { throw BatchQueue.Stopped() }
                report(stream, input, counters, facts)
            })
        var facts = 0
        var batches = 0
        // Another thread maps the next batch while this one, which owns the connection, commits the one before.
        try queue.run {
            try pull.requireColumns(input, before: state)
            try pull.read(input, ahead: ahead, progressState: progress(of: pull, input, before: state, ledger))
            if let table = input as? TableInput, isDue(stream.removed?.keyScan_s, after: state) { try pull.scanKeys(of: table) }
            try pull.finish(before: state, complete: true, acceptRemovals: options.acceptRemovals, compact: memory.isScattered) { pull in
                newState(pull, input, before: state, ledger)
            }
        } consume: { batch in
            batches += 1
            facts += try commit(batch, tally).events
        }
        report(stream, input, pull.counters, pull.facts)
        return RunReport.StreamReport(
            stream: stream.name, input: input.title, counters: pull.counters, facts: facts, batches: batches,
            heldBackReason: pull.heldBackReason, drift: pull.drift?.sentence, sameInput: false,
            warnings: (ledger?.warnings ?? []) + [pull.warning].compactMap { $0 })
    }

    @discardableResult
    func commit(_ batch: Batch, _ tally: RunTally) throws -> CommittedBatch {
        guard options.mayCommit() else { throw RunCancelled() }
        let committed = try writer.commit(batch)
        tally.counters += batch.counters
        tally.facts += committed.events
        try options.committed(committed)
        return committed
    }

    /// What is committed with an unfinished pull: the files' parts that were read, or, where rows come in the cursor's order and each is a
    /// record of its own, the cursor.
    private func progress(
        of pull: StreamPull, _ input: any RecordInput, before: StreamState, _ ledger: FileLedger?
    ) -> (([Int: Int]) -> StreamState)? {
        if let ledger { return { ledger.state(after: $0, complete: false, from: before) } }
        guard input is TableInput, pull.stream.cursor != nil, !pull.stream.isUniting else { return nil }
        return { _ in
            var state = before
            pull.bookmark.note(in: &state, before: before)
            return state
        }
    }

    private func isDue(_ interval_s: Int?, after state: StreamState) -> Bool {
        guard let interval_s else { return false }
        return options.acceptRemovals || state.keysScanned_s.map { Self.now_s - $0 >= interval_s } ?? true
    }

    private static var now_s: Int { Int(Date().timeIntervalSince1970) }

    /// What a stream keeps after a complete pull.
    func newState(_ pull: StreamPull, _ input: (any RecordInput)?, before: StreamState, _ ledger: FileLedger?) -> StreamState {
        var state = ledger?.state(after: pull.outcomesOfInputs, complete: true, from: before) ?? before
        state.columns = pull.columns(before: before)
        pull.bookmark.note(in: &state, before: before)
        if pull.hasSeenAllKeys { state.keysScanned_s = Self.now_s }
        state.mapping = mapping
        state.http = input?.httpMark
        state.input = pull.stream.mode == .append ? nil : input?.digest?.hexadecimal
        state.read = pull.counters.read
        state.refused = pull.counters.refused
        state.records = pull.records
        state.heldBack = pull.counters.heldBack
        state.frozen = pull.frozen
        state.warning = pull.warning
        if pull.warning == nil { state.usual = pull.records }
        return state
    }

    private func report(_ stream: Stream, _ input: any RecordInput, _ counters: BatchCounters, _ facts: Int) {
        options.progress(
            RunProgress(stream: stream.name, input: input.title, rowsRead: counters.read, facts: facts, refused: counters.refused))
    }

    /// What decides how records are mapped: the manifest, and the contracts of this binary.
    private static func mappingDigest(_ manifest: Manifest) throws(AdapterError) -> String {
        guard let text = FileManager.default.contents(atPath: manifest.file) else {
            throw AdapterError(.configuration, "The manifest cannot be read.", file: manifest.file)
        }
        let hasher = try ContentHasher()
        hasher.begin()
        hasher.add(Array(text))
        hasher.addCounted(Contracts.shipped.text)
        return hasher.finishBytes().hexadecimal
    }
}

/// Tells an input that nobody takes its records any more.
private final class ReadingStop: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    var isSet: Bool {
        get { lock.withLock { value } }
        set { lock.withLock { value = newValue } }
    }
}
