import RecordFormats

/// Notes which columns a pull delivers, and of what kinds their values are, to tell drift.
struct ColumnWatch {
    private let watchesKinds: Bool
    /// Members of objects that the mapping reads, with their kinds; nil where none was met.
    private var paths: [(name: String, kinds: UInt8?)]
    private var shapes: [ObjectIdentifier: Int] = [:]
    /// With whether rows of a shape came that were not looked into.
    private var seen: [(shape: RecordShape, kinds: [UInt8], isPassed: Bool)] = []
    private var last: (shape: RecordShape, index: Int)?

    private static let names = ["boolean", "number", "text", "array", "object"]

    /// - Parameter used: the columns that the mapping reads; paths into objects are watched as columns are.
    init(watchesKinds: Bool, used: [String] = []) {
        self.watchesKinds = watchesKinds
        paths = watchesKinds ? used.filter(Self.isPath).map { ($0, nil) } : []
    }

    /// Whether a name may be that of an object's member, which a shape does not tell.
    static func isPath(_ name: String) -> Bool { name.utf8.contains(UInt8(ascii: ".")) }

    /// Cheap for records of one shape.
    mutating func note(_ record: Record) {
        let index = index(of: record.shape)
        guard watchesKinds else { return }
        for (column, value) in record.values.enumerated() { seen[index].kinds[column] |= Self.bit(value) }
        notePaths(record)
    }

    /// The members of objects alone: of the parts of a record that is spread.
    mutating func notePaths(_ record: Record) {
        for (number, path) in paths.enumerated() {
            if let value = record[path.name] { paths[number].kinds = (path.kinds ?? 0) | Self.bit(value) }
        }
    }

    /// The columns of a record that is what it was: its values are of no new kind.
    mutating func note(_ shape: RecordShape) { seen[index(of: shape)].isPassed = true }

    /// All columns met, with their kinds (0 where kinds are not watched or only null was met).
    /// - Parameter before: columns of the pull before: what was not looked into says what it said then.
    func columns(before: [String: UInt8]) -> [String: UInt8] {
        var columns: [String: UInt8] = [:]
        for path in paths { columns[path.name] = path.kinds }
        for (shape, kinds, isPassed) in seen {
            for (name, kind) in zip(shape.names, kinds) { columns[name, default: 0] |= kind | (isPassed && watchesKinds ? before[name] ?? 0 : 0) }
        }
        return columns
    }

    static func words(_ kinds: UInt8) -> [String] { names.indices.filter { kinds & (1 << UInt8($0)) != 0 }.map { names[$0] } }

    private mutating func index(of shape: RecordShape) -> Int {
        if let last, last.shape === shape { return last.index }
        let index: Int
        if let known = shapes[ObjectIdentifier(shape)] {
            index = known
        } else {
            index = seen.count
            seen.append((shape, [UInt8](repeating: 0, count: shape.names.count), false))
            shapes[ObjectIdentifier(shape)] = index
        }
        last = (shape, index)
        return index
    }

    private static func bit(_ value: Value) -> UInt8 {
        switch value {
        case .null: 0
        case .bool: 1
        case .number: 2
        case .text: 4
        case .array: 8
        case .object: 16
        }
    }
}

/// How the columns of a pull differ from those of the pull before.
struct Drift: Sendable, Hashable {
    var appeared: [String] = []
    var vanished: [String] = []
    /// Columns whose values are of a kind that they never were before.
    var retyped: [String] = []
    private var kinds: [String: (before: UInt8, now: UInt8)] = [:]
    private var columns: (before: [String], now: [String]) = ([], [])
    /// More names than this are not repeated.
    private static let mostNames = 500

    static func == (a: Drift, b: Drift) -> Bool { a.appeared == b.appeared && a.vanished == b.vanished && a.retyped == b.retyped }
    func hash(into hasher: inout Hasher) { hasher.combine(appeared) }

    /// - Parameter complete: whether the pull would show every column that the source has.
    init(before: [String: UInt8], now: [String: UInt8], complete: Bool) {
        guard !before.isEmpty, !now.isEmpty else { return }
        columns = (before.keys.sorted(), now.keys.sorted())
        appeared = now.keys.filter { before[$0] == nil }.sorted()
        if complete { vanished = before.keys.filter { now[$0] == nil }.sorted() }
        for (name, kind) in now {
            guard let old = before[name], old != 0, kind & ~old != 0 else { continue }
            retyped.append(name)
            kinds[name] = (old, kind)
        }
        retyped.sort()
    }

    var isEmpty: Bool { appeared.isEmpty && vanished.isEmpty && retyped.isEmpty }

    /// The payload of `source.drifted`.
    func payload(stream: String) -> [UInt8] {
        var members = [Member(name: "stream", value: .text(stream))]
        func texts(_ names: [String]) -> Value { .array(names.map { .text($0) }) }
        if !appeared.isEmpty { members.append(Member(name: "appeared", value: texts(appeared))) }
        if !vanished.isEmpty { members.append(Member(name: "vanished", value: texts(vanished))) }
        if !retyped.isEmpty {
            let changes = retyped.map { name in
                Value.object([
                    Member(name: "column", value: .text(name)),
                    Member(name: "before", value: texts(ColumnWatch.words(kinds[name]?.before ?? 0))),
                    Member(name: "now", value: texts(ColumnWatch.words(kinds[name]?.now ?? 0))),
                ])
            }
            members.append(Member(name: "retyped", value: .array(changes)))
        }
        if !appeared.isEmpty || !vanished.isEmpty, max(columns.before.count, columns.now.count) <= Self.mostNames {
            members.append(Member(name: "before", value: texts(columns.before)))
            members.append(Member(name: "now", value: texts(columns.now)))
        }
        return JSONWriter.encode(.object(members))
    }

    /// In words, for the command line.
    var sentence: String {
        var parts: [String] = []
        if !appeared.isEmpty { parts.append("new: \(appeared.joined(separator: ", "))") }
        if !vanished.isEmpty { parts.append("gone: \(vanished.joined(separator: ", "))") }
        if !retyped.isEmpty { parts.append("other kind: \(retyped.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }
}
