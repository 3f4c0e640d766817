import EventLog
import Foundation
import Subprocess
import Testing
@testable import AdapterKit

/// Sources that are programs, or pipes.
@Suite struct ProgramRunTests {
    private static func manifest(_ input: String, _ stream: String) -> String {
        """
        { adapter: "test-source", version: "1.0.0", department: "tests", source: "urn:test", input: \(input), streams: [\(stream)] }
        """
    }

    private static let snapshot = """
        { name: "cases", mode: "snapshot", key: ["id"], removed: { event: "case.withdrawn", max_ratio: 0.5 },
          facts: [{ event: "case.received", subject: "case/{id}", payload: { note: "note" } }] }
        """

    private static let append = """
        { name: "cases", mode: "append", facts: [{ event: "case.received", subject: "case/{id}", payload: { note: "note" } }] }
        """

    /// A folder whose adapter runs `pull.sh`.
    private static func folder(_ script: String, _ stream: String, _ more: String = "", run: String = "[\"./pull.sh\"]") throws -> SourceFolder {
        let folder = try SourceFolder(manifest("{ kind: \"command\", run: \(run), format: \"ndjson\"\(more) }", stream))
        try folder.write("#!/bin/sh\n" + script + "\n", to: "pull.sh")
        #expect(chmod(folder.path + "/pull.sh", 0o700) == 0)
        return folder
    }

    @Test func whatAProgramPrintsIsASnapshot() throws {
        let hub = try TestHub()
        let folder = try Self.folder("cat rows.ndjson", Self.snapshot)
        try folder.write("{\"id\":1,\"note\":\"a\"}\n{\"id\":2,\"note\":\"b\"}\n{\"id\":3,\"note\":\"c\"}\n", to: "rows.ndjson")
        #expect(try hub.run(folder).counts == [3, 3, 0, 0, 0, 0, 0])
        let again = try hub.run(folder)
        #expect(again.counts == [3, 0, 0, 3, 0, 0, 0])
        #expect(again.streams[0].sameInput)
        try folder.write("{\"id\":1,\"note\":\"a\"}\n{\"id\":2,\"note\":\"B\"}\n", to: "rows.ndjson")
        #expect(try hub.run(folder).counts == [2, 0, 1, 1, 1, 0, 0])
        #expect(try hub.facts() == ["case.received case/1", "case.received case/2", "case.received case/3", "case.received case/2", "case.withdrawn case/3"])
    }

    @Test func aProgramThatFailsTellsNothing() throws {
        let hub = try TestHub()
        let folder = try Self.folder("cat rows.ndjson; echo 'cannot go on' >&2; exit 75", Self.snapshot)
        try folder.write("{\"id\":1,\"note\":\"a\"}\n", to: "rows.ndjson")
        let said = Said()
        let error = #expect(throws: AdapterError.self) { try hub.run(folder) { $0.log = said.add } }
        #expect(error?.kind == .transient)
        #expect(error?.description == "pull.sh: The program failed (exit code 75). What it said of it stands in the log.")
        #expect(said.lines == ["pull.sh: cannot go on"])
        #expect(try hub.facts().isEmpty)
        #expect(try hub.column("SELECT outcome || ' ' || error_kind FROM hub.run ORDER BY id") == ["failed transient"])
    }

    @Test func aSignalFailsToo() throws {
        let hub = try TestHub()
        let folder = try Self.folder("echo '{\"id\":1}'; kill -KILL $$", Self.snapshot)
        let error = #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(error?.message == "The program was ended by signal 9.")
    }

    @Test func theCursorGoesIntoTheArguments() throws {
        let hub = try TestHub()
        let stream = """
            { name: "cases", mode: "incremental", key: ["id"], cursor: { column: "n", type: "integer", lag: 1 },
              facts: [{ event: "case.received", subject: "case/{id}", payload: { note: "note" } }] }
            """
        let folder = try Self.folder(
            "echo \"$2 $TWINHUB_CURSOR\" >> asked; cat rows.ndjson", stream, ", start: \"none\"", run: "[\"./pull.sh\", \"--since\", \"{cursor}!\"]")
        try folder.write("{\"id\":1,\"n\":7,\"note\":\"a\"}\n", to: "rows.ndjson")
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
        #expect(try hub.run(folder).counts == [1, 0, 0, 1, 0, 0, 0])
        #expect(try String(contentsOfFile: folder.path + "/asked", encoding: .utf8) == "none! none\n6! 6\n")
    }

    @Test func aProgramSeesWhatItsManifestDeclares() throws {
        let hub = try TestHub()
        let folder = try Self.folder(
            "env > seen; ps -o args= -p $$ >> seen; echo \"token $TOKEN\" >&2; echo '{\"id\":1}'", Self.snapshot,
            ", environment: { TOKEN: { secret: \"env:TEST_TOKEN\" }, FILE_TOKEN: { secret: \"file:token\" }, PLAIN: \"plain\" }")
        try folder.write("  f1le-s3cret \n", to: "token")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path + "/token")
        let said = Said()
        try hub.run(folder) {
            $0.environment = ["PATH": "/usr/bin:/bin", "HOME": "/root", "LC_ALL": "C", "TEST_TOKEN": "s3cret/äö", "TWINHUB_DATABASE": "hidden"]
            $0.log = said.add
        }
        let seen = try String(contentsOfFile: folder.path + "/seen", encoding: .utf8).split(separator: "\n").map(String.init)
        let names = Set(seen.filter { $0.contains("=") }.map { String($0.prefix { $0 != "=" }) }).subtracting(["PWD", "OLDPWD", "SHLVL", "_"])
        #expect(names == ["PATH", "HOME", "LC_ALL", "TOKEN", "FILE_TOKEN", "PLAIN", "TWINHUB_CURSOR"])
        #expect(seen.contains("TOKEN=s3cret/äö") && seen.contains("FILE_TOKEN=f1le-s3cret"))
        #expect(seen.last == "/bin/sh ./pull.sh" || seen.last?.hasSuffix("/pull.sh") == true)
        #expect(said.lines == ["pull.sh: token [secret]"])
        #expect(try hub.column("SELECT coalesce(string_agg(input, ' '), '') FROM hub.batch") == ["pull.sh"])
    }

    @Test func aMissingProgramAndALateOne() throws {
        let hub = try TestHub()
        let absent = try Self.folder("", Self.snapshot, run: "[\"./absent.sh\"]")
        #expect(throws: AdapterError.self) { try hub.run(absent) }
        let late = try Self.folder("echo '{\"id\":1}'; exec sleep 600", Self.snapshot, ", timeout: \"1s\"")
        let error = #expect(throws: AdapterError.self) { try hub.run(late) }
        #expect(error?.message == "The program did not end within 1 seconds and was ended.")
        #expect(try hub.facts().isEmpty)
    }

    @Test func aRunThatWaitsForItsProgramCanBeCancelled() throws {
        let hub = try TestHub()
        let folder = try Self.folder("touch started; exec sleep 600", Self.snapshot)
        let started = folder.path + "/started"
        #expect(throws: RunCancelled.self) { try hub.run(folder) { $0.isCancelled = { access(started, F_OK) == 0 } } }
        #expect(try hub.column("SELECT outcome FROM hub.run") == ["cancelled"])
    }

    @Test func streamsShareOneRun() throws {
        let hub = try TestHub()
        let two = Self.snapshot.replacing("\"cases\"", with: "\"a\", where: { equals: { kind: \"a\" } }") + ","
            + Self.snapshot.replacing("\"cases\"", with: "\"b\", where: { equals: { kind: \"b\" } }")
        let folder = try Self.folder("echo x >> runs; echo '{\"id\":1,\"kind\":\"a\"}'; echo '{\"id\":2,\"kind\":\"b\"}'", two)
        #expect(try hub.run(folder).counts == [2, 2, 0, 0, 0, 0, 0])
        #expect(try String(contentsOfFile: folder.path + "/runs", encoding: .utf8) == "x\n")
    }

    /// Append: the same output again, one that grew, and another one; stopped in the middle it goes on.
    @Test func outputsThatOnlyGrow() throws {
        let hub = try TestHub()
        let folder = try Self.folder("cat rows.ndjson", Self.append)
        func rows(_ ids: ClosedRange<Int>) -> String { ids.map { "{\"id\":\($0)}\n" }.joined() }
        try folder.write(rows(1...4), to: "rows.ndjson")
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try hub.run(folder) {
                $0.batchFacts = 2
                $0.committed = { _ in throw Stop() }
            }
        }
        #expect(try hub.facts().count == 2)
        #expect(try hub.run(folder).facts == 2)
        #expect(try hub.run(folder).facts == 0)
        try folder.write(rows(1...6), to: "rows.ndjson")
        #expect(try hub.run(folder).facts == 2)
        try folder.write(rows(7...8), to: "rows.ndjson")
        #expect(try hub.run(folder).facts == 2)
        #expect(try hub.run(folder).facts == 0)
        #expect(try hub.facts("e.subject") == (1...8).map { "case/\($0)" })
    }
}

/// Lines that a run logged.
final class Said: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [String] = []
    var lines: [String] { lock.withLock { all } }
    @Sendable func add(_ line: String) { lock.withLock { all.append(line) } }
}

/// Standard input as a source.
@Suite struct StandardInputTests {
    private static let folder = """
        { adapter: "test-source", version: "1.0.0", department: "tests", source: "urn:test", input: { kind: "stdin", format: "csv" },
          streams: [{ name: "cases", mode: "snapshot", key: ["id"], removed: { event: "case.withdrawn", max_ratio: 0.5 },
            facts: [{ event: "case.received", subject: "case/{id}", payload: { note: "note" } }] }] }
        """

    private func run(_ hub: TestHub, _ folder: SourceFolder, piped text: String) throws -> RunReport {
        let (reading, writing) = try ChildProcess.pipeEnds()
        defer { close(reading) }
        #expect(write(writing, text, text.utf8.count) == text.utf8.count)
        close(writing)
        return try hub.run(folder) { $0.standardInput = reading }
    }

    @Test func aPipeIsRead() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.folder)
        #expect(try run(hub, folder, piped: "id,note\n1,a\n2,b\n").counts == [2, 2, 0, 0, 0, 0, 0])
        #expect(try run(hub, folder, piped: "id,note\n1,a\n2,b\n").streams[0].sameInput)
        #expect(try run(hub, folder, piped: "id,note\n1,A\n").counts == [1, 0, 1, 0, 1, 0, 0])
    }

    @Test func anEmptyPipeIsNoEmptyList() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.folder)
        let error = #expect(throws: AdapterError.self) { try run(hub, folder, piped: "") }
        #expect(error?.kind == .data)
    }

    @Test func aTerminalIsRefused() throws {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(terminal >= 0)
        defer { close(terminal) }
        let hub = try TestHub()
        let folder = try SourceFolder(Self.folder)
        let error = #expect(throws: AdapterError.self) { try hub.run(folder) { $0.standardInput = terminal } }
        #expect(
            error?.description
                == "This adapter reads standard input, and that is a terminal. Pipe the source's export into it: some-export | twinhub adapter run NAME")
    }

    @Test func removalsNeedAGuard() {
        let error = mistake(in: Self.folder.replacing(", max_ratio: 0.5", with: ""))
        #expect(error?.message.contains("needs \"max_ratio\"") == true)
    }
}
