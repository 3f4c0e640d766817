import EventLog

/// What the hub remembers of a stream: what was told, which rows were refused, how far it was read.
struct StreamMemory {
    let state: StreamState
    let table = FingerprintTable()
    let refused = FingerprintTable()
    /// Whether few blocks should take the place of all: there are many small ones, or many overwritten entries. Many full ones are as good
    /// as it gets.
    let isScattered: Bool

    /// - Parameters:
    ///   - state: how far the stream was read, where that has been looked up.
    ///   - goesOn: asked between blocks; what it throws ends the loading.
    init(_ stream: Stream, _ writer: BatchWriter, state known: StreamState? = nil, goesOn: () throws -> Void = {}) throws {
        state = try known ?? Self.state(stream, writer)
        var blocks = 0
        var stored = 0
        for (name, table) in [(stream.name, table), (stream.name + PullBatch.refusedSuffix, refused)] {
            // Room for all at once: a table that grows moves its entries again and again.
            table.reserve(try writer.fingerprintBytes(stream: name) / FingerprintBlocks.entryLength)
            try writer.loadFingerprints(stream: name) { entries, subjects in
                try goesOn()
                blocks += 1
                stored += entries.count / FingerprintBlocks.entryLength
                try FingerprintBlocks.read(entries, subjects, of: name, into: table)
            }
        }
        if stream.keepsFingerprints {
            let table = table
            try writer.loadFingerprints(stream: stream.name + PullBatch.rowsSuffix) { entries, _ in
                try goesOn()
                blocks += 1
                stored += entries.count / FingerprintBlocks.rowLength
                try FingerprintBlocks.readRows(entries, of: stream.name, into: table)
            }
        }
        let areSmall = blocks > 128 && stored < blocks * 10_000
        isScattered = areSmall || (stored > 100_000 && stored > 3 * (table.liveCount + table.rowCount + refused.liveCount))
    }

    /// How far the stream was read.
    static func state(_ stream: Stream, _ writer: BatchWriter) throws -> StreamState {
        try writer.loadCursor(stream: stream.name).map { text throws(AdapterError) in try StreamState(json: text) } ?? StreamState()
    }
}
