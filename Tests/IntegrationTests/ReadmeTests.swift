import Foundation
import PostgresClient
import PrivateServer
import Subprocess
import Testing

private let hasPython = (try? ChildProcess.run("/usr/bin/env", ["python3", "--version"]))?.status == 0

/// What the documentation tells people to type.
@Suite struct ReadmeTests {
    /// The lines of the first shell example behind a sentence of a document.
    private func example(behind sentence: String, in document: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let text = try String(contentsOfFile: "\(root)/\(document)", encoding: .utf8)
        let rest = try #require(text.range(of: sentence).map { text[$0.upperBound...] })
        let begin = try #require(rest.range(of: "```sh\n")).upperBound
        let end = try #require(rest[begin...].range(of: "```")).lowerBound
        return String(rest[begin..<end])
    }

    /// In a clone, on a free port, with a folder of its own.
    @Test(.enabled(if: hasPython, "needs python3")) func theServerOfTheAdaptersExampleIsRead() throws {
        let clone = try HubClone(adapters: [])
        let database = try PrivateServer.shared().freshDatabase()
        let port = UInt16.random(in: 20_000...32_000)
        var script = try example(behind: "Try it without a network:", in: "Sources/AdapterKit/README.md")
        #expect(script.contains("8099") && script.contains("/tmp/source"))
        script = script.replacing("8099", with: "\(port)").replacing("/tmp/source", with: clone.folder + "/source")
            .replacing("./twinhub", with: try HubClone.program)
        script = "set -e\ncd '\(clone.folder)'\ntrap 'kill $!' EXIT\n" + script
        let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TWINHUB") }
            .merging(["TWINHUB_HOME": clone.folder, "TWINHUB_DATABASE": database, "TWINHUB_PROGRAM": try HubClone.program]) { $1 }
        let done = try ChildProcess.run("/bin/sh", ["-c", script + "\n"], environment: environment)
        #expect(done.status == 0, "\(done.output)")
        let rows = try Connection(database).query(
            "SELECT rows_added, rows_unchanged, events FROM hub.batch ORDER BY id")
        #expect((0..<rows.count).map { row in (0..<3).map { rows.int(row, $0) ?? -1 } } == [[2, 0, 2], [0, 2, 0]], "\(done.output)")
    }
}
