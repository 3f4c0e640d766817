import PostgresClient

extension Projector {
    /// Fills the next generation from the first fact on, brings it up to the horizon, and switches the views to it.
    ///
    /// What is read stays as it was until the switch. Nothing has to wait for the rebuild; only the switch itself has to
    /// wait for open transactions that have used the views.
    @discardableResult
    package func rebuild() throws -> Progress {
        try lease()
        try generations.dropOld()
        let before = try checkpoint()
        let number = try generations.next()
        let filled = try fill(generations.schema(number), upTo: try reader.horizon())
        try foldOn(from: filled, in: generations.schema(number), moving: false)
        try switchViews(to: number, from: before, at: state.position)
        try generations.dropOld()
        return state
    }

    /// Builds the twin as it was known at a position: tables in the schema `<schema>_tables`, views in `<schema>`.
    /// Both must not exist yet. Moves no checkpoint and needs no lease.
    package func build(asOf position: Int64, schema: String) throws {
        guard try reader.horizon() >= position else {
            throw ProjectionError(.notSettled, "The log has not reached position \(position) yet. Choose one up to \(try reader.horizon()).")
        }
        try fill(schema + "_tables", upTo: position)
        try connection.transaction { _ in try generations.makeViews(schema, over: schema + "_tables") }
    }

    /// Drops what `build(asOf:schema:)` made.
    package func dropBuilt(schema: String) throws {
        try connection.execute("DROP SCHEMA IF EXISTS \(SQL.identifier(schema)), \(SQL.identifier(schema + "_tables")) CASCADE")
    }

    /// Makes tables and fills them with every fact up to a position.
    /// - Returns: that position.
    @discardableResult
    private func fill(_ schema: String, upTo end: Int64) throws -> Int64 {
        startOver()
        state = Progress(phase: .folding, position: 0, upTo: end, facts: 0)
        do {
            try generations.makeTables(in: schema)
            var position: Int64 = 0
            while position < end {
                // Larger than a live batch: what counts here is memory, and that is asked below.
                let batch = try readBatch(after: position, upTo: end, limit: options.batch * 4)
                guard batch.position > position else { break }
                position = batch.position
                state.position = position
                state.facts += batch.count
                try progress(state)
                if projection.heldBytes > options.heldLimit_bytes { try flush(into: schema, mode: .filling) }
            }
            try flush(into: schema, mode: .filling)
            state.phase = .linking
            try progress(state)
            try generations.makeIndexes(in: schema)
            try flush(into: schema, mode: .finished)
            return end
        } catch {
            startOver()
            throw error
        }
    }

    private func flush(into schema: String, mode: FlushMode) throws {
        try connection.transaction { _ in
            try generations.usePath(schema)
            try projection.flush(on: connection, mode: mode)
        }
    }

    /// Switches the views to a generation, together with the checkpoint. Waits for open transactions that hold a view, but
    /// only in short turns: while a switch waits for a lock, every new reader of the view would wait behind it.
    func switchViews(to number: Int, from old: Int64?, at position: Int64) throws {
        state.phase = .switching
        for turn in 0... {
            try progress(state)
            do {
                try connection.transaction { _ in
                    try connection.execute("SET LOCAL lock_timeout = '300ms'")
                    try generations.makeViews(name, over: generations.schema(number))
                    try generations.note(current: number)
                    try move(from: old, to: position)
                }
                return
            } catch let error as PostgresError where error.isLockTimeout {
                // A turn is 0.3 s of waiting for the lock and 0.7 s in which others go first.
                guard turn < options.switchPatience_s else {
                    let holders = try generations.holdersOfViews().joined(separator: ", ")
                    throw ProjectionError(
                        .viewsInUse,
                        "The new tables of \(name) are ready, but open transactions hold its views: \(holders.isEmpty ? "none just now" : holders). End them, and run it again.")
                }
                _ = try connection.notifications(timeout_ms: 700)
            }
        }
    }
}
