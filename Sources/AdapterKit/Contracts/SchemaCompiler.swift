import RecordFormats

/// Turns the JSON of a schema into nodes.
struct SchemaCompiler {
    private var nodes: [SchemaNode] = []
    private var definitions: [String: SchemaNode] = [:]

    private static let silent: Set<String> = ["$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default", "deprecated"]

    /// Compiles a whole schema with its `$defs`.
    mutating func schema(_ value: Value) throws -> SchemaNode {
        let root = try compile(value)
        if case .object(let members)? = value[member: "$defs"] {
            for member in members { definitions["#/$defs/" + member.name] = try compile(member.value) }
        }
        for node in nodes {
            guard let reference = node.reference else { continue }
            guard let target = definitions[reference] else { throw fault("\(reference) leads nowhere") }
            node.allOf.append(target)
        }
        return root
    }

    /// A schema object, or `true` and `false`.
    private mutating func compile(_ schema: Value) throws -> SchemaNode {
        let node = SchemaNode()
        nodes.append(node)
        switch schema {
        case .bool(let flag): node.never = !flag
        case .object(let members):
            for member in members { try compile(member, into: node) }
        default: throw fault("a schema must be an object, true or false")
        }
        return node
    }

    private mutating func compile(_ member: Member, into node: SchemaNode) throws {
        let value = member.value
        switch member.name {
        case "type": node.kinds = try texts(value).reduce(into: SchemaNode.Kinds()) { $0.formUnion(try kind($1)) }
        case "required": node.required = try texts(value)
        case "properties":
            guard case .object(let members) = value else { throw fault("\"properties\" must be an object") }
            for member in members { node.properties.append((member.name, try compile(member.value))) }
        case "additionalProperties": node.additional = value == .bool(true) ? nil : try compile(value)
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
            node.pattern = SchemaNode.Pattern(text: text, regex: regex)
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

    private mutating func schemas(_ value: Value) throws -> [SchemaNode] {
        guard case .array(let values) = value, !values.isEmpty else { throw fault("a combination needs a list of schemas") }
        var compiled: [SchemaNode] = []
        for value in values { compiled.append(try compile(value)) }
        return compiled
    }

    private func texts(_ value: Value) throws -> [String] {
        if case .text(let text) = value { return [text] }
        guard case .array(let values) = value else { throw fault("a text or a list of texts is expected") }
        return try values.map {
            guard case .text(let text) = $0 else { throw fault("a text is expected") }
            return text
        }
    }

    private func kind(_ name: String) throws -> SchemaNode.Kinds {
        guard let kind = SchemaNode.Kinds.names.first(where: { $0.name == name }) else { throw fault("\"\(name)\" is not a type") }
        return kind.kind
    }

    private func number(_ value: Value) throws -> Double {
        guard case .number(let digits) = value, let number = Double(digits) else { throw fault("a number is expected") }
        return number
    }

    private func fault(_ text: String) -> JSONSchema.Fault { JSONSchema.Fault(description: text) }
}
