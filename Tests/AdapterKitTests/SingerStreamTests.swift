import Foundation
import Testing
@testable import AdapterKit

/// The conformance streams of Meltano's SDK, each from a tap that prints it: valid ones come in, invalid ones are refused with the reason.
@Suite struct SingerStreamTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().path + "/SingerStreams"

    /// What one stream file is to end as.
    struct Expectation: Sendable, CustomTestStringConvertible {
        let file: String
        /// Tap stream, key, mode, column of the payload.
        let streams: [(name: String, key: String, mode: String, column: String)]
        var facts = 0
        /// Rules of refused records.
        var refused: [String] = []
        /// The run's error.
        var error: String?
        var state: String?
        var more = ""
        var testDescription: String { file }
    }

    static let all: [Expectation] = [
        Expectation(file: "array_data", streams: [("test_array_data", "id", "incremental", "fruits")], facts: 4, state: "{\"test_array_data\":4}"),
        Expectation(file: "camelcase", streams: [("TestCamelcase", "Id", "incremental", "clientName")], facts: 2),
        Expectation(file: "camelcase_complex_schema", streams: [("ForecastingTypeToCategory", "Id", "incremental", "IsDeleted")]),
        // Each later record of a key is newer.
        Expectation(
            file: "duplicate_records", streams: [("test_duplicate_records", "id", "incremental", "metric")], facts: 5, state: "{\"test_duplicate_records\":2}"),
        // Three of them hold U+0000, which PostgreSQL's text cannot.
        Expectation(
            file: "encoded_string_data",
            streams: [
                ("test_strings", "id", "incremental", "info"), ("test_strings_in_objects", "id", "incremental", "info.value"),
                ("test_strings_in_arrays", "id", "incremental", "strings"),
            ], facts: 25, refused: ["null_character", "null_character", "null_character"],
            state: "{\"test_strings\":11,\"test_strings_in_objects\":11,\"test_strings_in_arrays\":6}"),
        Expectation(
            file: "invalid_schema", streams: [("test_invalid_schema", "id", "incremental", "id")],
            error: "The SCHEMA of the stream \"test_invalid_schema\" has no \"properties\"."),
        Expectation(
            file: "multiple_state_messages",
            streams: [("test_multiple_state_messages_a", "id", "incremental", "metric"), ("test_multiple_state_messages_b", "id", "incremental", "metric")],
            facts: 12, state: "{\"test_multiple_state_messages_a\":5,\"test_multiple_state_messages_b\":6}"),
        Expectation(file: "no_primary_keys", streams: [("test_no_pk", "id", "append", "metric")], facts: 3, state: "{\"test_no_pk\":3}"),
        Expectation(file: "no_primary_keys_append", streams: [("test_no_pk", "id", "append", "metric")], facts: 5, state: "{\"test_no_pk\":5}"),
        Expectation(
            file: "optional_attributes", streams: [("test_optional_attributes", "id", "incremental", "optional")], facts: 4,
            state: "{\"test_optional_attributes\":4}"),
        Expectation(
            file: "pk_updates", streams: [("example_stream", "id", "incremental", "name")], facts: 2,
            more: ", personal: { name: { keep: \"test\" }, email: { keep: \"test\" } }"),
        Expectation(
            file: "record_before_schema", streams: [("test_record_before_schema", "id", "incremental", "metric")],
            error: "A record of the stream \"test_record_before_schema\" comes before its SCHEMA."),
        // Its STATE is empty: none is kept.
        Expectation(file: "record_missing_fields", streams: [("record_missing_fields", "id", "incremental", "optional")], facts: 2),
        Expectation(
            file: "record_missing_key_property", streams: [("test_record_missing_key_property", "id", "incremental", "metric")], refused: ["missing_key"]),
        Expectation(
            file: "record_missing_required_property", streams: [("test_record_missing_required_property", "id", "incremental", "metric")],
            refused: ["required"]),
        Expectation(
            file: "schema_no_properties",
            streams: [
                ("test_object_schema_with_properties", "object_store.id", "incremental", "object_store.metric"),
                ("test_object_schema_no_properties", "object_store.id", "incremental", "object_store.metric"),
            ], facts: 4),
        Expectation(file: "schema_updates", streams: [("test_schema_updates", "id", "incremental", "a2")], facts: 6, state: "{\"test_schema_updates\":6}"),
        Expectation(
            file: "special_chars_in_attributes", streams: [("test:SpecialChars!in?attributes", "_id", "incremental", "d.agent:os:version")], facts: 1),
        Expectation(
            file: "user_location_data",
            streams: [
                ("test_users", "id", "incremental", "name"), ("test_locations", "id", "incremental", "name"), ("test_user_in_location", "id", "incremental", "id"),
            ], facts: 11, state: "{\"test_users\":5,\"test_locations\":3,\"test_user_in_location\":3}", more: ", personal: { name: { keep: \"test\" } }"),
        Expectation(
            file: "user_location_upsert_data",
            streams: [
                ("test_users", "id", "incremental", "name"), ("test_locations", "id", "incremental", "name"), ("test_user_in_location", "id", "incremental", "id"),
            ], facts: 14, state: "{\"test_users\":13,\"test_locations\":8,\"test_user_in_location\":14}", more: ", personal: { name: { keep: \"test\" } }"),
    ]

    @Test(arguments: all)
    func aStreamEndsAsItsContractSays(_ expected: Expectation) throws {
        let hub = try TestHub()
        let streams = expected.streams.enumerated().map { index, stream in
            let key = stream.mode == "append" ? "" : "key: [\"\(stream.key)\"], "
            return """
                { name: "s\(index)", tap_stream: "\(stream.name)", mode: "\(stream.mode)", \(key)
                  facts: [{ event: "case.received", subject: "case/\(index)-{\(stream.key)}", payload: { value: "\(stream.column)" } }]\(expected.more) }
                """
        }
        let folder = try SourceFolder(
            """
            { adapter: "test-source", version: "1.0.0", department: "tests", source: "urn:test",
              input: { kind: "singer", run: ["cat.sh"], catalog: "none" }, streams: [\(streams.joined(separator: ","))] }
            """.replacing("\"cat.sh\"", with: "\"./cat.sh\""))
        try folder.tap("cat '\(Self.folder)/\(expected.file).singer'", as: "cat.sh")
        var failure: AdapterError?
        // Sent once more a stream says nothing new, but where it knows nothing, or goes through older states of its records again.
        let isRepeatable = expected.file != "duplicate_records" && expected.streams[0].mode != "append"
        for expectedFacts in isRepeatable ? [expected.facts, 0] : [expected.facts] {
            do {
                #expect(try hub.run(folder).facts == expectedFacts)
            } catch let error as AdapterError {
                failure = error
            }
        }
        #expect(failure?.message == expected.error)
        #expect(try hub.facts().count == expected.facts)
        #expect(try hub.column("SELECT rule FROM hub.quarantine ORDER BY id") == expected.refused)
        #expect(try hub.column("SELECT value FROM hub.cursor WHERE stream = '#singer'") == (expected.state.map { [$0] } ?? []))
    }

    /// Every file is looked at.
    @Test func noStreamIsLeftOut() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".singer") }
        #expect(Set(files) == Set(Self.all.map { $0.file + ".singer" }))
    }
}

extension SourceFolder {
    /// A tap that is a shell script.
    func tap(_ script: String, as name: String = "tap.sh") throws {
        try write("#!/bin/sh\n" + script + "\n", to: name)
        #expect(chmod(path + "/" + name, 0o700) == 0)
    }
}
