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
    /// - Parameter valid: facts that count from a later moment on are left out; nil for none.
    package func build(asOf position: Int64, valid: Timestamp? = nil, schema: String) throws {
        guard try reader.horizon() >= position else {
            throw ProjectionError(.notSettled, "The log has not reached position \(position) yet. Choose one up to \(try reader.horizon()).")
        }
        try fill(schema + "_tables", upTo: position, valid: valid)
        try connection.transaction { _ in try generations.makeViews(schema, over: schema + "_tables") }
    }

    /// Drops what `build(asOf:schema:)` made.
    package func dropBuilt(schema: String) throws {
        try connection.execute("DROP SCHEMA IF EXISTS \(SQL.identifier(schema)), \(SQL.identifier(schema + "_tables")) CASCADE")
    }

    /// Makes tables and fills them with every fact up to a position.
    /// - Returns: that position.
    @discardableResult
    private func fill(_ schema: String, upTo end: Int64, valid: Timestamp? = nil) throws -> Int64 {
        let last_us = valid?.microseconds ?? .max
        startOver()
        state = Progress(phase: .folding, position: 0, upTo: end, facts: 0)
        // The tables are made while the first facts are read.
        let making = Generations(connection: try secondConnection(), name: name, definition: generations.definition)
        let tables = try Ahead { try making.makeTables(in: schema) }
        var areMade = false
        func waitForTables() throws {
            guard !areMade else { return }
            areMade = true
            try tables.outcome().get()
        }
        do {
            projection.use(try reader.catalog())
            var sinceLook = 0
            _ = try reader.read(after: 0, upTo: end, limit: .max) { fact in
                if fact.effective_us <= last_us { try projection.fold(fact) }
                state.position = fact.position
                state.facts += 1
                sinceLook += 1
                if sinceLook < options.batch { return }
                sinceLook = 0
                try progress(state)
                guard projection.heldBytes > options.heldLimit_bytes else { return }
                try waitForTables()
                try perform(projection.fill(isLast: false), in: schema)
            }
            state.position = end
            try waitForTables()
            try perform(projection.fill(isLast: true), in: schema)
            state.phase = .linking
            try progress(state)
            for step in projection.finish() { try perform(step, in: schema) }
            return end
        } catch {
            if !areMade { _ = tables.outcome() }
            startOver()
            throw error
        }
    }

    /// Does all works of a step, on two connections at a time: the server has as much to do with each as this process.
    private func perform(_ works: [Work], in schema: String) throws {
        let list = WorkList(works, schema: schema)
        if works.count > 1 { try list.help(on: secondConnection()) }
        try list.perform(on: connection)
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
                    try generations.publish(number, at: position)
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
