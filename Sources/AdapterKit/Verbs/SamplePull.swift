import EventLog
import RecordFormats

/// A record that a pull without a database refused.
package struct RefusedRow: Sendable, Hashable {
    package let stream: String
    package let file: String
    package let line: Int
    package let rule: String
    package let message: String
}

/// What a pull without a database gives: the first pull of a source that was never read.
package struct SampleResult: Sendable {
    package var facts: [NewEvent] = []
    package var refused: [RefusedRow] = []
    package var counters = BatchCounters()
    /// Names of the columns met, by stream.
    package var columns: [String: [String]] = [:]
    /// Records with their facts, of a preview.
    package var records: [PreviewedRecord] = []
}

/// Pulls without a database, with keys that protect nobody.
struct SamplePull {
    let manifest: Manifest
    var environment: [String: String] = [:]

    /// Ends a preview that has seen enough.
    private struct Enough: Error {}

    /// All streams over the samples.
    func samples() throws -> SampleResult {
        try manifest.requirePersonalColumnsDeclared()
        var result = SampleResult()
        for stream in manifest.streams { try pull(stream, try sampleInput(stream), limit: nil, into: &result) }
        return result
    }

    /// The first `limit` facts of each stream over the source itself; samples where the source is a table that cannot be reached.
    func source(limit: Int, samples: Bool) throws -> SampleResult {
        try manifest.requirePersonalColumnsDeclared()
        var result = SampleResult()
        let inputs = RunInputs(manifest, InputContext(environment: environment))
        for stream in manifest.streams {
            try pull(stream, samples ? try sampleInput(stream) : try inputs.open(stream, after: StreamState()).input, limit: limit, into: &result)
        }
        return result
    }

    func sampleInput(_ stream: Stream) throws(AdapterError) -> any RecordInput {
        let places = InputPlaces(manifest, environment: [:])
        switch stream.input {
        case .files(let files):
            if let samples = files.samples {
                return FileInput(files: try places.find(samples), format: samples.format, encoding: samples.encoding)
            }
            guard files.patterns.allSatisfy({ !$0.hasPrefix("/") }) else {
                throw AdapterError(
                    .configuration, "Stream \"\(stream.name)\" reads files outside the adapter's folder and names no samples.", file: manifest.file,
                    line: stream.line, hint: "Add samples: \"samples/*\" to its input.")
            }
            return FileInput(files: try places.find(files), format: files.format, encoding: files.encoding)
        case .postgres(let table): return try samples(table.samples, of: stream, "a table")
        case .http(let http): return try samples(http.samples, of: stream, "a server")
        case .command(let command): return try samples(command.samples, of: stream, "what a program prints")
        case .singer(let tap):
            let input = try samples(tap.samples, of: stream, "what a tap sends")
            guard case .singer = input.format else { return input }
            return FileInput(files: input.files, format: .singer(streams: [stream.tap?.name ?? stream.name]), encoding: input.encoding)
        case .piped(let piped): return try samples(piped.samples, of: stream, "standard input")
        }
    }

    private func samples(_ samples: Input.Samples?, of stream: Stream, _ what: String) throws(AdapterError) -> FileInput {
        guard let samples else {
            throw AdapterError(
                .configuration, "Stream \"\(stream.name)\" reads \(what) and names no samples.", file: manifest.file, line: stream.line,
                hint: "Add samples: { path: \"samples/*.csv\", format: \"csv\" } to its input.")
        }
        return FileInput(files: try InputPlaces(manifest, environment: [:]).find(samples), format: samples.format, encoding: samples.encoding)
    }

    private func pull(_ stream: Stream, _ input: any RecordInput, limit: Int?, into result: inout SampleResult) throws {
        var limits = PullBatch.Limits()
        // Whoever looks at samples wants to see what is refused, however much.
        limits.endsWhenRefused = false
        if let limit { limits.facts = max(1, limit) }
        var taken = SampleResult()
        let people = SubjectKeyring(source: manifest.name, keys: .forSamples)
        let pull = try StreamPull(
            stream, of: manifest, input: input, protection: Protection(.forSamples, people: people), table: FingerprintTable(), refusedTable: FingerprintTable(),
            limits: limits,
            commit: { batch in
                taken.facts += batch.events
                taken.counters += batch.counters
                taken.refused += batch.quarantined.map {
                    RefusedRow(stream: stream.name, file: $0.input, line: $0.line ?? 0, rule: $0.rule, message: $0.message)
                }
                if let limit, taken.facts.count >= limit { throw Enough() }
            })
        var origins: [(pieces: [RecordUniter.Piece], facts: Int)] = []
        if limit != nil { pull.witness = { [unowned pull] in origins.append(($0, pull.facts)) } }
        do {
            try pull.read(input, progressState: nil)
            try pull.finish(before: StreamState(), complete: false, acceptRemovals: false, compact: false) { _ in StreamState() }
        } catch is Enough {
            taken.facts = Array(taken.facts.prefix(limit ?? .max))
        }
        var begin = 0
        for origin in origins where begin < taken.facts.count || origin.facts == begin {
            let end = min(origin.facts, taken.facts.count)
            let facts = begin < end ? Array(taken.facts[begin..<end]) : []
            result.records.append(PreviewedRecord(origin.pieces, facts: facts, stream: stream, personal: pull.personal))
            begin = max(begin, end)
        }
        result.facts += taken.facts
        result.refused += taken.refused
        result.counters += taken.counters
        result.columns[stream.name] = pull.columns(before: StreamState()).keys.sorted()
    }
}
