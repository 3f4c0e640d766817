import Testing
@testable import AdapterKit
import EventLog
import RecordFormats

@Suite struct ContractTests {
    private func violation(_ schema: String, _ value: String) throws -> String? {
        try JSONSchema(schema).violation(in: JSONParser.parse(value))
    }

    @Test func allShippedContractsCompile() {
        #expect(Contracts.shipped.faults == [])
        #expect(Contracts.shipped.names.count >= 50)
        for type in EventType.shipped { #expect(Contracts.shipped[type.name, type.version] != nil, "\(type.name)") }
    }

    @Test(arguments: [
        (#"{"type":"object","required":["a"]}"#, "{}", "\"a\" is missing."),
        (#"{"type":"object"}"#, "[]", "The payload must be of the type object, not array."),
        (#"{"properties":{"a":{"type":"integer"}}}"#, #"{"a":1.5}"#, "\"a\" must be of the type integer, not number."),
        (#"{"properties":{"a":{"type":["number","null"]}}}"#, #"{"a":"1"}"#, "\"a\" must be of the type null or number, not text."),
        (#"{"properties":{"a":{"enum":["x",1]}}}"#, #"{"a":2}"#, "\"a\" is none of the allowed values."),
        (#"{"properties":{"a":{"const":"x"}}}"#, #"{"a":"y"}"#, "\"a\" is none of the allowed values."),
        (#"{"properties":{"a":{"minimum":0}}}"#, #"{"a":-0.1}"#, "\"a\" must be at least 0."),
        (#"{"properties":{"a":{"maximum":2.5}}}"#, #"{"a":3}"#, "\"a\" must be at most 2.5."),
        (#"{"properties":{"a":{"minLength":2}}}"#, #"{"a":"弄"}"#, "\"a\" must have at least 2 characters."),
        (#"{"properties":{"a":{"maxLength":2}}}"#, #"{"a":"一二三"}"#, "\"a\" must have at most 2 characters."),
        (#"{"properties":{"a":{"pattern":"^[0-9]+$"}}}"#, #"{"a":"12x"}"#, "\"a\" must match ^[0-9]+$."),
        (#"{"properties":{"a":{"items":{"type":"string"}}}}"#, #"{"a":["x",1]}"#, "\"a/1\" must be of the type string, not number."),
        (#"{"properties":{"a":{"minItems":1}}}"#, #"{"a":[]}"#, "\"a\" needs at least 1 elements."),
        (#"{"properties":{"a":{"format":"date-time"}}}"#, #"{"a":"2024-05-01T00:00:00"}"#, "\"a\" must be a date-time with a zone (RFC 3339)."),
        (#"{"additionalProperties":false,"properties":{"a":{}}}"#, #"{"b":1}"#, "\"b\" is not known."),
        (##"{"properties":{"a":{"$ref":"#/$defs/d"}},"$defs":{"d":{"properties":{"x":{"type":"number"}}}}}"##, #"{"a":{"x":"1"}}"#,
            "\"a/x\" must be of the type number, not text."),
        (#"{"anyOf":[{"required":["a"]},{"required":["b"]}]}"#, "{}", "The payload fits none of the choices (one of a, b is needed)."),
        (#"{"oneOf":[{"required":["a"]},{"required":["b"]}]}"#, #"{"a":1,"b":2}"#, "The payload must fit exactly one of the choices."),
        (#"{"allOf":[{"required":["a"]},{"required":["b"]}]}"#, #"{"a":1}"#, "\"b\" is missing."),
    ])
    func violations(_ schema: String, _ value: String, _ message: String) throws {
        #expect(try violation(schema, value) == message)
    }

    @Test(arguments: [
        (#"{"properties":{"a":{"type":"integer"}}}"#, #"{"a":1.0,"b":"x"}"#),
        (#"{"properties":{"a":{"const":1}}}"#, #"{"a":1.0}"#),
        (#"{"properties":{"a":{"minLength":2,"maxLength":2}}}"#, #"{"a":"浦东"}"#),
        (#"{"properties":{"a":{"format":"date-time"}}}"#, #"{"a":"2024-05-01T00:00:00.5+08:00"}"#),
        (#"{"anyOf":[{"required":["a"]},{"required":["b"]}]}"#, #"{"b":1}"#),
    ])
    func fitting(_ schema: String, _ value: String) throws {
        #expect(try violation(schema, value) == nil)
    }

    @Test func whatIsNotKnownIsAMistakeInTheSchema() {
        #expect(throws: JSONSchema.Fault.self) { try JSONSchema(#"{"unevaluatedItems":false}"#) }
        #expect(throws: JSONSchema.Fault.self) { try JSONSchema(##"{"$ref":"#/$defs/nowhere"}"##) }
    }

    @Test func readingsNeedTimesWithZones() throws {
        let contract = try #require(Contracts.shipped["observations.recorded", 1])
        #expect(contract.violation(in: try JSONParser.parse(#"{"times":["2024-05-01T00:00:00Z"],"values":[null]}"#)) == nil)
        #expect(contract.violation(in: try JSONParser.parse(#"{"times":["2024-05-01"],"values":[1]}"#)) == "\"times/0\" must be a date-time with a zone (RFC 3339).")
    }
}
