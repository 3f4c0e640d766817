import RecordFormats

/// Turns the JSON of a schema into nodes.
struct SchemaCompiler {
    private var nodes: [JSONSchema.Node] = []
    private var definitions: [String: Int] = [:]

    private static let silent: Set<String> = ["$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default", "deprecated"]

    mutating func define(_ schema: Value) throws {
        guard case .object(let members)? = schema[member: "$defs"] else { return }
        for member in members { definitions["#/$defs/" + member.name] = try compile(member.value) }
    }

    /// The nodes with every reference led to its definition.
    func resolved() throws -> [JSONSchema.Node] {
        try nodes.map { node in
            guard let reference = node.reference else { return node }
            guard let target = definitions[reference] else { throw fault("\(reference) leads nowhere") }
            var node = node
            node.allOf.append(target)
            return node
        }
    }

    /// Compiles a schema object, or `true` and `false`; returns its number.
    mutating func compile(_ schema: Value) throws -> Int {
        var node = JSONSchema.Node()
        let index = nodes.count
        nodes.append(node)
        switch schema {
        case .bool(let flag): node.never = !flag
        case .object(let members):
            for member in members { try compile(member, into: &node) }
        default: throw fault("a schema must be an object, true or false")
        }
        nodes[index] = node
        return index
    }

    private mutating func compile(_ member: Member, into node: inout JSONSchema.Node) throws {
        let value = member.value
        switch member.name {
        case "type": node.types = Set(try texts(value).map(kind))
        case "required": node.required = try texts(value)
        case "properties":
            guard case .object(let members) = value else { throw fault("\"properties\" must be an object") }
            for member in members { node.properties[member.name] = try compile(member.value) }
        case "additionalProperties":
            switch value {
            case .bool(let flag): node.additional = flag ? .allowed : .refused
            default: node.additional = .schema(try compile(value))
            }
        case "enum":
            guard case .array(let values) = value else { throw fault("\"enum\" must be an array") }
            node.allowed = values
        case "const": node.allowed = [value]
        case "minimum": node.minimum = try number(value)
        case "maximum": node.maximum = try number(value)
        case "minLength": node.minLength = Int(try number(value))
        case "maxLength": node.maxLength = Int(try number(value))
        case "minItems": node.minItems = Int(try number(value))
        case "maxItems": node.maxItems = Int(try number(value))
        case "pattern":
            guard case .text(let text) = value, let regex = try? Regex(text) else { throw fault("\"pattern\" is no regular expression") }
            node.pattern = JSONSchema.Pattern(text: text, regex: regex)
        case "items": node.items = try compile(value)
        case "format":
            guard value == .text("date-time") else { throw fault("only the format date-time is known") }
            node.isDateTime = true
        case "$ref": node.reference = value.string
        case "anyOf": node.anyOf = try schemas(value)
        case "oneOf": node.oneOf = try schemas(value)
        case "allOf": node.allOf += try schemas(value)
        default:
            guard Self.silent.contains(member.name) else { throw fault("\"\(member.name)\" is not in the subset of JSON Schema that is known here") }
        }
    }

    private mutating func schemas(_ value: Value) throws -> [Int] {
        guard case .array(let values) = value, !values.isEmpty else { throw fault("a combination needs a list of schemas") }
        var indices: [Int] = []
        for value in values { indices.append(try compile(value)) }
        return indices
    }

    private func texts(_ value: Value) throws -> [String] {
        if case .text(let text) = value { return [text] }
        guard case .array(let values) = value else { throw fault("a text or a list of texts is expected") }
        return try values.map {
            guard case .text(let text) = $0 else { throw fault("a text is expected") }
            return text
        }
    }

    private func kind(_ name: String) throws -> JSONSchema.Kind {
        guard let kind = JSONSchema.Kind(rawValue: name) else { throw fault("\"\(name)\" is not a type") }
        return kind
    }

    private func number(_ value: Value) throws -> Double {
        guard case .number(let digits) = value, let number = Double(digits) else { throw fault("a number is expected") }
        return number
    }

    private func fault(_ text: String) -> JSONSchema.Fault { JSONSchema.Fault(description: text) }
}
