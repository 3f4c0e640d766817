import RecordFormats

/// Stops a pull whose source has lost a column that the mapping reads, before anything is told: every record would be told anew
/// without it.
struct ColumnGuard {
    private struct Enough: Error {}

    /// Columns that were delivered before, are mapped, may not be absent, and were not met yet.
    private var missing: Set<String>
    private var lastShape: RecordShape?
    private let spreader: RecordSpreader?

    /// - Parameter before: columns of the pull before.
    init(_ stream: Stream, before: [String: UInt8]) {
        spreader = stream.spread.map { RecordSpreader($0) }
        missing = Set(stream.scope.names.filter { !stream.optional.contains($0) && before[$0] != nil })
    }

    /// Reads until every column was met: of most sources one record.
    /// - Returns: those that are in no record; none where there is no record at all.
    mutating func missing(in input: any RecordInput) throws -> [String] {
        if missing.isEmpty { return [] }
        var records = 0
        if let shape = input.shape {
            note(Record(shape: shape, values: Array(repeating: .null, count: shape.names.count), line: 0, raw: []))
            records = 1
        } else {
            do {
                try input.forEach { outcome, _ in
                    guard case .record(let record) = outcome else { return }
                    records += 1
                    note(record)
                    if missing.isEmpty { throw Enough() }
                }
            } catch is Enough {}
        }
        return records > 0 ? missing.sorted() : []
    }

    /// The run's failure.
    static func failure(_ missing: [String], _ input: any RecordInput, of stream: Stream) -> AdapterError {
        let names = missing.map { "\"\($0)\"" }.joined(separator: ", ")
        return AdapterError(
            .data,
            "Stream \"\(stream.name)\": the column \(names), which the mapping reads, was delivered before and is in no record of this pull. Nothing was changed.",
            file: input.title,
            hint: "Ask the source for it; where it may be absent, name it under \"optional\" of the stream, else take it out of the mapping.")
    }

    private mutating func note(_ record: Record) {
        if record.shape !== lastShape {
            lastShape = record.shape
            missing.subtract(record.shape.names)
        }
        // Members of objects, which no shape shows.
        let paths = missing.filter { $0.utf8.contains(UInt8(ascii: ".")) }
        guard !paths.isEmpty else { return }
        for part in spreader?.records(of: record) ?? [record] {
            for name in paths where part[name] != nil { missing.remove(name) }
        }
    }
}
