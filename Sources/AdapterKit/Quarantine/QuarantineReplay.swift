import EventLog
import Foundation
import PostgresClient
import RecordFormats

/// Sends quarantined rows through the manifest as it is now: facts, fingerprints and what became of each row are one transaction a stream.
///
/// A row that is refused again stays, with its new reason. A row that was delivered rightly since changes nothing. Replaying twice tells
/// nothing twice.
package struct QuarantineReplay {
    /// What became of the rows of a stream.
    package struct StreamReport: Sendable, Hashable, Encodable {
        package let stream: String
        package var replayed = 0
        package var superseded = 0
        package var refused = 0
        /// Facts told; those that would be, where nothing is written.
        package var facts = 0
        /// Why rows were refused again, the most common reason first, with how often.
        package var reasons: [String] = []
    }

    /// How batches of replays are called: they are no pull of the source.
    package static let input = "quarantine"

    private let session: SourceSession
    private let owner: Connection
    private var manifest: Manifest { session.manifest }
    private var protection: Protection { session.protection }

    /// - Parameters:
    ///   - connection: under the source's own role; used by this replay alone.
    ///   - owner: of the hub's owner: no adapter reads what was refused.
    ///   - keys: of the hub: sealed rows are opened in memory only.
    package init(_ manifest: Manifest, connection: Connection, owner: Connection, keys: Keys) throws {
        self.owner = owner
        session = try SourceSession(manifest, connection: connection, keys: keys)
    }

    /// - Parameters:
    ///   - filter: which rows; its source is not looked at.
    ///   - overwrite: lets rows of incremental streams tell over what was told after them.
    ///   - dryRun: looks only: nothing is written.
    ///   - who: the account, beside the database role.
    ///
    /// Throws `AdapterError`, `LogError` (`leaseHeld`, `replayConflict`) or `PostgresError`; what a stream before committed stays.
    package func run(_ filter: QuarantineFilter, overwrite: Bool = false, dryRun: Bool = false, who: String = "") throws -> [StreamReport] {
        try session.leased("replay of quarantine", seconds: 300) {
            try manifest.streams.filter { filter.stream == nil || filter.stream == $0.name }.compactMap { stream in
                let rows = try QuarantineRows.waiting(filter, source: manifest.name, stream: stream.name, on: owner)
                return rows.isEmpty ? nil : try replay(rows, stream, overwrite: overwrite, dryRun: dryRun, who: who)
            }
        }
    }

    private func replay(_ rows: [QuarantineRows.Waiting], _ stream: Stream, overwrite: Bool, dryRun: Bool, who: String) throws -> StreamReport {
        let memory = try StreamMemory(stream, session.writer)
        let mapper = try FactMapper(stream, protection: protection)
        var opened: [(number: Int, raw: [UInt8], columns: [String]?)] = []
        var superseded: Set<Int> = []
        var refused: [FingerprintKey: Int] = [:]
        for (number, row) in rows.enumerated() {
            let raw = row.sealed ? try protection.open(row.raw) : row.raw
            let key = mapper.key(ofRefused: raw, rule: row.rule)
            // A full list that came whole without the row has something else, or nothing, in its place. The same row twice counts once.
            let isGone = stream.mode == .snapshot && memory.refused.content(key) == 0
            let isRepeated = stream.mode != .append && refused[key] != nil
            if isGone || isRepeated { superseded.insert(number) } else { opened.append((number, raw, row.columns)) }
            refused[key] = refused[key] ?? number
        }
        let journal = ReplayJournal(rows, superseded: superseded, lastBatch: try lastBatches(of: stream, rows), overwrites: overwrite)
        let input = ReplayInput(rows: opened, stream: stream)
        var limits = PullBatch.Limits(facts: .max, bytes: .max, seconds: .max)
        limits.endsWhenRefused = false
        var whole: Batch?
        let pull = try StreamPull(
            stream, of: manifest, input: input, protection: protection, table: memory.table, refusedTable: memory.refused, replay: journal, limits: limits,
            commit: { whole = $0 })
        try pull.read(input, progressState: nil)
        let raws = Dictionary(opened.map { ($0.number, $0.raw) }, uniquingKeysWith: { a, _ in a })
        for (key, number) in refused {
            // What is refused again is known by its new rule, what is taken is forgotten: refused once more, it is news.
            let again = journal.refusal(of: number).flatMap { refusal in raws[number].map { mapper.key(ofRefused: $0, rule: refusal.rule) } }
            pull.remember(refused: again, inPlaceOf: key)
        }
        try pull.flush(nil)
        guard var batch = whole else { return StreamReport(stream: stream.name) }
        batch.replayed = journal.outcomes
        batch.replayedBy = who
        if !dryRun { _ = try session.writer.commit(batch) }
        return report(stream, batch)
    }

    private func report(_ stream: Stream, _ batch: Batch) -> StreamReport {
        var report = StreamReport(stream: stream.name)
        report.facts = batch.events.count
        var reasons: [String: Int] = [:]
        for record in batch.replayed {
            switch record.outcome {
            case .replayed: report.replayed += 1
            case .superseded: report.superseded += 1
            case .refused(let rule, let message):
                report.refused += 1
                reasons["\(rule): \(message)", default: 0] += 1
            }
        }
        report.reasons = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5).map { "\($0.value) × \($0.key)" }
        return report
    }

    /// Which batch wrote an entry last, of the batches after the oldest row.
    private func lastBatches(of stream: Stream, _ rows: [QuarantineRows.Waiting]) throws -> [FingerprintKey: Int64] {
        guard stream.mode == .incremental, let oldest = rows.map(\.batch).min() else { return [:] }
        var last: [FingerprintKey: Int64] = [:]
        try QuarantineRows.blocks(stream: stream.name, after: oldest, on: session.connection) { batch, entries in
            FingerprintBlocks.forEachKey(entries) { last[$0] = batch }
        }
        return last
    }
}
