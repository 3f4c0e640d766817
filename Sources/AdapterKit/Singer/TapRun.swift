import EventLog
import RecordFormats

/// Runs a Singer tap once, for all streams that it feeds.
struct TapRun {
    let run: AdapterRun
    let tap: Input.Tap
    let tally: RunTally

    /// Throws what the tap, its streams or the log throw; what was committed stays.
    func report() throws -> [RunReport.StreamReport] {
        let streams = run.manifest.streams(of: tap)
        let memories = try streams.map { try StreamMemory($0, run.writer) }
        let state = try run.writer.loadCursor(stream: tap.cursor)
        // Streams that were never read, or reset since, begin anew.
        let forgotten = state == nil ? [] : try streams.filter { try run.writer.loadCursor(stream: $0.name) == nil }
        let start = TapStart(tap: tap, streams: streams, folder: run.manifest.folder, context: run.options.inputContext)
        let metrics = TapMetricsBox()
        let running: TapStart.Running
        do {
            running = try start.open(state: state, forgotten: forgotten, metric: metrics.take)
        } catch {
            throw asRunError(error, start.name)
        }
        defer { tally.add(metrics: metrics.all) }
        let queue = BatchQueue()
        let members = try zip(streams, memories).map { try member($0, $1, running.names[$0.name] ?? [], queue, start.name) }
        let log = run.options.log
        let pull = SingerPull(
            members, title: start.name, adapterVersion: run.manifest.version, stateName: tap.cursor, seconds: max(1, run.options.leaseSeconds / 3),
            commit: { try queue.put($0) }, log: log)
        var batches = 0
        do {
            try queue.run {
                try pull.read(running.output)
                try pull.finish(
                    acceptRemovals: run.options.acceptRemovals, compacted: { member in memories[members.firstIndex { $0 === member } ?? 0].isScattered },
                    newState: { run.newState($0.pull, nil, before: $0.before, nil) })
            } consume: { batch in
                batches += 1
                try run.commit(batch, tally)
            }
        } catch {
            throw asRunError(error, start.name)
        }
        return members.map { member in
            RunReport.StreamReport(
                stream: member.pull.stream.name, input: start.name, counters: member.pull.counters, facts: member.pull.facts, batches: batches,
                heldBackReason: member.pull.heldBackReason, drift: member.pull.drift?.sentence, sameInput: false, warnings: member.pull.warning.map { [$0] } ?? [])
        }
    }

    private func member(
        _ stream: Stream, _ memory: StreamMemory, _ names: Set<String>, _ queue: BatchQueue, _ title: String
    ) throws -> SingerPull.Member {
        var versions: VersionWatch?
        if stream.removed != nil {
            let stored = FingerprintTable()
            try run.writer.loadFingerprints(stream: stream.name + VersionWatch.suffix) { try FingerprintBlocks.read($0, $1, of: stream.name, into: stored) }
            versions = VersionWatch(stream.name, table: memory.table, stored: stored, before: memory.state)
        }
        let input = TapInput(title: title)
        return try SingerPull.Member(before: memory.state, names: names, versions: versions) { take in
            var polls = 0
            return try StreamPull(
                stream, of: run.manifest, input: input, protection: run.protection, table: memory.table, refusedTable: memory.refused,
                rows: try RowHasher(stream, input: input, mapping: run.mapping, protection: run.protection),
                // The lease is the pull's care: a stream alone may not commit.
                limits: PullBatch.Limits(facts: run.options.batchFacts, seconds: .max), commit: take,
                poll: { counters, facts in
                    if run.options.isCancelled() { throw RunCancelled() }
                    polls &+= 1
                    guard polls & 0x3FF == 0 else { return }
                    if queue.isStopped { throw BatchQueue.Stopped() }
                    run.options.progress(
                        RunProgress(stream: stream.name, input: title, rowsRead: counters.read, facts: facts, refused: counters.refused))
                })
        }
    }

    private func asRunError(_ error: any Error, _ title: String) -> any Error {
        if run.options.isCancelled() { return RunCancelled() }
        return (error as? FormatError)?.inAdapter(file: title) ?? error
    }
}

/// What is true of all records of a tap; they come through `SingerPull`.
private struct TapInput: RecordInput {
    let title: String
    var digest: [UInt8]? { nil }
    var hasFixedColumns: Bool { false }
    var hasKinds: Bool { true }
    var rawTellsAll: Bool { true }

    func forEach(unless isTaken: RowQuestion?, _ body: (ReadOutcome?, InputPlace) throws -> Void) throws {
        throw AdapterError(.internal, "A tap's records cannot be read stream by stream.", file: title)
    }
}

/// Metrics come on the thread that reads, and are looked at when it has ended.
private final class TapMetricsBox: @unchecked Sendable {
    private(set) var all = TapMetrics()
    func take(_ line: String) -> Bool { all.take(line) }
}
