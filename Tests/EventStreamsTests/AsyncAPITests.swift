import EventLog
import EventStreams
import Foundation
import Subprocess
import Testing

@Suite("AsyncAPI document")
struct AsyncAPITests {
    @Test("It has a message for each contract, and every reference leads somewhere")
    func complete() throws {
        let text = try AsyncAPI.document(version: "1.2.3", changes: ["building.changed"])
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let messages = try #require((document["components"] as? [String: Any])?["messages"] as? [String: Any])
        for type in EventType.shipped { #expect(messages["\(type.name).v\(type.version)"] != nil) }
        #expect(messages["twin.building.changed"] != nil && messages["twin.twin.rebuilt"] == nil && messages["twin.rebuilt"] != nil)
        var references: [String] = []
        func collect(_ value: Any, within root: [String: Any]) {
            if let object = value as? [String: Any] {
                let root = object["$id"] == nil || object["asyncapi"] != nil ? root : object
                if let reference = object["$ref"] as? String {
                    references.append(reference)
                    var place: Any? = root
                    for step in reference.split(separator: "/").dropFirst() { place = (place as? [String: Any])?[String(step)] }
                    #expect(place != nil, "\(reference) leads nowhere")
                }
                for member in object.values { collect(member, within: root) }
            } else if let list = value as? [Any] {
                for item in list { collect(item, within: root) }
            }
        }
        collect(document, within: document)
        #expect(references.count > EventType.shipped.count)
    }

    /// `TWINHUB_ASYNCAPI_SCHEMA` names schemas/3.0.0.json of the AsyncAPI initiative's spec-json-schemas; Python with jsonschema reads it.
    @Test("It fits the specification's own JSON Schema", .enabled(if: schema != nil, "set TWINHUB_ASYNCAPI_SCHEMA to the specification's schemas/3.0.0.json"))
    func specification() throws {
        let file = FileManager.default.temporaryDirectory.path + "/twinhub-asyncapi-\(getpid()).json"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try AsyncAPI.document(version: "1.2.3", changes: ["building.changed"]).write(toFile: file, atomically: true, encoding: .utf8)
        let script = """
            import json, sys, jsonschema
            jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))
            """
        let outcome = try ChildProcess.run("python3", ["-c", script, Self.schema ?? "", file])
        #expect(outcome.status == 0, "\(outcome.output.suffix(2_000))")
    }

    private static var schema: String? { ProcessInfo.processInfo.environment["TWINHUB_ASYNCAPI_SCHEMA"] }
}
