import RecordFormats

/// Reads the `input` of an adapter or a stream.
struct InputParsing {
    let file: String

    private static let kinds = ["file", "postgres", "http", "command", "singer", "stdin"]

    func input(_ value: LocatedValue) throws(AdapterError) -> Input {
        let any = try ManifestObject(value, "the input", file: file, known: nil)
        switch try any.requiredString("kind") {
        case "file": return .files(try files(value))
        case "postgres": return .postgres(try table(value))
        case "http": return .http(try http(value))
        case "command": return .command(try command(value))
        case "stdin": return .piped(try piped(value))
        case "singer": return .singer(try tap(value))
        case let kind:
            let nearest = nearestWord(to: kind, in: Self.kinds).map { "The nearest known kind is \"\($0)\"." }
            throw any.fault(
                "\"\(kind)\" is not a kind of input.", at: try any.required("kind"), hint: nearest ?? "Known kinds: \(Self.kinds.joined(separator: ", ")).")
        }
    }

    private func files(_ value: LocatedValue) throws(AdapterError) -> Input.Files {
        let object = try ManifestObject(value, "a file input", file: file, known: ["kind", "path", "format", "settle", "replaced", "samples"])
        guard let patterns = try object.strings("path"), !patterns.isEmpty, patterns.allSatisfy({ !$0.isEmpty }) else {
            throw object.fault("\"path\" is missing in a file input.", at: value)
        }
        let (format, encoding) = try format(try object.required("format"))
        return Input.Files(
            patterns: patterns, format: format, encoding: encoding, settle_s: try object.duration_s("settle") ?? 0,
            replaced: try object.word("replaced", of: Input.Files.Replaced.allCases.map(\.rawValue)).flatMap { Input.Files.Replaced(rawValue: $0) } ?? .refuse,
            samples: try samples(object, format: format, encoding: encoding))
    }

    private func table(_ value: LocatedValue) throws(AdapterError) -> Input.Table {
        let object = try ManifestObject(
            value, "a postgres input", file: file, known: ["kind", "connection", "table", "query", "cursor", "connect_timeout", "statement_timeout", "samples"])
        let connection = try object.secret(try object.required("connection"), "the connection")
        let title: String
        let query: String
        switch (try object.string("table"), try object.string("query")) {
        case (let name?, nil):
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
                throw object.fault("\"table\" must be a name or schema.name.", at: try object.required("table"))
            }
            title = name
            query = "SELECT * FROM " + parts.map { "\"\($0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\"" }
                .joined(separator: ".")
        case (nil, let text?):
            var text = text.trimmed
            if text.hasSuffix(";") { text.removeLast() }
            title = "query"
            query = text
        default: throw object.fault("A postgres input needs either \"table\" or \"query\".", at: value)
        }
        return Input.Table(
            connection: connection, query: query, title: title, connectTimeout_s: try object.duration_s("connect_timeout") ?? 10,
            statementTimeout_s: try object.duration_s("statement_timeout"), samples: try samples(object, format: nil, encoding: nil))
    }

    /// The `cursor` of an input, which its stream takes over.
    func cursor(ofInput value: LocatedValue) -> LocatedValue? { value["cursor"] }

    func samples(_ object: ManifestObject, format: Format?, encoding: String?) throws(AdapterError) -> Input.Samples? {
        guard let value = object["samples"] else { return nil }
        if case .object = value.node {
            let own = try ManifestObject(value, "the samples", file: file, known: ["path", "format"])
            guard let patterns = try own.strings("path"), !patterns.isEmpty else { throw own.fault("\"path\" is missing in the samples.", at: value) }
            if let declared = own["format"] {
                let (format, encoding) = try self.format(declared)
                return Input.Samples(patterns: patterns, format: format, encoding: encoding)
            }
            guard let format else { throw own.fault("\"format\" is missing in the samples.", at: value) }
            return Input.Samples(patterns: patterns, format: format, encoding: encoding)
        }
        guard let format, let patterns = try object.strings("samples"), !patterns.isEmpty else {
            throw object.fault("The samples of a postgres input need { path, format }.", at: value)
        }
        return Input.Samples(patterns: patterns, format: format, encoding: encoding)
    }

    private static let formats = ["csv", "ndjson", "json", "geojson", "inp", "xml", "xlsx"]

    /// A format's name, or an object with its options.
    func format(_ value: LocatedValue) throws(AdapterError) -> (Format, encoding: String?) {
        let kind: String
        let options: ManifestObject
        if case .string(let name) = value.node {
            kind = name
            options = try ManifestObject(LocatedValue(line: value.line, column: value.column, node: .object([])), "the format", file: file, known: nil)
        } else {
            options = try ManifestObject(value, "the format", file: file, known: nil)
            kind = try options.requiredString("kind")
        }
        switch kind {
        case "csv":
            try allow(options, ["encoding", "delimiter", "quote", "header", "trim", "skip_lines"])
            return (.csv(try csv(options)), nil)
        case "ndjson":
            try allow(options, ["encoding"])
            return (.ndjson, try options.string("encoding"))
        case "json":
            try allow(options, ["encoding", "records"])
            return (.json(records: try options.string("records") ?? ""), try options.string("encoding"))
        case "geojson":
            try allow(options, ["encoding"])
            return (.geojson, try options.string("encoding"))
        case "inp":
            try allow(options, ["encoding"])
            return (.inp, try options.string("encoding"))
        case "xml":
            try allow(options, ["encoding", "record"])
            return (.xml(record: try options.requiredString("record"), encoding: try options.string("encoding")), nil)
        case "xlsx":
            try allow(options, ["sheet", "header", "skip_rows"])
            return (.xlsx(try workbook(options)), nil)
        default:
            let nearest = nearestWord(to: kind, in: Self.formats).map { "The nearest known format is \"\($0)\"." }
            throw options.fault(
                "\"\(kind)\" is not a format.", at: value, hint: nearest ?? "Known formats: \(Self.formats.joined(separator: ", ")).")
        }
    }

    private func allow(_ options: ManifestObject, _ known: [String]) throws(AdapterError) {
        _ = try ManifestObject(options.value, "the format", file: file, known: ["kind"] + known)
    }

    private func csv(_ object: ManifestObject) throws(AdapterError) -> CSVOptions {
        var options = CSVOptions()
        if let encoding = try object.string("encoding") { options.encoding = encoding }
        if let delimiter = try object.string("delimiter") { options.delimiter = delimiter }
        if let quote = try object.string("quote") { options.quote = quote }
        if let trim = try object.bool("trim") { options.trim = trim }
        if let skipped = try object.integer("skip_lines") { options.skippedLines = skipped }
        if let header = try header(object) { options.header = header }
        for (name, text) in [("delimiter", options.delimiter), ("quote", options.quote)] {
            let isOne = text.utf8.count == 1 && text.utf8.allSatisfy { $0 < 128 }
            guard isOne || (name == "quote" && text.isEmpty) else {
                throw object.fault("\"\(name)\" of the format must be one ASCII character.", at: object[name] ?? object.value)
            }
        }
        return options
    }

    private func workbook(_ object: ManifestObject) throws(AdapterError) -> WorkbookOptions {
        var options = WorkbookOptions()
        if let sheet = object["sheet"] {
            if case .string(let name) = sheet.node { options.sheet = .name(name) } else { options.sheet = .number(try object.integer("sheet") ?? 1) }
        }
        if let skipped = try object.integer("skip_rows") { options.skippedRows = skipped }
        if let header = try header(object) { options.header = header }
        return options
    }

    private func header(_ object: ManifestObject) throws(AdapterError) -> CSVOptions.Header? {
        guard let header = object["header"] else { return nil }
        switch header.node {
        case .bool(let flag): return flag ? .firstRow : CSVOptions.Header.none
        case .array: return .names(try object.strings("header") ?? [])
        default: throw object.fault("\"header\" of the format must be true, false or a list of column names.", at: header)
        }
    }
}
