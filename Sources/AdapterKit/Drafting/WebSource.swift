import Foundation
import RecordFormats

/// What a server answers to GET, looked at once: its records, and how its list goes on and says how long it is.
struct WebSource {
    let sample: SourceSample
    /// JSON5 of the input's keys beside kind, url and format: each with a comma before it.
    let keys: String

    private static let secretNames = ["token", "key", "secret", "password", "passwd", "sig", "signature"]
    private static let totals = ["total", "totalcount", "totalrecords", "recordcount", "count", "总数", "记录数"]
    private static let nexts = ["next", "nexturl", "nextlink", "nextpageurl", "nextpage", "nextcursor", "nextpagetoken", "cursor"]

    /// Throws what an input of kind http throws; `configuration` where the URL carries a secret, or the answer is one page of a list and does
    /// not say where the next one is.
    static func look(at url: String, environment: [String: String], folder: String) throws -> WebSource {
        let query = URLComponents(string: url)?.queryItems ?? []
        if let item = query.first(where: { item in secretNames.contains { item.name.lowercased().hasSuffix($0) } }) {
            throw AdapterError(
                .configuration, "The parameter \"\(item.name)\" of the URL looks like a secret, which has no place in a manifest.",
                hint: "Fetch the answer into a file (curl -o), draft from that, and see \"query\" of an http input in Sources/AdapterKit/README.md.")
        }
        let text = """
            { adapter: "draft", version: "0", department: "draft", source: "urn:draft",
              input: { kind: "http", url: \(ManifestDraft.quoted(url)), format: { kind: "ndjson", encoding: "iso-8859-1" }, ignore_charset: true },
              streams: [{ name: "s", mode: "snapshot", key: ["k"], facts: [{ event: "address.described", subject: "address/{k}" }] }] }
            """
        let manifest = try Manifest.parse(text, file: "the URL", folder: folder)
        guard let stream = manifest.streams.first, case .http(let http) = stream.input,
            case .pages(let pull) = try HTTPPull.fetch(http, Placeholders(), mark: nil, in: InputContext(environment: environment), folder: folder),
            let file = try pull.files().first
        else { throw AdapterError(.data, "The server gave no answer that can be looked at.", file: url) }
        let sample = try withExtendedLifetime(pull) { try SourceSample.look(at: file.path, named: file.name) }
        if pull.linksOn { return WebSource(sample: sample, keys: ", pages: { by: \"link\" }") }
        return WebSource(sample: sample, keys: try members(of: sample, url))
    }

    /// What a JSON document says beside its list.
    private static func members(of sample: SourceSample, _ url: String) throws(AdapterError) -> String {
        guard case .json = sample.format, sample.encoding == nil, let root = try? JSONParser.parse(sample.bytes) else { return "" }
        let found = scalars(root, below: "")
        let hint = "Fetch the answer into a file (curl -o), draft from that, and see \"pages\" of an http input in Sources/AdapterKit/README.md."
        if let next = found.first(where: { nexts.contains(EventFit.plain($0.name)) && !$0.value.isEmpty }) {
            guard next.value.contains("/") || next.value.hasPrefix("?") else {
                throw AdapterError(
                    .configuration, "The answer names a next page (\(next.pointer)), but not by a URL: which parameter asks for it does not show.", file: url, hint: hint)
            }
            return ", pages: { by: \"next_url\", from: \(ManifestDraft.quoted(next.pointer)) }"
        }
        let numbers = found.compactMap { item in totals.contains(EventFit.plain(item.name)) ? Int(item.value).map { (item.pointer, $0) } : nil }
        guard let (pointer, number) = numbers.first else { return "" }
        let delivered = sample.records.count + sample.refusals.count
        if number == delivered { return ", expect_total: \(ManifestDraft.quoted(pointer))" }
        guard number < delivered || delivered >= SourceSample.mostRecords else {
            throw AdapterError(
                .configuration, "The answer holds \(delivered) records and says that there are \(number) (\(pointer)): how its list goes on does not show.",
                file: url, hint: hint)
        }
        return ""
    }

    /// Texts and numbers of an object, and of the objects in it.
    private static func scalars(_ value: Value, below pointer: String) -> [(name: String, pointer: String, value: String)] {
        guard case .object(let members) = value, pointer.filter({ $0 == "/" }).count < 2 else { return [] }
        return members.flatMap { member in
            let own = pointer + "/" + member.name.replacingOccurrences(of: "~", with: "~0").replacingOccurrences(of: "/", with: "~1")
            switch member.value {
            case .text(let text): return [(member.name, own, text)]
            case .number(let digits): return [(member.name, own, digits)]
            default: return scalars(member.value, below: own)
            }
        }
    }
}
