import EventLog
import RecordFormats

/// What a stream remembers from pull to pull, beside its fingerprints: the JSON in `hub.cursor`.
struct StreamState: Sendable, Hashable {
    /// A file that was read, or is being read.
    struct FileMark: Sendable, Hashable {
        var name: String
        var size: Int
        var digest: String
        /// Records and refusals taken from it.
        var outcomes: Int
        var complete: Bool
    }

    /// Columns of the last pull, each with the kinds of value that it held (bits of `ColumnWatch`).
    var columns: [String: UInt8] = [:]
    var files: [FileMark] = []
    /// The greatest cursor so far, as text.
    var bookmark: String?
    /// Digest of the manifest and the contracts under which the last complete pull was mapped.
    var mapping: String?
    /// Digest of the input of the last complete pull.
    var input: String?
    /// Counters of the last complete pull, for one that finds the same input.
    var read = 0
    var refused = 0
    var records = 0
    var heldBack = 0
    /// Of a tap's stream: the version to which the known records belong, or older ones.
    var version: Int64?
    /// Of a tap's stream: the version of which records have come, and which is not yet activated.
    var pendingVersion: Int64?

    var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("columns")
        writer.beginObject()
        for (name, kinds) in columns.sorted(by: { $0.key < $1.key }) { writer.member(name, .number(String(kinds))) }
        writer.endObject()
        writer.name("files")
        writer.beginArray()
        for file in files {
            writer.beginObject()
            writer.member("name", string: file.name)
            writer.member("size", .number(String(file.size)))
            writer.member("sha256", string: file.digest)
            writer.member("outcomes", .number(String(file.outcomes)))
            writer.member("complete", .bool(file.complete))
            writer.endObject()
        }
        writer.endArray()
        for (name, text) in [("bookmark", bookmark), ("mapping", mapping), ("input", input)] {
            if let text { writer.member(name, string: text) }
        }
        for (name, number) in [("read", read), ("refused", refused), ("records", records), ("held_back", heldBack)] {
            writer.member(name, .number(String(number)))
        }
        for (name, number) in [("version", version), ("pending_version", pendingVersion)] {
            if let number { writer.member(name, .number(String(number))) }
        }
        writer.endObject()
        return writer.text
    }

    init() {}

    /// Reads what `json` wrote; throws `internal` where it is something else.
    init(json: String) throws(AdapterError) {
        guard let value = try? JSONParser.parse(json), case .object = value else {
            throw AdapterError(.internal, "A cursor in hub.cursor cannot be read.", hint: "Restore the table from the backup.")
        }
        func number(_ value: Value?) -> Int { value?.string.flatMap { Int($0) } ?? 0 }
        if case .object(let members)? = value[member: "columns"] {
            for member in members { columns[member.name] = UInt8(truncatingIfNeeded: number(member.value)) }
        }
        if case .array(let marks)? = value[member: "files"] {
            files = marks.map { mark in
                FileMark(
                    name: mark[member: "name"]?.string ?? "", size: number(mark[member: "size"]), digest: mark[member: "sha256"]?.string ?? "",
                    outcomes: number(mark[member: "outcomes"]), complete: mark[member: "complete"] == .bool(true))
            }
        }
        bookmark = value[member: "bookmark"]?.string
        mapping = value[member: "mapping"]?.string
        input = value[member: "input"]?.string
        read = number(value[member: "read"])
        refused = number(value[member: "refused"])
        records = number(value[member: "records"])
        heldBack = number(value[member: "held_back"])
        version = value[member: "version"]?.string.flatMap { Int64($0) }
        pendingVersion = value[member: "pending_version"]?.string.flatMap { Int64($0) }
    }
}
