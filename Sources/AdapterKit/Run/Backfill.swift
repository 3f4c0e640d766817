import EventLog
import Foundation
import PostgresClient
import RecordFormats

/// Reads a range of a source's past again, and tells what of it was not told.
///
/// Stateless: no cursor moves, so the next run goes on where the last one ended, and no removal is told. What was told already is known by its
/// fingerprint, so a range may be read as often as anybody likes. That takes a stream with a cursor and fingerprints: mode `incremental`.
package struct Backfill {
    /// What became of a stream's range.
    package struct StreamReport: Sendable {
        package let stream: String
        package let counters: BatchCounters
        /// Facts told; those that would be, where nothing is written.
        package let facts: Int
    }

    private let session: SourceSession
    private var manifest: Manifest { session.manifest }
    private let options: RunOptions

    /// - Parameters:
    ///   - connection: under the source's own role; used by this backfill alone.
    ///   - keys: of the hub.
    package init(_ manifest: Manifest, connection: Connection, keys: Keys, options: RunOptions = RunOptions()) throws {
        self.options = options
        session = try SourceSession(manifest, connection: connection, keys: keys)
    }

    /// - Parameters:
    ///   - stream: which one; nil for the adapter's only one that has a cursor.
    ///   - from: the first value of the cursor that is in the range.
    ///   - to: the first one behind it.
    ///   - dryRun: looks only: nothing is written.
    ///
    /// Throws `AdapterError` (`configuration` where the stream has no range), `LogError` (`leaseHeld`), `PostgresError` or `RunCancelled`; what was
    /// committed stays.
    package func run(stream name: String? = nil, from: String, to: String, dryRun: Bool = false) throws -> StreamReport {
        let (stream, cursor) = try chosen(name)
        let range = try CursorRange(cursor, from: from, to: to)
        return try session.leased("backfill", seconds: options.leaseSeconds) { try read(range, of: stream, dryRun: dryRun) }
    }

    private func read(_ range: CursorRange, of stream: Stream, dryRun: Bool) throws -> StreamReport {
        let memory = try StreamMemory(stream, session.writer)
        let inputs = RunInputs(manifest, options.inputContext, range: range)
        // Without a state: no conditional request, no bookmark.
        let whole = try inputs.open(stream, after: StreamState()).input
        let input = RangeInput(whole: whole, range: range, mapper: try FactMapper(stream, protection: session.protection))
        var polls = 0
        let pull = try StreamPull(
            stream, of: manifest, input: input, protection: session.protection, table: memory.table, refusedTable: memory.refused,
            limits: PullBatch.Limits(facts: options.batchFacts, seconds: max(1, options.leaseSeconds / 3)),
            commit: { batch in
                guard options.mayCommit() else { throw RunCancelled() }
                if !dryRun { try options.committed(try session.writer.commit(batch)) }
            },
            poll: { counters, facts in
                if options.isCancelled() { throw RunCancelled() }
                polls &+= 1
                guard polls & 0x3FF == 0 else { return }
                options.progress(RunProgress(stream: stream.name, input: input.title, rowsRead: counters.read, facts: facts, refused: counters.refused))
            })
        try pull.requireColumns(input, before: memory.state)
        try pull.read(input, progressState: nil)
        try pull.flush(nil)
        return StreamReport(stream: stream.name, counters: pull.counters, facts: pull.facts)
    }

    private func chosen(_ name: String?) throws(AdapterError) -> (Stream, Stream.Cursor) {
        let named = name.map { name in manifest.streams.filter { $0.name == name } } ?? manifest.streams
        guard !named.isEmpty else {
            throw AdapterError(
                .configuration, "\(manifest.name) has no stream \"\(name ?? "")\".", hint: "It has \(manifest.streams.map(\.name).joined(separator: ", ")).")
        }
        let able = named.filter { $0.cursor != nil }
        guard able.count <= 1 else {
            throw AdapterError(.configuration, "\(manifest.name) has several streams with a cursor.", hint: "Name one with --stream: \(able.map(\.name).joined(separator: ", ")).")
        }
        guard let stream = able.first, let cursor = stream.cursor else { throw Self.refusal(named[0]) }
        guard !stream.isUniting, stream.repeated != .update else {
            throw AdapterError(
                .configuration, "Stream \"\(stream.name)\": several rows form one record, and a range may hold only some of them.",
                hint: "Put the stream back to its beginning: twinhub adapter reset \(manifest.name) --stream \(stream.name)")
        }
        return (stream, cursor)
    }

    /// Why a stream has no range.
    private static func refusal(_ stream: Stream) -> AdapterError {
        let why: String
        let hint: String
        switch (stream.input, stream.mode) {
        case (.singer, _):
            why = "a tap's STATE is its cursor, and only the tap knows what it means"
            hint = "Put the stream back to its beginning (twinhub adapter reset), with the tap's own start date in its configuration."
        case (_, .append):
            why = "it is in mode append, which remembers what it has read and not what it has told: rows would be told twice"
            hint = "New files are read by the next run. To tell all of it again: twinhub adapter reset."
        case (_, .snapshot):
            why = "it is in mode snapshot: each run reads the whole list"
            hint = "Run the adapter."
        case (_, .incremental):
            why = "it has no cursor"
            hint = "Give it one: cursor: { column, type }."
        }
        return AdapterError(.configuration, "Stream \"\(stream.name)\" has no range to be read again: \(why).", hint: hint)
    }
}
