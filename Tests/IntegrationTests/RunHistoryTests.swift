import Foundation
import Operations
import PostgresClient
import PrivateServer
import RecordFormats
import Testing

/// What `status` and `adapter runs` say of runs that did not go well.
@Suite struct RunHistoryTests {
    private let manifest = """
        { adapter: "trees", version: "1.0.0", department: "parks", source: "urn:test", input: { kind: "file", path: "in/*.csv", format: "csv" },
          streams: [{ name: "s", mode: "snapshot", key: ["id"], optional: ["place"],
            facts: [{ event: "case.received", subject: "case/{id}", payload: { category: "what", address: "place" } }] }] }
        """

    private func clone(_ manifest: String) throws -> HubClone {
        let clone = try HubClone(adapters: [])
        try FileManager.default.createDirectory(atPath: clone.folder + "/Adapters/trees/in", withIntermediateDirectories: true)
        try write(manifest, to: "adapter.json5", clone)
        return clone
    }

    private func write(_ text: String, to name: String, _ clone: HubClone) throws {
        try text.write(toFile: clone.folder + "/Adapters/trees/" + name, atomically: true, encoding: .utf8)
    }

    /// outcome, error_kind and message of the last attempt, and unchanged, from `status --json`.
    private func status(_ clone: HubClone, _ server: [String: String]) throws -> [String?] {
        let answer = try clone.run("status", "--json", environment: server)
        #expect(answer.status == 0, "\(answer.errors)")
        let value = try JSONParser.parse(answer.output)
        guard case .array(let sources)? = value[member: "sources"], let source = sources.first, let attempt = source[member: "attempt"] else { return [] }
        return [attempt[member: "outcome"]?.string, attempt[member: "error_kind"]?.string, attempt[member: "message"]?.string, source[member: "unchanged"]?.string]
    }

    @Test func everyAttemptIsKeptAndTheLastIsShown() throws {
        let clone = try clone(manifest)
        let server = ["TWINHUB_DATABASE": try PrivateServer.shared().freshDatabase()]
        func run(_ expected: Int32) throws {
            let outcome = try clone.run("adapter", "run", "trees", environment: server)
            #expect(outcome.status == expected, "\(outcome.errors)")
        }
        try run(3)
        let noFile = try status(clone, server)
        #expect(noFile.prefix(2) == ["failed", "configuration"])
        #expect(noFile[2]?.contains("No file matches in/*.csv.") == true)

        try write("id,what,place\n1,oak,a\n2,elm,b\n", to: "in/1.csv", clone)
        try run(0)
        try run(0)
        #expect(try status(clone, server) == ["done", nil, nil, "2"])

        // A header that cannot be read: nothing of its text is told.
        try write("\"id,what\n", to: "in/1.csv", clone)
        try run(1)
        let broken = try status(clone, server)
        #expect(broken.prefix(2) == ["failed", "data"])
        // What the last good run brought stays to be seen.
        #expect(broken[3] == "2")

        try write("id,what,height\n1,oak,a\n2,elm,b\n", to: "in/1.csv", clone)
        try run(0)
        // A manifest that cannot be read is a failed run of a source that is known.
        try write(manifest.replacingOccurrences(of: "facts", with: "fact"), to: "adapter.json5", clone)
        try run(3)

        let text = try clone.run("status", environment: server).output
        #expect(text.contains("trees: failed 0 s ago (configuration): ") || text.contains("trees: failed 1 s ago (configuration): "), "\(text)")
        #expect(text.contains("ago: s: new: height; gone: place\n"), "\(text)")
        #expect(text.contains("unchanged"))

        let runs = try JSONParser.parse(try clone.run("adapter", "runs", "trees", "--json", environment: server).output)
        guard case .array(let list) = runs else { throw CocoaError(.fileReadUnknown) }
        #expect(list.compactMap { $0[member: "outcome"]?.string } == ["failed", "done", "failed", "done", "done", "failed"])
        #expect(list[1][member: "changed"]?.string == "2")
        #expect(list[1][member: "drift"]?.string == "s: new: height; gone: place")
        #expect(list[4][member: "facts"]?.string == "2")
        let table = try clone.run("adapter", "runs", "--count", "2", environment: server)
        #expect(table.output.split(separator: "\n").count == 4, "\(table.output)")
        #expect(try clone.run("adapter", "runs", "treees", environment: server).status == 3)
    }

    @Test func aRunThatIsKilledIsLost() throws {
        let clone = try clone(manifest.replacingOccurrences(of: #"in/*.csv"#, with: "in/pipe"))
        let database = try PrivateServer.shared().freshDatabase()
        let server = ["TWINHUB_DATABASE": database]
        // A pipe that nobody has written yet: the run waits in the middle of its work.
        let pipe = clone.folder + "/Adapters/trees/in/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let running = try clone.start(["adapter", "run", "trees"], server)
        let connection = try Connection(database)
        let began = try waitUntil(seconds: 60) {
            try connection.query("SELECT count(*) FROM hub.run_status WHERE outcome = 'running'").int(0, 0) == 1 || running.process.pollStatus() != nil
        }
        #expect(began && running.process.pollStatus() == nil, "\(HubClone.text(running.errors))")
        #expect(try status(clone, server).first == "running")
        running.process.send(signal: SIGKILL)
        _ = running.process.wait()
        let ended = try waitUntil(seconds: 60) {
            try connection.query("SELECT outcome FROM hub.run_status").text(0, 0) != "running"
        }
        #expect(ended)
        #expect(try status(clone, server).first == "lost")
        let text = try clone.run("status", environment: server).output
        #expect(text.contains("trees: lost: the run that began"), "\(text)")
    }
}
