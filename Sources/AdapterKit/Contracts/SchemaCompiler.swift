import Foundation
import RecordFormats

/// Turns the JSON of a schema into nodes.
struct SchemaCompiler {
    private var nodes: [SchemaNode] = []
    /// By JSON pointer, as `$ref` names them.
    private var places: [String: SchemaNode] = [:]

    /// Keywords that say something to people only; so does every one that begins with `x-`.
    private static let silent: Set<String> = ["$schema", "$comment", "title", "description", "examples", "default", "deprecated", "readOnly", "writeOnly"]

    /// Compiles a whole schema.
    mutating func schema(_ value: Value) throws -> SchemaNode {
        let root = try compile(value, at: "#")
        for node in nodes {
            guard let reference = node.reference else { continue }
            guard let target = places[reference.removingPercentEncoding ?? reference] else { throw fault("\(reference) leads nowhere in this schema") }
            node.allOf.append(target)
        }
        var states: [ObjectIdentifier: Bool] = [:]
        for node in nodes { try requireEnd(node, &states) }
        return root
    }

    /// Schemas that lead back to themselves on the same value would never end.
    private func requireEnd(_ node: SchemaNode, _ states: inout [ObjectIdentifier: Bool]) throws {
        if let done = states[ObjectIdentifier(node)] {
            if done { return }
            throw fault("a $ref leads back to itself without going into the value")
        }
        states[ObjectIdentifier(node)] = false
        for inner in node.allOf + node.anyOf + node.oneOf + (node.limits?.inPlace ?? []) { try requireEnd(inner, &states) }
        states[ObjectIdentifier(node)] = true
    }

    /// A schema object, or `true` and `false`.
    private mutating func compile(_ schema: Value, at place: String) throws -> SchemaNode {
        let node = SchemaNode()
        nodes.append(node)
        places[place] = node
        switch schema {
        case .bool(let flag): node.never = !flag
        case .object(let members):
            for member in members {
                let inside = place + "/" + member.name
                guard try !compile(member.name, member.value, into: node, at: inside) else { continue }
                var limits = node.limits ?? SchemaLimits()
                guard try !compile(member.name, member.value, into: &limits, at: inside) else {
                    node.limits = limits
                    continue
                }
                guard Self.silent.contains(member.name) || member.name.hasPrefix("x-") || (member.name == "$id" && place == "#") else {
                    throw fault("\"\(member.name)\" is not a keyword that is known here")
                }
            }
        default: throw fault("a schema must be an object, true or false")
        }
        return node
    }

    /// The keywords that nearly every contract has. False: it is none of them.
    private mutating func compile(_ name: String, _ value: Value, into node: SchemaNode, at place: String) throws -> Bool {
        switch name {
        case "type": node.kinds = try texts(value).reduce(into: SchemaNode.Kinds()) { $0.formUnion(try kind($1)) }
        case "required": node.required = try texts(value)
        case "properties": node.properties = try named(value, at: place)
        case "additionalProperties": node.additional = value == .bool(true) ? nil : try compile(value, at: place)
        case "enum":
            guard case .array(let values) = value else { throw fault("\"enum\" must be an array") }
            node.allowed = (node.allowed ?? values).filter { known in values.contains { SchemaNode.same($0, known) } }
        case "const": node.allowed = (node.allowed ?? [value]).filter { SchemaNode.same($0, value) }
        case "minimum": node.minimum = try number(value)
        case "maximum": node.maximum = try number(value)
        case "minLength": node.minLength = try count(value)
        case "maxLength": node.maxLength = try count(value)
        case "minItems": node.minItems = try count(value)
        case "maxItems": node.maxItems = try count(value)
        case "pattern": node.pattern = try pattern(value.string ?? "")
        case "items": node.items = try compile(value, at: place)
        case "format":
            guard value == .text("date-time") else { throw fault("only the format date-time is known") }
            node.isDateTime = true
        case "$ref":
            guard case .text(let reference) = value, reference.hasPrefix("#") else { throw fault("a $ref must lead into the same schema: #/…") }
            node.reference = reference
        case "$defs": _ = try named(value, at: place)
        case "anyOf": node.anyOf = try schemas(value, at: place)
        case "oneOf": node.oneOf = try schemas(value, at: place)
        case "allOf": node.allOf += try schemas(value, at: place)
        default: return false
        }
        return true
    }

    private mutating func compile(_ name: String, _ value: Value, into limits: inout SchemaLimits, at place: String) throws -> Bool {
        switch name {
        case "exclusiveMinimum": limits.exclusiveMinimum = try number(value)
        case "exclusiveMaximum": limits.exclusiveMaximum = try number(value)
        case "multipleOf":
            guard case .number(let digits) = value, try number(value) > 0 else { throw fault("\"multipleOf\" must be a number above 0") }
            limits.multipleOf = digits
        case "minProperties": limits.minProperties = try count(value)
        case "maxProperties": limits.maxProperties = try count(value)
        case "uniqueItems": limits.uniqueItems = value == .bool(true)
        case "prefixItems": limits.prefixItems = try schemas(value, at: place)
        case "contains": limits.contains = try compile(value, at: place)
        case "minContains": limits.minContains = try count(value)
        case "maxContains": limits.maxContains = try count(value)
        case "patternProperties": limits.patternProperties = try named(value, at: place).map { (try pattern($0.name), $0.node) }
        case "propertyNames": limits.propertyNames = try compile(value, at: place)
        case "dependentRequired":
            guard case .object(let members) = value else { throw fault("\"dependentRequired\" must be an object") }
            limits.dependentRequired = try members.map { ($0.name, try texts($0.value)) }
        case "dependentSchemas": limits.dependentSchemas = try named(value, at: place)
        case "not": limits.not = try compile(value, at: place)
        case "if": limits.condition = try compile(value, at: place)
        case "then": limits.then = try compile(value, at: place)
        case "else": limits.otherwise = try compile(value, at: place)
        default: return false
        }
        return true
    }

    private mutating func named(_ value: Value, at place: String) throws -> [(name: String, node: SchemaNode)] {
        guard case .object(let members) = value else { throw fault("an object of schemas is expected") }
        var nodes: [(String, SchemaNode)] = []
        for member in members {
            // RFC 6901: a slash is ~1, a tilde ~0.
            let token = member.name.replacing("~", with: "~0").replacing("/", with: "~1")
            nodes.append((member.name, try compile(member.value, at: place + "/" + token)))
        }
        return nodes
    }

    private func pattern(_ text: String) throws -> ValuePattern {
        guard let pattern = ValuePattern(text) else { throw fault("\"\(text)\" is no regular expression") }
        return pattern
    }

    private func count(_ value: Value) throws -> Int {
        guard let count = Int(exactly: try number(value)), count >= 0 else { throw fault("a whole number is expected") }
        return count
    }

    private mutating func schemas(_ value: Value, at place: String) throws -> [SchemaNode] {
        guard case .array(let values) = value, !values.isEmpty else { throw fault("a combination needs a list of schemas") }
        var compiled: [SchemaNode] = []
        for (number, value) in values.enumerated() { compiled.append(try compile(value, at: "\(place)/\(number)")) }
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
