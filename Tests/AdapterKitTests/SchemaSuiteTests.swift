import Foundation
import RecordFormats
import Testing
@testable import AdapterKit

/// The official test suite of JSON Schema, draft 2020-12, where it is there: it is not shipped.
///
///     git clone https://github.com/json-schema-org/JSON-Schema-Test-Suite /tmp/suite
///     TWINHUB_JSON_SCHEMA_SUITE=/tmp/suite ./twinhub test --filter SchemaSuiteTests
@Suite struct SchemaSuiteTests {
    private static let folder = (ProcessInfo.processInfo.environment["TWINHUB_JSON_SCHEMA_SUITE"] ?? "") + "/tests/draft2020-12/"

    /// One file a keyword that is known, by its name in the suite.
    static let files = [
        "additionalProperties", "allOf", "anyOf", "boolean_schema", "const", "contains", "default", "dependentRequired", "dependentSchemas", "enum", "exclusiveMaximum",
        "exclusiveMinimum", "if-then-else", "infinite-loop-detection", "items", "maxContains", "maxItems", "maxLength", "maxProperties", "maximum",
        "minContains", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties", "prefixItems",
        "properties", "propertyNames", "ref", "required", "type", "uniqueItems", "optional/bignum", "optional/format/date-time",
    ]

    /// What a schema that is refused when it is compiled has in it: keywords and places that are not known here.
    private static let unknown = ["\"$id\"", "\"$anchor\"", "\"$dynamic", "\"unevaluated", "\"$ref\": \"http", "\"$ref\": \"urn:", "metaschema", "\"$ref\":\"http", "\"$ref\":\"urn:"]

    @Test(.enabled(if: FileManager.default.fileExists(atPath: folder), "needs the official suite: TWINHUB_JSON_SCHEMA_SUITE=FOLDER"), arguments: files)
    func everyTestOfAKnownKeyword(_ file: String) throws {
        let data = try #require(FileManager.default.contents(atPath: Self.folder + file + ".json"))
        // A character that PostgreSQL's texts cannot hold, and which is refused before any contract sees it.
        let text = String(decoding: data, as: UTF8.self).replacingOccurrences(of: "\\u0000", with: "\\u0001")
        guard case .array(let groups) = try JSONParser.parse(text) else { throw JSONSchema.Fault(description: file) }
        var passed = 0
        for group in groups {
            let title = group[member: "description"]?.string ?? ""
            let text = String(decoding: JSONWriter.encode(try #require(group[member: "schema"])), as: UTF8.self)
            let schema: JSONSchema
            do {
                schema = try JSONSchema(text)
            } catch {
                // Refused when it is compiled, never ignored: for something that is not known here.
                let isForeign = Self.unknown.contains { text.contains($0.replacingOccurrences(of: " ", with: "")) } || "\(error)".contains("not a keyword")
                #expect(isForeign, "\(file), \(title): \(error)")
                continue
            }
            guard case .array(let tests)? = group[member: "tests"] else { continue }
            for test in tests {
                let name = test[member: "description"]?.string ?? ""
                // PostgreSQL's clock knows no 61st second, and neither does the twin.
                if file.hasSuffix("date-time"), name.contains("leap second"), test[member: "valid"] == .bool(true) { continue }
                let isValid = schema.violation(in: try #require(test[member: "data"])) == nil
                #expect(.bool(isValid) == test[member: "valid"], "\(file), \(title), \(name)")
                passed += 1
            }
        }
        #expect(passed > 0, "no schema of \(file) was compiled")
    }
}
