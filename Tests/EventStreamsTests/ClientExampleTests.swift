import Foundation
import Operations
import PostgresClient
import PrivateServer
import Subprocess
import Testing

/// The examples of the streams' README, as they stand there.
@Suite("Client examples")
struct ClientExampleTests {
    /// The first block of a language.
    private static func example(_ language: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let text = try String(contentsOfFile: folder + "/Sources/EventStreams/README.md", encoding: .utf8)
        let start = try #require(text.firstRange(of: "```\(language)\n"))
        let end = try #require(text[start.upperBound...].firstRange(of: "```"))
        return String(text[start.upperBound..<end.lowerBound])
    }

    /// A Python that has psycopg: `TWINHUB_PYTHON`, else python3.
    private static var python: String? {
        let program = ProcessInfo.processInfo.environment["TWINHUB_PYTHON"] ?? "python3"
        return (try? ChildProcess.run(program, ["-c", "import psycopg"]))?.status == 0 ? program : nil
    }

    @Test("SQL", .timeLimit(.minutes(5)))
    func sql() throws {
        let hub = try StreamHub()
        try hub.append("police", department: "police", (0..<3).map { "building/\($0)" })
        let statements = try Self.example("sql").replacing("SELECT hub.ack('map', 1234)", with: "SELECT hub.ack('map', 3)")
            .replacing("'2026-06-01'", with: "'2000-01-01'")
        try hub.owner.execute(statements.split(separator: "\n").map { $0.split(separator: "--", maxSplits: 1)[0] }.joined(separator: "\n"))
        #expect(try hub.owner.query("SELECT count(*) FROM hub.consumer").int(0, 0) == 0)
    }

    @Test("Python with psycopg", .enabled(if: python != nil, "set TWINHUB_PYTHON to a Python that has psycopg"))
    func psycopg() throws {
        let hub = try StreamHub()
        try hub.append("police", (0..<1_200).map { "building/\($0)" }, payload: #"{"name":"Tower"}"#)
        let script = """
            import psycopg, sys
            conninfo = sys.argv[1]
            def keep(id, type, subject, payload): print(id, type, subject, payload["name"])

            """ + (try Self.example("python"))
        let outcome = try ChildProcess.run(Self.python ?? "", ["-c", script, hub.conninfo])
        #expect(outcome.status == 0, "\(outcome.output.suffix(1_000))")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 1_200)
        #expect(lines.last?.hasSuffix("building.described building/1199 Tower") == true)
        #expect(try hub.owner.query("SELECT lag_facts FROM hub.consumers").int(0, 0) == 0)
    }

    @Test("A public CloudEvents library reads what stream and webhooks write", .enabled(if: sdk != nil, "set TWINHUB_PYTHON to a Python that has cloudevents"))
    func cloudEvents() throws {
        let clone = try HubClone(adapters: ["sf-police"])
        #expect(try clone.run("migrate").status == 0)
        #expect(try clone.run("adapter", "run", "sf-police").status == 0)
        let file = clone.folder + "/events.ndjson"
        try clone.run("stream").output.write(toFile: file, atomically: true, encoding: .utf8)
        let arrays = try clone.run("stream", "--consumer", "arrays", "--json-array").output
        try arrays.write(toFile: file + ".arrays", atomically: true, encoding: .utf8)
        let script = """
            import json, sys
            from cloudevents.core.formats.json import JSONFormat
            from cloudevents.core.v1.event import CloudEvent
            alone = [JSONFormat().read(CloudEvent, line) for line in open(sys.argv[1], 'rb')]
            lists = [json.loads(line) for line in open(sys.argv[1] + '.arrays', 'rb')]
            many = [JSONFormat().read(CloudEvent, json.dumps(event).encode()) for events in lists for event in events]
            assert [e.get_id() for e in alone] == [e.get_id() for e in many]
            assert all(e.get_specversion() == '1.0' and e.get_data() is not None and len(e.get_extension('sequence')) == 20 for e in alone)
            print(len(alone))
            """
        let outcome = try ChildProcess.run(Self.sdk ?? "", ["-c", script, file])
        #expect(outcome.output == "867\n")
    }

    private static var sdk: String? {
        let program = ProcessInfo.processInfo.environment["TWINHUB_PYTHON"] ?? "python3"
        return (try? ChildProcess.run(program, ["-c", "import cloudevents.core.formats.json"]))?.status == 0 ? program : nil
    }
}
