import RecordFormats

/// A JSON Schema (draft 2020-12), compiled.
///
/// Known are `type, enum, const`, `minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf`, `minLength, maxLength, pattern`,
/// `format` with `date-time` alone (which is asserted; leap seconds are none), `items, prefixItems, contains, minContains, maxContains,
/// minItems, maxItems, uniqueItems`, `properties, patternProperties, additionalProperties, propertyNames, required, minProperties,
/// maxProperties, dependentRequired, dependentSchemas`, `allOf, anyOf, oneOf, not, if, then, else`, `$defs` and `$ref` into the same schema by
/// JSON pointer. Annotations are read over. Any other keyword (`$id` below the root, `$anchor`, `$dynamicRef`, `unevaluated…`, other formats)
/// is an error when the schema is compiled: none is ever ignored.
package struct JSONSchema: Sendable {
    let root: SchemaNode

    /// A mistake in the schema itself.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    /// Compiles a schema's text; throws `Fault` where it is none, or uses more than the subset.
    package init(_ text: String) throws {
        let value: Value
        do { value = try JSONParser.parse(text) } catch { throw Fault(description: "\(error)") }
        var compiler = SchemaCompiler()
        root = try compiler.schema(value)
    }

    /// The names of the root's properties, sorted: what a payload is known to say.
    package var propertyNames: [String] { root.properties.map(\.name).sorted() }

    /// The JSON types that a property of the root may have; nothing where it may have any.
    func kinds(of property: String) -> [String] {
        guard let kinds = root.properties.first(where: { $0.name == property })?.node.kinds else { return [] }
        return SchemaNode.Kinds.names.filter { kinds.contains($0.kind) }.map(\.name)
    }

    /// What is wrong with a value, as a sentence with a path and without the value; nil where it fits.
    package func violation(in value: Value) -> String? { root.violation(value)?.description }
}

/// A rule that a value breaks, and where: the path grows on the way back, so that values that fit cost nothing for it.
struct Violation: CustomStringConvertible {
    /// Innermost first.
    private(set) var path: [String]
    let message: String

    init(_ message: String, at member: String? = nil) {
        self.message = message
        path = member.map { [$0] } ?? []
    }

    func inside(_ member: String) -> Violation {
        var outer = self
        outer.path.append(member)
        return outer
    }

    var description: String { (path.isEmpty ? "The payload" : "\"\(path.reversed().joined(separator: "/"))\"") + " " + message }
}
