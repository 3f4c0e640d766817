import Foundation
import RecordFormats
import Subprocess
import Testing
@testable import AdapterKit

/// What becomes of files that grow, move, are packed, or are still being written.
@Suite struct FileRunTests {
    private func manifest(_ input: String, mode: String = "append", format: String = "'csv'") -> String {
        """
        { adapter: "test-source", version: "1", department: "d", source: "urn:x",
          input: { kind: "file", path: "in/*", format: \(format)\(input) },
          streams: [{ name: "log", mode: "\(mode)", \(mode == "append" ? "" : "key: ['no'],")
            facts: [{ event: "case.received", subject: "case/{no}", payload: { note: "n" } }] }] }
        """
    }

    private func pack(_ folder: SourceFolder, _ name: String, with program: String) throws {
        #expect(try ChildProcess.run(program, ["-f", folder.path + "/" + name]).status == 0)
    }

    private func append(_ text: String, to name: String, in folder: SourceFolder) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/" + name))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }

    @Test(arguments: ["gzip", "xz"]) func packedFilesAreUnpacked(_ program: String) throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        try folder.write("no,n\n1,a\n2,b\n", to: "in/1.csv")
        try pack(folder, "in/1.csv", with: program)
        #expect(try hub.run(folder).counts == [2, 2, 0, 0, 0, 0, 0])
        #expect(try hub.run(folder).counts == [0, 0, 0, 0, 0, 0, 0])
        // Known by its first bytes, too.
        try folder.write("no,n\n3,c\n", to: "in/2.csv")
        try pack(folder, "in/2.csv", with: program)
        let ending = program == "gzip" ? ".gz" : ".xz"
        try FileManager.default.moveItem(atPath: folder.path + "/in/2.csv" + ending, toPath: folder.path + "/in/2.csv")
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
    }

    /// What came out before the cut is not lost, and the run says that something is missing.
    @Test(arguments: ["gzip", "xz"]) func aPackedFileThatWasCutIsAnError(_ program: String) throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("", mode: "snapshot"))
        var generator = SystemRandomNumberGenerator()
        try folder.write("no,n\n" + (0..<5000).map { "\($0),\(generator.next())\n" }.joined(), to: "in/1.csv")
        try pack(folder, "in/1.csv", with: program)
        let name = "in/1.csv" + (program == "gzip" ? ".gz" : ".xz")
        let whole = try #require(FileManager.default.contents(atPath: folder.path + "/" + name))
        try folder.write(Array(whole.prefix(whole.count - 20)), to: name)
        #expect { try hub.run(folder) } throws: {
            let error = $0 as? AdapterError
            return error?.kind == .data && error?.message.contains("cannot be unpacked") == true && error?.file?.hasSuffix(name) == true
        }
        // An empty one is broken, too, and no empty list.
        try folder.write("", to: name)
        #expect { try hub.run(folder) } throws: { ($0 as? AdapterError)?.kind == .data }
        try folder.write(Array(whole), to: name)
        try hub.run(folder)
        #expect(try hub.facts().count == 5000)
    }

    @Test func withoutTheProgramASentenceSaysSo() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        try folder.write("no,n\n1,a\n", to: "in/1.csv")
        try pack(folder, "in/1.csv", with: "gzip")
        #expect { try hub.run(folder) { $0.environment = ["PATH": "/nonexistent"] } } throws: {
            let error = $0 as? AdapterError
            return error?.kind == .configuration && error?.hint?.contains("Install gzip") == true
        }
    }

    @Test func aGrowingFileIsReadOnFromWhereItEnded() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        let head = "no,n\n" + (0..<5000).map { "\($0),x\n" }.joined()
        try folder.write(head, to: "in/log.csv")
        try hub.run(folder)
        for round in 0..<3 {
            try append("\(5000 + round),y\n\(round),broken,row\n", to: "in/log.csv", in: folder)
            // One new row, and one refused in its place in the whole file.
            #expect(try hub.run(folder).counts == [2, 1, 0, 0, 0, 1, 0])
        }
        #expect(try hub.quarantine() == [5003, 5005, 5007].map { "log in/log.csv \($0) ragged" })
        #expect(Set(try hub.facts("e.subject")).count == 5003)
        let state = try StreamState(json: hub.column("SELECT value::text FROM hub.cursor WHERE stream = 'log'")[0])
        #expect(state.files.count == 1 && state.files[0].offset == state.files[0].size && state.files[0].lines == 5007)
    }

    /// Only whole lines are read while somebody has the file open for writing.
    @Test func aLineThatIsBeingWrittenIsLeftForLater() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        try folder.write("no,n\n1,a\n2,b", to: "in/log.csv")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/in/log.csv"))
        guard Settling.isOpenForWriting(folder.path + "/in/log.csv") else { return }
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
        #expect(try hub.run(folder).counts == [0, 0, 0, 0, 0, 0, 0])
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("cd\n3,e".utf8))
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
        try handle.close()
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
        #expect(try hub.facts("e.subject || e.payload") == [#"case/1{"note":"a"}"#, #"case/2{"note":"bcd"}"#, #"case/3{"note":"e"}"#])
    }

    @Test func aFileThatIsOpenForWritingIsNotReadInPart() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("", mode: "snapshot"))
        try folder.write("no,n\n1,a\n", to: "in/list.csv")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/in/list.csv"))
        guard Settling.isOpenForWriting(folder.path + "/in/list.csv") else { return }
        #expect { try hub.run(folder) } throws: { ($0 as? AdapterError)?.kind == .transient }
        try handle.close()
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
        // A file that changed a moment ago is waited for.
        let start = ContinuousClock.now
        try folder.write(manifest(", settle: '1s'", mode: "snapshot"), to: "adapter.json5")
        try folder.write("no,n\n1,a\n2,b\n", to: "in/list.csv")
        #expect(try hub.run(folder).counters.added == 1)
        #expect(start.duration(to: .now) > .milliseconds(900))
    }

    /// As logrotate does it: the old file gets another name, and a new one begins.
    @Test func rotatedFilesAreFollowed() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        try folder.write("no,n\n1,a\n", to: "in/log.csv")
        try hub.run(folder)
        try append("2,b\n", to: "in/log.csv", in: folder)
        try FileManager.default.moveItem(atPath: folder.path + "/in/log.csv", toPath: folder.path + "/in/log.csv.1")
        try folder.write("no,n\n3,c\n", to: "in/log.csv")
        #expect(try hub.run(folder).counts == [2, 2, 0, 0, 0, 0, 0])
        #expect(try hub.facts("e.subject") == ["case/1", "case/3", "case/2"])
        #expect(try hub.run(folder).counts == [0, 0, 0, 0, 0, 0, 0])
        try FileManager.default.moveItem(atPath: folder.path + "/in/log.csv.1", toPath: folder.path + "/in/log.csv.2")
        #expect(try hub.run(folder).counts == [0, 0, 0, 0, 0, 0, 0])
    }

    @Test func aFileThatWasCutIsRefusedOrReadAnew() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        try folder.write("no,n\n1,a\n2,b\n", to: "in/log.csv")
        try hub.run(folder)
        try folder.write("no,n\n9,z\n", to: "in/log.csv")
        #expect { try hub.run(folder) } throws: { ($0 as? AdapterError)?.kind == .data }
        try folder.write(manifest(", replaced: 'read'"), to: "adapter.json5")
        let report = try hub.run(folder)
        #expect(report.counts == [1, 1, 0, 0, 0, 0, 0])
        #expect(report.streams[0].warnings == ["in/log.csv was cut to 9 bytes since it was read to byte 13, and is read anew"])
        #expect(try hub.column("SELECT warning FROM hub.run_status WHERE warning IS NOT NULL") == ["log: in/log.csv was cut to 9 bytes since it was read to byte 13, and is read anew"])
        #expect(try hub.run(folder).counts == [0, 0, 0, 0, 0, 0, 0])
    }

    /// Killed between batches of a grown part, it goes on within that part.
    @Test func aGrownPartIsResumed() throws {
        struct Stop: Error {}
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        try folder.write("no,n\n1,a\n", to: "in/log.csv")
        try hub.run(folder)
        try append((10..<60).map { "\($0),x\n" }.joined(), to: "in/log.csv", in: folder)
        for _ in 0..<3 {
            let batches = Counter()
            #expect(throws: Stop.self) {
                try hub.run(folder) {
                    $0.batchFacts = 7
                    $0.committed = { _ in if batches.next() == 2 { throw Stop() } }
                }
            }
        }
        try append("60,x\n", to: "in/log.csv", in: folder)
        #expect(try hub.run(folder).counters.added == 51 - 42)
        #expect(try hub.facts("e.subject") == (["1"] + (10...60).map(String.init)).map { "case/" + $0 })
    }
}
