import PostgresClient

/// Runs a projection: reads settled facts, folds them, and writes tables and checkpoint in one transaction.
///
/// One projector of a name runs at a time (a session's advisory lock), and every transaction moves the checkpoint from
/// where this projector left it, or fails: one that was cut off writes nothing twice. Plain and synchronous.
package final class Projector {
    package struct Options: Sendable {
        /// Facts in one live transaction; and in a rebuild between looks at its memory.
        package var batch = 50_000
        /// What a rebuild may hold in memory before it writes.
        package var heldLimit_bytes = 512 << 20
        /// How long a rebuild waits for open transactions that hold the views.
        package var switchPatience_s = 60
        /// How long to wait for another projector of the name that is about to end.
        package var leasePatience_ms = 5000
        package init() {}
    }

    /// How far a run is; handed to the caller before each commit.
    package struct Progress: Sendable, Hashable {
        package enum Phase: String, Sendable { case folding, linking, switching }
        package var phase: Phase
        /// Everything up to here is folded.
        package var position: Int64
        /// Where this run will stop, as far as known.
        package var upTo: Int64
        /// Facts folded in this run.
        package var facts: Int
    }

    let connection: Connection
    let reader: any FactReader
    let make: () -> any Projection
    let options: Options
    let progress: (Progress) throws -> Void
    let name: String
    let generations: Generations
    private(set) var projection: any Projection
    private var isLeased = false
    private var second: Connection?
    /// Where the tables are analyzed again: when they may have doubled.
    private var nextAnalysis: Int64 = 0
    var state = Progress(phase: .folding, position: 0, upTo: 0, facts: 0)

    /// - Parameters:
    ///   - connection: of the hub's owner, used by this projector alone.
    ///   - reader: where facts come from; may use the same connection.
    ///   - progress: called before every commit; what it throws undoes the open transaction and ends the run.
    ///   - make: makes the projection; called again after an error.
    package init(
        _ connection: Connection, reader: (any FactReader)? = nil, options: Options = Options(),
        progress: @escaping (Progress) throws -> Void = { _ in }, make: @escaping () -> any Projection
    ) {
        self.connection = connection
        self.reader = reader ?? LogReader(connection)
        self.options = options
        self.progress = progress
        self.make = make
        projection = make()
        name = projection.name
        generations = Generations(connection: connection, name: projection.name, definition: projection.definition)
    }

    /// Folds everything that is settled now. The first run, and one whose tables are of another make, rebuilds.
    /// - Returns: how far it came and how many facts it folded.
    @discardableResult
    package func once() throws -> Progress {
        try lease()
        state = Progress(phase: .folding, position: 0, upTo: 0, facts: 0)
        guard let current = try generations.current(), current.tablesMark == generations.definition.tablesMark, let start = try checkpoint() else {
            return try rebuild()
        }
        guard try reader.hasReached(start) else {
            throw ProjectionError(
                .logRewound,
                "The projector \(name) has folded facts up to position \(start), but the log ends before it: it was rewound. Run `twinhub project --rebuild`.")
        }
        if try current.viewsMark != generations.definition.viewsMark || !generations.hasViews() { try switchViews(to: current.number, from: start, at: start) }
        try foldOn(from: start, in: generations.schema(current.number), moving: true)
        return state
    }

    /// Goes on folding as facts arrive, until told to stop.
    /// - Parameters:
    ///   - poll_ms: how often to look without being notified.
    ///   - isCancelled: asked between batches.
    package func follow(poll_ms: Int = 1000, isCancelled: () -> Bool) throws {
        try connection.execute("LISTEN hub")
        var looked: ContinuousClock.Instant?
        while !isCancelled() {
            if try once().facts > 0 { try generations.wakeReaders() }
            if looked.map({ $0.duration(to: .now) > .seconds(60) }) ?? true {
                try passTime()
                looked = .now
            }
            try generations.dropOld()
            if isCancelled() { break }
            _ = try connection.notifications(timeout_ms: poll_ms)
        }
    }

    /// Does what time alone asks for, where the facts have been folded.
    func passTime() throws {
        guard generations.isTold, let work = projection.passing, let current = try generations.current() else { return }
        try connection.transaction { connection in
            try generations.usePath(generations.schema(current.number))
            try work.run(connection)
        }
    }

    /// Folds live batches from a position to the horizon. `moving` says whether the checkpoint moves along.
    func foldOn(from start: Int64, in schema: String, moving: Bool) throws {
        state.phase = .folding
        state.position = start
        do {
            var next = try prepare(after: start, telling: moving)
            while let batch = next {
                // The next one is made while the server has to do with this one.
                let ahead = try Ahead { try self.prepare(after: batch.position, telling: moving) }
                let written = Result { try write(batch, in: schema, moving: moving) }
                let prepared = ahead.outcome()
                try written.get()
                next = try prepared.get()
            }
        } catch {
            startOver()
            throw error
        }
    }

    /// Writes a batch and moves the checkpoint, in one transaction.
    private func write(_ batch: PreparedBatch, in schema: String, moving: Bool) throws {
        state.upTo = batch.upTo
        try connection.transaction { _ in
            // What a crash takes of the twin it takes of the checkpoint too: it is folded again. The log has been on the disk before. A batch
            // that tells services of changes waits for the disk after all.
            try connection.execute("SET LOCAL synchronous_commit = off")
            if moving { try move(from: batch.after, to: batch.position) }
            if batch.count > 0 {
                try generations.usePath(schema)
                try batch.work.run(connection)
            }
            state.position = batch.position
            state.facts += batch.count
            try progress(state)
        }
        try analyzeNowAndThen(schema)
    }

    /// The server's own statistics come late, or never where autovacuum is off; tables that grow from nothing need them soon.
    private func analyzeNowAndThen(_ schema: String) throws {
        guard state.position >= nextAnalysis else { return }
        // A rebuild has left statistics behind, and so has whoever wrote the first half.
        if nextAnalysis > 0 { try generations.analyze(schema) }
        nextAnalysis = max(10_000, state.position * 2)
    }

    /// Reads and folds the next batch; nil where everything is folded. Uses the reader and the projection, and not the connection.
    ///
    /// The horizon comes first, then what the numbers stand for, then the facts: whoever told a fact below the horizon
    /// was registered before.
    /// - Parameter telling: whether services are told of what it changes: not of what fills tables that nobody reads yet.
    private func prepare(after position: Int64, telling: Bool) throws -> PreparedBatch? {
        let horizon = try reader.horizon()
        guard horizon > position else { return nil }
        projection.use(try reader.catalog())
        let (last, count) = try reader.read(after: position, upTo: horizon, limit: options.batch) { try projection.fold($0) }
        guard last > position else { return nil }
        return PreparedBatch(after: position, position: last, upTo: horizon, count: count, work: projection.flush(telling: telling && generations.isTold ? position..<last : nil))
    }

    /// For work beside that of the first connection.
    func secondConnection() throws -> Connection {
        if let second, second.isAlive { return second }
        let opened = try connection.another()
        second = opened
        return opened
    }

    /// Forgets what was folded and not written.
    func startOver() {
        projection = make()
    }
}

/// Facts that are folded and not yet written.
private struct PreparedBatch {
    let after: Int64
    /// Of the last fact.
    let position: Int64
    /// Where the log ended.
    let upTo: Int64
    let count: Int
    let work: Work
}

// MARK: Lease and checkpoint

extension Projector {
    /// The lock's first number; the second is the hash of the projector's name.
    private static let lockClass = 29802

    /// Makes this the one projector of its name. The lock is the session's: it ends with the process, however that ends.
    func lease() throws {
        guard !isLeased else { return }
        do {
            // A projector that was killed a moment ago still has a server process that must notice it.
            try connection.transaction { _ in
                try connection.execute("SET LOCAL lock_timeout = '\(options.leasePatience_ms)ms'")
                try connection.query("SELECT pg_advisory_lock(\(Self.lockClass), hashtext($1))", [.text(name)])
            }
        } catch let error as PostgresError where error.isLockTimeout {
            let rows = try connection.query(
                """
                SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = \(Self.lockClass)
                   AND objid = (hashtext($1)::bigint & 4294967295)::oid
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """, [.text(name)])
            throw ProjectionError(
                .leaseHeld,
                "Another projector \(name) is running (server process \(rows.text(0, 0) ?? "unknown")). End it, or let it do the work.")
        }
        isLeased = true
    }

    /// How far the tables that are read have come; nil before the first run.
    func checkpoint() throws -> Int64? {
        let rows = try connection.query("SELECT position FROM hub.checkpoint WHERE projector = $1", [.text(name)])
        return rows.int(0, 0)
    }

    /// Moves the checkpoint, inside the transaction that writes what it stands for.
    func move(from old: Int64?, to new: Int64) throws {
        let moved: Int
        if let old {
            moved = try connection.query(
                "UPDATE hub.checkpoint SET position = $3::bigint, updated_at = now() WHERE projector = $1 AND position = $2::bigint",
                [.text(name), .int(old), .int(new)]
            ).affected
        } else {
            moved = try connection.query(
                "INSERT INTO hub.checkpoint (projector, position) VALUES ($1, $2::bigint) ON CONFLICT DO NOTHING", [.text(name), .int(new)]
            ).affected
        }
        guard moved == 1 else {
            throw ProjectionError(
                .checkpointMoved,
                "The checkpoint of the projector \(name) was moved by another one. Nothing of this batch was written; start it again.")
        }
    }
}
