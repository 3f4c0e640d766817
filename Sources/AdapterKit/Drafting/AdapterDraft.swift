import Foundation
import RecordFormats

/// What `adapter new` made.
package struct DraftOutcome: Sendable {
    package let folder: String
    /// The event that was guessed or asked for.
    package let event: String
    /// Records that were looked at, and whether they are all.
    package let records: Int
    package let isWhole: Bool
    /// How the source is read: `csv, gb18030, delimiter ";"`.
    package let format: String
    /// Records in the sample, the facts they give, and those refused with why.
    package let sampled: Int
    package let facts: Int
    package let refused: [RefusedRow]
    /// What `check` says.
    package let findings: [Finding]
    /// Columns whose values the samples hold in disguise.
    package let disguised: [String]
}

/// Makes an adapter's folder from a look at its source.
package enum AdapterDraft {
    /// Where the source is.
    package enum Origin: Sendable {
        case file(String)
        /// A table or view of a database whose connection string stands in a variable or file: `env:NAME`.
        case table(String, connection: String)
        /// What a server answers to GET.
        case url(String)
    }

    private static let sampledRecords = 40

    /// Writes manifest, sample, expected facts and README of a new adapter.
    ///
    /// Throws `configuration` where the folder exists or the name is none, `data` where the source cannot be understood. What was begun is taken
    /// back then.
    package static func make(
        _ name: String, from origin: Origin, root: String, event: String? = nil, zone: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> DraftOutcome {
        let folder = root + "/" + name
        guard name.isAdapterName else {
            throw AdapterError(.configuration, "\"\(name)\" is no name for an adapter: lower-case letters, digits and hyphens, beginning with a letter.")
        }
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw AdapterError(.configuration, "There is something of that name already.", file: folder, hint: "Choose another name, or remove it.")
        }
        if let zone, Zones.named(zone) == nil {
            throw AdapterError(.configuration, "There is no time zone \"\(zone)\".", hint: "Use a name such as Asia/Shanghai, or +08:00.")
        }
        let sample: SourceSample
        let input: String
        switch origin {
        case .file(let path):
            let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
            sample = try SourceSample.look(at: absolute)
            input = "kind: \"file\", path: \(ManifestDraft.quoted(absolute)), format: \(formatText(sample.format, encoding: sample.encoding))"
        case .url(let url):
            let web = try WebSource.look(at: url, environment: environment, folder: folder)
            sample = web.sample
            input = "kind: \"http\", url: \(ManifestDraft.quoted(url)), format: \(formatText(sample.format, encoding: sample.encoding))\(web.keys)"
        case .table(let table, let connection):
            sample = try SourceSample.look(atTable: table, connection: connection, environment: environment, folder: folder)
            input = "kind: \"postgres\", connection: { secret: \(ManifestDraft.quoted(connection)) }, table: \(ManifestDraft.quoted(table))"
        }
        var first = try ManifestDraft(ManifestDraft.Wishes(name: name, event: event, zone: zone, input: input, samplesFormat: "\"csv\""), sample)
        _ = try first.text()
        let samples = SampleFile(sample, disguised: first.protectedColumns, most: sampledRecords)
        var draft = try ManifestDraft(
            ManifestDraft.Wishes(name: name, event: event, zone: zone, input: input, samplesFormat: formatText(samples.format, encoding: samples.encoding)), sample)
        let text = try draft.text()
        do {
            try FileManager.default.createDirectory(atPath: folder + "/samples", withIntermediateDirectories: true)
            try Data(samples.bytes).write(to: URL(fileURLWithPath: folder + "/samples/" + samples.name))
            try text.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
            try readme(name, event: draft.event).write(toFile: folder + "/README.md", atomically: true, encoding: .utf8)
            let outcome = try AdapterTest.run(Manifest.read(folder: folder), accept: true)
            return DraftOutcome(
                folder: folder, event: draft.event, records: sample.records.count, isWhole: sample.isWhole && sample.records.count < SourceSample.mostRecords,
                format: title(origin, sample), sampled: samples.records, facts: outcome.facts, refused: outcome.refused,
                findings: AdapterCheck.run(folder: folder), disguised: samples.disguised)
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
    }

    /// A format as the manifest says it.
    static func formatText(_ format: Format, encoding: String?) -> String {
        let own = encoding.map { ", encoding: \(ManifestDraft.quoted($0))" } ?? ""
        switch format {
        case .csv(let options):
            var keys: [String] = []
            if options.encoding != "utf-8" { keys.append("encoding: \(ManifestDraft.quoted(options.encoding))") }
            if options.delimiter != "," { keys.append("delimiter: \(ManifestDraft.quoted(options.delimiter))") }
            if case .none = options.header { keys.append("header: false") }
            if options.trim { keys.append("trim: true") }
            return keys.isEmpty ? "\"csv\"" : "{ kind: \"csv\", \(keys.joined(separator: ", ")) }"
        case .json(let records): return "{ kind: \"json\", records: \(ManifestDraft.quoted(records))\(own) }"
        case .ndjson: return encoding == nil ? "\"ndjson\"" : "{ kind: \"ndjson\"\(own) }"
        case .xlsx: return "\"xlsx\""
        case .geojson: return encoding == nil ? "\"geojson\"" : "{ kind: \"geojson\"\(own) }"
        default: return encoding == nil ? "\"inp\"" : "{ kind: \"inp\"\(own) }"
        }
    }

    private static func title(_ origin: Origin, _ sample: SourceSample) -> String {
        if case .table(let table, _) = origin { "table \(table)" } else { describe(sample) }
    }

    private static func describe(_ sample: SourceSample) -> String {
        switch sample.format {
        case .csv(let options):
            let name = options.delimiter == "\t" ? "tab" : options.delimiter
            let header = if case .none = options.header { ", no header" } else { "" }
            return "CSV, \(options.encoding), delimiter \(name)\(header)"
        case .json(let records): return "JSON, \(sample.encoding ?? "utf-8"), list at \"\(records)\""
        case .ndjson: return "NDJSON, \(sample.encoding ?? "utf-8")"
        case .geojson: return "GeoJSON"
        case .xlsx: return "workbook, first sheet"
        default: return "EPANET network"
        }
    }

    private static func readme(_ name: String, event: String) -> String {
        """
        # \(name)

        What this source is, who owns it, how to get access: to be written.

        - `adapter.json5`: drafted by `twinhub adapter new`; each GUESS in it wants a look. It tells `\(event)`.
        - `samples/`: the beginning of the source. Values of personal columns are disguised: digits and letters are replaced, their shape stays.
        - `expected.ndjson`: the facts of the samples, as `twinhub adapter test \(name) --accept` wrote them.

        """
    }
}

/// The first records of a source as a file, without anybody's personal values.
struct SampleFile {
    let name: String
    let format: Format
    let encoding: String?
    let bytes: [UInt8]
    let records: Int
    let disguised: [String]

    init(_ sample: SourceSample, disguised columns: Set<String>, most: Int) {
        let first = Array(sample.records.prefix(most))
        disguised = columns.sorted()
        let values = first.map { record in
            zip(record.shape.names, record.values).map { Member(name: $0, value: columns.contains($0) ? Disguise.value($1) : $1) }
        }
        switch sample.format {
        case .inp, .singer:
            (name, format, encoding, bytes, records) = ("network.inp", sample.format, sample.encoding, sample.bytes, sample.records.count)
        case .geojson where columns.isEmpty:
            let features = first.map { String(decoding: $0.raw, as: UTF8.self) }.joined(separator: ",\n")
            (name, format, encoding, records) = ("sample.geojson", .geojson, nil, first.count)
            bytes = Array("{\"type\":\"FeatureCollection\",\"features\":[\n\(features)\n]}\n".utf8)
        case .csv(var options):
            let names = first.first?.shape.names ?? []
            options = CSVOptions(delimiter: options.delimiter, header: options.header, trim: options.trim)
            var rows = values.map { $0.map { Self.cell($0.value.string ?? "", options.delimiter) } }
            if case .firstRow = options.header { rows.insert(names.map { Self.cell($0, options.delimiter) }, at: 0) }
            let text = rows.map { $0.joined(separator: options.delimiter) }.joined(separator: "\n") + "\n"
            (name, format, encoding, bytes, records) = ("sample.csv", .csv(options), nil, Array(text.utf8), first.count)
        default:
            let lines = values.map { String(decoding: JSONWriter.encode(.object($0)), as: UTF8.self) }
            let text = lines.joined(separator: "\n") + "\n"
            (name, format, encoding, bytes, records) = ("sample.ndjson", .ndjson, nil, Array(text.utf8), first.count)
        }
    }

    private static func cell(_ text: String, _ delimiter: String) -> String {
        let needsQuotes = text.contains(delimiter) || text.contains("\"") || text.contains(where: \.isNewline) || text.hasPrefix(" ") || text.hasSuffix(" ")
        return needsQuotes ? "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : text
    }
}

/// Takes what a value says and leaves what it looks like.
enum Disguise {
    static func value(_ value: Value) -> Value {
        switch value {
        case .text(let text): .text(Self.text(text))
        case .number(let digits): .number(Self.text(digits))
        case .array(let items): .array(items.map(Self.value))
        case .object(let members): .object(members.map { Member(name: $0.name, value: Self.value($0.value)) })
        case .null, .bool: value
        }
    }

    /// Drawn by chance: nobody computes them back, not even by trying all values.
    private static func text(_ text: String) -> String {
        String(
            text.map { character in
                if character.isASCII, character.isNumber { return "123456789".randomElement() ?? "1" }
                if character.isASCII, character.isLetter { return character.isUppercase ? "X" : "x" }
                return character.isLetter ? "某" : character
            })
    }
}

extension SourceSample {
    /// The first rows of a table.
    static func look(atTable table: String, connection: String, environment: [String: String], folder: String) throws -> SourceSample {
        let text = """
            { adapter: "draft", version: "0", department: "draft", source: "urn:draft",
              input: { kind: "postgres", connection: { secret: \(ManifestDraft.quoted(connection)) }, table: \(ManifestDraft.quoted(table)) },
              streams: [{ name: "s", mode: "snapshot", key: ["k"], facts: [{ event: "address.described", subject: "address/{k}" }] }] }
            """
        let manifest = try Manifest.parse(text, file: "the table \(table)", folder: folder)
        let (input, _) = try RunInputs(manifest, InputContext(environment: environment)).open(manifest.streams[0], after: StreamState())
        struct Enough: Error {}
        var records: [Record] = []
        do {
            try input.forEach { outcome, _ in
                if case .record(let record) = outcome { records.append(record) }
                if records.count >= mostRecords { throw Enough() }
            }
        } catch is Enough {}
        guard !records.isEmpty else { throw AdapterError(.data, "The table is empty: there is nothing to look at.", file: table) }
        return SourceSample(
            format: .csv(CSVOptions()), encoding: nil, records: records, refusals: [], bytes: [], isWhole: records.count < mostRecords)
    }
}
