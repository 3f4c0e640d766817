/// Reads records again from the bytes that were kept of them.
package enum RawRecord {
    /// - Parameters:
    ///   - raw: `Record.raw` or `Refusal.raw`.
    ///   - columns: those of a row's input, where its rows have them in common.
    /// - Returns: what the bytes are under the format as it is declared now; nil where they do not say everything (a network's components).
    ///
    /// Throws `configuration` where the format's options contradict themselves.
    package static func read(_ raw: [UInt8], columns: [String]?, _ format: Format) throws(FormatError) -> [ReadOutcome]? {
        var reader: any RecordReader
        switch format {
        case .csv(var options):
            // Of encodings that must be decoded before they can be split, UTF-8 was kept.
            if try !CSVDialect(options).canSplit(TextDecoder(encoding: options.encoding)) { options.encoding = "utf-8" }
            switch options.header {
            case .names: break
            case .none, .firstRow: options.header = columns.map { .names($0) } ?? .none
            }
            options.skippedLines = 0
            reader = try makeReader(.csv(options), MemoryBytes(raw))
        case .ndjson: reader = try makeReader(format, MemoryBytes(raw))
        case .json(let pointer):
            let isMember = pointer.hasSuffix("/*")
            reader = try makeReader(.json(records: isMember ? "/*" : ""), MemoryBytes(isMember ? [0x7B] + raw + [0x7D] : [0x5B] + raw + [0x5D]))
        case .geojson: reader = try makeReader(.geojson, MemoryBytes(Array(#"{"features":["#.utf8) + raw + Array("]}".utf8)))
        // What is kept of a workbook's row is its values as a JSON object.
        case .singer, .xlsx: reader = try makeReader(.ndjson, MemoryBytes(raw))
        case .xml(let record, _):
            let name = record.split(separator: "/").last.map(String.init) ?? record
            reader = try makeReader(.xml(record: name, encoding: "utf-8"), MemoryBytes(raw))
        case .inp: return nil
        }
        var outcomes: [ReadOutcome] = []
        do throws(FormatError) {
            while let outcome = try reader.next() { outcomes.append(outcome) }
        } catch {
            // What breaks a document of one record is that record's fault.
            guard error.kind == .data else { throw error }
            if outcomes.isEmpty { outcomes.append(.refused(Refusal(line: 1, raw: raw, rule: Rule.syntax, message: error.what))) }
        }
        return outcomes
    }
}
