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

    @Test("A shell")
    func shell() throws {
        let hub = try StreamHub()
        try hub.append("police", ["case/1", "case/2"], type: "case.received", payload: #"{"category":"a \\ b"}"#)
        try hub.append("police", ["building/1"])
        let folder = FileManager.default.temporaryDirectory.path + "/twinhub-shell-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = #"cd "$1"; program=$2; twinhub() { "$program" "$@"; }; "# + (try Self.example("sh"))
        var environment = ProcessInfo.processInfo.environment
        environment["TWINHUB_DATABASE"] = hub.conninfo
        let outcome = try ChildProcess.run("/bin/sh", ["-c", script, "sh", folder, HubClone.program], environment: environment)
        #expect(outcome.status == 0, "\(outcome.output.suffix(1_000))")
        let lines = try String(contentsOfFile: folder + "/cases.ndjson", encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2 && lines.last?.hasSuffix(#""data":{"category":"a \\ b"}}"#) == true, "\(lines)")
        #expect(try hub.owner.query("SELECT lag_facts FROM hub.consumers").int(0, 0) == 0)
    }
}
