import RecordFormats

/// Compiles the expressions and conditions of one stream.
struct ExpressionParsing {
    let file: String
    var scope = ColumnScope()

    private static let forms = ["from", "const", "template", "object", "first", "array", "point", "join"]
    private static let columnKeys = [
        "from", "type", "format", "zone", "map", "otherwise", "null", "only", "collect", "match", "split", "at", "unit", "thousands", "decimal_mark", "default", "crs",
        "period",
    ]
    /// Keys that stand beside a form other than `from`.
    private static let besides = ["point": ["crs", "order"], "join": ["with"]]
    private static let types = ["text", "integer", "decimal", "boolean", "date", "datetime", "year", "json", "geometry"]

    init(file: String) { self.file = file }

    /// A text is a column; an object is one of the forms.
    mutating func expression(_ value: LocatedValue) throws(AdapterError) -> Expression {
        switch value.node {
        case .string(let name):
            guard !name.isEmpty else { throw fault("An expression is empty. Name a column, or write { const: \"\" }.", at: value) }
            return .column(ColumnExpression(slot: scope.slot(name), name: name))
        case .object: return try form(value)
        default:
            throw fault("An expression must be a column's name or an object. Write { const: … } for a fixed value.", at: value)
        }
    }

    private mutating func form(_ value: LocatedValue) throws(AdapterError) -> Expression {
        let object = try ManifestObject(value, "an expression", file: file, known: Self.forms + Self.columnKeys.dropFirst() + ["order", "with"])
        let used = Self.forms.filter { object[$0] != nil }
        guard used.count == 1, let form = used.first else {
            throw fault("An expression needs exactly one of \(Self.forms.joined(separator: ", ")).", at: value)
        }
        let besides = form == "from" ? Self.columnKeys : Self.besides[form] ?? []
        if let other = object.all.first(where: { $0.name != form && !besides.contains($0.name) }) {
            throw AdapterError(
                .configuration, "\"\(other.name)\" does not go with \"\(form)\" in an expression.", file: file, line: other.line, column: other.column)
        }
        let content = try object.required(form)
        switch form {
        case "const": return .constant(content.plain)
        case "template": return .template(try template(try object.requiredString("template"), at: content))
        case "object": return .object(try members(content))
        case "first": return .first(try list(content, "first"))
        case "array": return .array(try list(content, "array"))
        case "point": return try point(content, object)
        case "join":
            let parts: [Expression] = if case .array = content.node { try list(content, "join") } else { [try expression(content)] }
            return .joined(parts, separator: try object.string("with") ?? "")
        default:
            guard case .object = content.node else { return .column(try column(object, name: try object.requiredString("from"))) }
            let inner = try expression(content)
            let column = try self.column(object, name: inner.columnNames.joined(separator: ", "), derived: true)
            if column.collect { throw object.fault("\"collect\" goes with a column, not with an expression.", at: content) }
            return .converted(inner, column)
        }
    }

    /// `{ point: [longitude, latitude] }`, or one expression that gives both.
    private mutating func point(_ content: LocatedValue, _ object: ManifestObject) throws(AdapterError) -> Expression {
        let system = try system(object)
        let latitudeFirst = try object.word("order", of: ["lon,lat", "lat,lon"]) == "lat,lon"
        guard case .array = content.node else { return .pair(numeric(try expression(content)), latitudeFirst: latitudeFirst, system) }
        let parts = try list(content, "point")
        guard parts.count == 2 else { throw fault("\"point\" needs two expressions: longitude, latitude.", at: content) }
        let (x, y) = (numeric(parts[0]), numeric(parts[1]))
        return latitudeFirst ? .point(longitude: y, latitude: x, system) : .point(longitude: x, latitude: y, system)
    }

    /// A bare column in a point is a decimal number.
    private func numeric(_ expression: Expression) -> Expression {
        switch expression {
        case .column(var column) where column.type == .asGiven:
            column.type = .decimal
            return .column(column)
        case .converted(let inner, var column) where column.type == .asGiven:
            column.type = .decimal
            return .converted(inner, column)
        default: return expression
        }
    }

    private mutating func list(_ value: LocatedValue, _ form: String) throws(AdapterError) -> [Expression] {
        guard case .array(let items) = value.node, !items.isEmpty else { throw fault("\"\(form)\" needs a list of expressions.", at: value) }
        var parts: [Expression] = []
        for item in items { parts.append(try expression(item)) }
        return parts
    }

    /// The members of a payload or object.
    mutating func members(_ value: LocatedValue) throws(AdapterError) -> [NamedExpression] {
        let object = try ManifestObject(value, "a payload or object", file: file, known: nil)
        var members: [NamedExpression] = []
        for member in object.all { members.append(NamedExpression(name: member.name, expression: try expression(member.value))) }
        return members
    }

    /// - Parameter derived: the value comes from an expression, not from a column.
    private mutating func column(_ object: ManifestObject, name: String, derived: Bool = false) throws(AdapterError) -> ColumnExpression {
        var column = ColumnExpression(slot: derived ? -1 : scope.slot(name), name: name)
        column.type = try type(object)
        column.nullWords = Set(try object.strings("null") ?? [])
        column.only = Set(try object.strings("only") ?? [])
        column.collect = try object.bool("collect") ?? false
        if let word = try object.word("otherwise", of: ColumnExpression.Otherwise.allCases.map(\.rawValue)) {
            column.otherwise = ColumnExpression.Otherwise(rawValue: word)
        }
        if let map = object["map"] { column.map = try self.map(map) }
        column.shaping = try shaping(object, column.type)
        if column.otherwise != nil, column.map == nil, column.type == .asGiven, column.shaping?.match == nil {
            throw object.fault("\"otherwise\" needs a \"map\", a \"match\" or a \"type\" beside it.", at: try object.required("otherwise"))
        }
        if column.collect, let split = column.shaping?.split, split.at == nil {
            throw object.fault("\"collect\" with \"split\" needs \"at\": lists are not put into lists.", at: object.value)
        }
        if let place = object["period"] {
            guard case .date = column.type else { throw object.fault("\"period\" goes with type \"date\".", at: place) }
            column.period = try object.word("period", of: ColumnExpression.Period.allCases.map(\.rawValue)).flatMap(ColumnExpression.Period.init)
        }
        if let place = object["crs"] {
            guard column.type == .geometry else { throw object.fault("\"crs\" goes with type \"geometry\" or with \"point\".", at: place) }
            column.system = try system(object)
        }
        if !column.only.isEmpty {
            let only = try object.required("only")
            guard column.type == .geometry else { throw object.fault("\"only\" goes with type \"geometry\".", at: only) }
            if let unknown = column.only.first(where: { geometryParts[$0] == nil }) {
                let nearest = nearestWord(to: unknown, in: geometryParts.keys.sorted()).map { "The nearest known one is \"\($0)\"." }
                throw object.fault("\"\(unknown)\" is not a geometry type.", at: only, hint: nearest)
            }
        }
        return column
    }

    private func system(_ object: ManifestObject) throws(AdapterError) -> ReferenceSystem? {
        guard let name = try object.string("crs") else { return nil }
        guard let system = ReferenceSystem(name) else {
            throw object.fault(
                "\"\(name)\" is not a reference system.", at: try object.required("crs"),
                hint: "Write WGS 84, GCJ-02, BD-09, EPSG:<number> or local:<name>.")
        }
        return system
    }

    private func map(_ value: LocatedValue) throws(AdapterError) -> [String: Value] {
        let object = try ManifestObject(value, "a map", file: file, known: nil)
        var map: [String: Value] = [:]
        for member in object.all { map[member.name.trimmed] = member.value.plain }
        return map
    }

    private func type(_ object: ManifestObject) throws(AdapterError) -> ValueType {
        guard let place = object["type"] else {
            if let format = object["format"] { throw object.fault("\"format\" goes with type \"date\" or \"datetime\".", at: format) }
            return .asGiven
        }
        let name = try object.requiredString("type")
        if name != "date", name != "datetime" {
            for key in ["format", "zone"] {
                if let value = object[key] { throw object.fault("\"\(key)\" goes with type \"date\" or \"datetime\".", at: value) }
            }
        }
        switch name {
        case "text": return .text
        case "integer": return .integer
        case "decimal": return .decimal
        case "boolean": return .boolean
        case "year": return .year
        case "json": return .json
        case "geometry": return .geometry
        case "date": return .date(try pattern(object) ?? .iso8601, try zone(object))
        case "datetime": return .datetime(try pattern(object) ?? .iso8601, try zone(object))
        default:
            let nearest = nearestWord(to: name, in: Self.types).map { "The nearest known type is \"\($0)\"." }
            throw object.fault("\"\(name)\" is not a type.", at: place, hint: nearest ?? "Known types: \(Self.types.joined(separator: ", ")).")
        }
    }

    private func pattern(_ object: ManifestObject) throws(AdapterError) -> DatePattern? {
        guard let text = try object.string("format") else { return nil }
        switch DatePattern.compile(text) {
        case .success(let pattern): return pattern
        case .failure(let fault):
            throw object.fault(
                "The pattern \"\(text)\" \(fault.reason).", at: try object.required("format"),
                hint: "Known fields: yyyy yy M MM MMM d dd H HH h hh m mm s ss S a X; or iso8601, epoch_s, epoch_ms.")
        }
    }

    private func zone(_ object: ManifestObject) throws(AdapterError) -> Zone? {
        guard let name = try object.string("zone") else { return nil }
        guard let zone = Zones.named(name) else {
            throw object.fault("\"\(name)\" is not a time zone.", at: try object.required("zone"), hint: "Write a name such as Asia/Shanghai, UTC or an offset such as +08:00.")
        }
        return zone
    }

    /// `"弄{a}号{b}"`; `{{` and `}}` are braces.
    mutating func template(_ text: String, at value: LocatedValue) throws(AdapterError) -> [Expression.TemplatePart] {
        var parts: [Expression.TemplatePart] = []
        var literal = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                literal.append(character)
                rest.removeFirst()
            case "{":
                guard let end = rest.firstIndex(of: "}") else { throw fault("The template has a brace that is not closed.", at: value) }
                let name = String(rest[..<end])
                guard !name.isEmpty else { throw fault("The template has braces without a column.", at: value) }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(.column(slot: scope.slot(name), name: name))
                rest = rest[rest.index(after: end)...]
            case "}": throw fault("The template has a closing brace without its partner; write }} for a brace.", at: value)
            default: literal.append(character)
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    /// A subject: a text is a template here.
    mutating func subject(_ value: LocatedValue) throws(AdapterError) -> Expression {
        guard case .string(let text) = value.node else { return try expression(value) }
        let parts = try template(text, at: value)
        guard case .literal(let start)? = parts.first, let slash = start.firstIndex(of: "/"), String(start[..<slash]).isKind else {
            throw fault("A subject must begin with a kind and a slash, such as \"building/{id}\".", at: value)
        }
        return .template(parts)
    }

    private func fault(_ message: String, at value: LocatedValue) -> AdapterError {
        AdapterError(.configuration, message, file: file, line: value.line, column: value.column)
    }
}

extension String {
    /// `building_part`: the first part of a subject.
    var isKind: Bool {
        guard let first = utf8.first, (97...122).contains(first) else { return false }
        return utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
    }
}
