import RecordFormats

/// A tap's catalog (Singer specification, "Discovery Mode"): the streams that it could send, of which some are selected.
struct TapCatalog {
    private var document: Value
    private let title: String

    /// Throws `data` where the text is no catalog.
    init(_ bytes: [UInt8], of title: String) throws(AdapterError) {
        self.title = title
        let parsed: Value
        do throws(FormatError) { parsed = try JSONParser.parse(bytes) } catch { throw error.inAdapter(file: title) }
        guard case .array? = parsed[member: "streams"] else {
            throw AdapterError(.data, "The catalog has no list of \"streams\".", file: title, hint: "Call the tap with --discover by hand and look at it.")
        }
        document = parsed
    }

    /// The entries, one a stream.
    var streams: [Value] { if case .array(let entries)? = document[member: "streams"] { entries } else { [] } }

    var text: [UInt8] { JSONWriter.encode(document) }

    /// Selects the streams of the manifest and no others, and says how they are to be replicated.
    /// - Returns: under which names the tap may send each stream.
    mutating func select(_ streams: [Stream]) throws(AdapterError) -> [String: Set<String>] {
        guard case .array(let entries)? = document[member: "streams"] else { return [:] }
        var names: [String: Set<String>] = [:]
        var known: Set<String> = []
        var selected: [Value] = []
        for entry in entries {
            let own = Set(["tap_stream_id", "stream"].compactMap { entry[member: $0]?.string })
            known.formUnion(own)
            let wanting = streams.filter { stream in stream.tap.map { own.contains($0.name) } ?? false }
            for stream in wanting { names[stream.name] = own }
            selected.append(Self.entry(entry, for: wanting))
        }
        for stream in streams where names[stream.name] == nil {
            let name = stream.tap?.name ?? stream.name
            let nearest = nearestWord(to: name, in: known.sorted()).map { "The nearest one is \"\($0)\"." }
            throw AdapterError(
                .configuration, "Stream \"\(stream.name)\": the tap knows no stream \"\(name)\".", file: title,
                hint: nearest ?? "It knows \(known.sorted().prefix(20).joined(separator: ", ")). Name one with \"tap_stream\".")
        }
        document.set("streams", .array(selected))
        return names
    }

    /// The keys are those of metadata as taps read it, and those of the top level that Meltano's SDK reads too.
    private static func entry(_ entry: Value, for streams: [Stream]) -> Value {
        var entry = entry
        let isSelected = !streams.isEmpty
        let tap = streams.compactMap(\.tap).first
        let dropped = Set(streams.flatMap { $0.personal.filter { $0.value == .drop }.keys })
        var metadata: [Value] = []
        if case .array(let found)? = entry[member: "metadata"] { metadata = found }
        if !metadata.contains(where: { $0[member: "breadcrumb"] == .array([]) }) {
            metadata.append(.object([Member(name: "breadcrumb", value: .array([])), Member(name: "metadata", value: .object([]))]))
        }
        for index in metadata.indices {
            var inner = metadata[index][member: "metadata"] ?? .object([])
            switch metadata[index][member: "breadcrumb"] {
            case .array([])?:
                inner.set("selected", .bool(isSelected))
                if let method = tap?.replicationMethod { inner.set("replication-method", .text(method)) }
                if let key = tap?.replicationKey { inner.set("replication-key", .text(key)) }
            case .array(let path)? where path.count == 2 && path[0] == .text("properties"):
                // Automatic ones come anyway, unsupported ones never.
                guard isSelected, inner[member: "inclusion"] == .text("available"), let column = path[1].string else { continue }
                inner.set("selected", .bool(!dropped.contains(column)))
            default: continue
            }
            metadata[index].set("metadata", inner)
        }
        entry.set("metadata", .array(metadata))
        entry.set("selected", .bool(isSelected))
        if let method = tap?.replicationMethod { entry.set("replication_method", .text(method)) }
        if let key = tap?.replicationKey { entry.set("replication_key", .text(key)) }
        return entry
    }
}

extension Value {
    /// Sets a member of an object.
    fileprivate mutating func set(_ name: String, _ value: Value) {
        guard case .object(var members) = self else { return }
        if let place = members.firstIndex(where: { $0.name == name }) { members[place].value = value } else { members.append(Member(name: name, value: value)) }
        self = .object(members)
    }
}

/// A tap's STATE as it is kept.
struct TapState {
    /// The STATE without what it says of these streams: whoever has forgotten a stream wants it from its beginning.
    static func without(_ streams: Set<String>, in state: String) -> String {
        guard !streams.isEmpty, let value = try? JSONParser.parse(state), case .object(var members) = value else { return state }
        for index in members.indices where members[index].name == "bookmarks" {
            guard case .object(let bookmarks) = members[index].value else { continue }
            members[index].value = .object(bookmarks.filter { !streams.contains($0.name) })
        }
        return String(decoding: JSONWriter.encode(.object(members)), as: UTF8.self)
    }

    /// Whether a STATE says nothing: it never takes the place of one that does.
    static func isEmpty(_ state: String) -> Bool { ["null", "{}", "[]", "\"\""].contains(state) }
}
