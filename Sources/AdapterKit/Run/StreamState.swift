import EventLog
import RecordFormats

/// What a stream remembers from pull to pull, beside its fingerprints: the JSON in `hub.cursor`.
struct StreamState: Sendable, Hashable {
    /// A file that was read, or is being read.
    struct FileMark: Sendable, Hashable {
        var name: String
        var size: Int
        var digest: String
        /// Records and refusals taken from it, from `offset` on.
        var outcomes: Int
        var complete: Bool
        /// How many bytes `digest` is of, where it is not the size: what came later is known by `tail`.
        var hashed: Int?
        /// Digests of the beginning and the end of what was read.
        var head: String?
        var tail: String?
        /// 0 where it is not known.
        var inode: UInt64 = 0
        var modified_ns: Int64 = 0
        /// Where reading goes on, and how many lines are before it.
        var offset = 0
        var lines = 0

        var stamp: FileStamp { FileStamp(size: size, modified_ns: modified_ns, inode: inode) }
    }

    /// What a source said of the version that it delivered (RFC 9110, section 8.8).
    struct HTTPMark: Sendable, Hashable {
        /// Of the request, without secrets.
        var address: String
        var etag: String?
        var lastModified: String?
    }

    /// Columns of the last pull, each with the kinds of value that it held (bits of `ColumnWatch`).
    var columns: [String: UInt8] = [:]
    var files: [FileMark] = []
    /// The greatest cursor so far, as text.
    var bookmark: String?
    /// The tie-breaker of its row.
    var tie: String?
    /// When all keys of the table were last read, in seconds since 1970.
    var keysScanned_s: Int?
    /// Digest of the manifest and the contracts under which the last complete pull was mapped.
    var mapping: String?
    /// Digest of the input of the last complete pull.
    var input: String?
    /// Makes the next request a conditional one.
    var http: HTTPMark?
    /// Counters of the last complete pull, for one that finds the same input.
    var read = 0
    var refused = 0
    var records = 0
    var heldBack = 0
    /// Columns that appeared while the contract froze them: they are not taken.
    var frozen: Set<String> = []
    /// How many records the last complete pull had that was not suspiciously short.
    var usual = 0
    /// What was suspicious about the last complete pull.
    var warning: String?
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
            if let hashed = file.hashed, hashed != file.size { writer.member("hashed", .number(String(hashed))) }
            for (name, text) in [("head", file.head), ("tail", file.tail)] { if let text { writer.member(name, string: text) } }
            for (name, number) in [("modified_ns", file.modified_ns), ("offset", Int64(file.offset)), ("lines", Int64(file.lines))] where number != 0 {
                writer.member(name, .number(String(number)))
            }
            if file.inode != 0 { writer.member("inode", .number(String(file.inode))) }
            writer.endObject()
        }
        writer.endArray()
        if let keysScanned_s { writer.member("keys_scanned_s", .number(String(keysScanned_s))) }
        for (name, text) in [("bookmark", bookmark), ("tie", tie), ("mapping", mapping), ("input", input), ("warning", warning)] {
            if let text { writer.member(name, string: text) }
        }
        if let http {
            writer.name("http")
            writer.beginObject()
            for (name, text) in [("address", http.address), ("etag", http.etag), ("last_modified", http.lastModified)] {
                if let text { writer.member(name, string: text) }
            }
            writer.endObject()
        }
        for (name, number) in [("read", read), ("refused", refused), ("records", records), ("held_back", heldBack), ("usual", usual)] {
            writer.member(name, .number(String(number)))
        }
        for (name, number) in [("version", version), ("pending_version", pendingVersion)] {
            if let number { writer.member(name, .number(String(number))) }
        }
        if !frozen.isEmpty { writer.member("frozen", .array(frozen.sorted().map { .text($0) })) }
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
                var file = FileMark(
                    name: mark[member: "name"]?.string ?? "", size: number(mark[member: "size"]), digest: mark[member: "sha256"]?.string ?? "",
                    outcomes: number(mark[member: "outcomes"]), complete: mark[member: "complete"] == .bool(true))
                file.hashed = mark[member: "hashed"]?.string.flatMap { Int($0) }
                (file.head, file.tail) = (mark[member: "head"]?.string, mark[member: "tail"]?.string)
                file.inode = mark[member: "inode"]?.string.flatMap { UInt64($0) } ?? 0
                file.modified_ns = mark[member: "modified_ns"]?.string.flatMap { Int64($0) } ?? 0
                (file.offset, file.lines) = (number(mark[member: "offset"]), number(mark[member: "lines"]))
                return file
            }
        }
        bookmark = value[member: "bookmark"]?.string
        tie = value[member: "tie"]?.string
        keysScanned_s = value[member: "keys_scanned_s"]?.string.flatMap { Int($0) }
        mapping = value[member: "mapping"]?.string
        input = value[member: "input"]?.string
        if let mark = value[member: "http"], let address = mark[member: "address"]?.string {
            http = HTTPMark(address: address, etag: mark[member: "etag"]?.string, lastModified: mark[member: "last_modified"]?.string)
        }
        read = number(value[member: "read"])
        refused = number(value[member: "refused"])
        records = number(value[member: "records"])
        heldBack = number(value[member: "held_back"])
        usual = value[member: "usual"].map { number($0) } ?? records
        warning = value[member: "warning"]?.string
        if case .array(let names)? = value[member: "frozen"] { frozen = Set(names.compactMap(\.string)) }
        version = value[member: "version"]?.string.flatMap { Int64($0) }
        pendingVersion = value[member: "pending_version"]?.string.flatMap { Int64($0) }
    }
}
