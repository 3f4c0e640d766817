import Foundation
import RecordFormats
import Testing

@Suite("Byte sources")
struct ByteSourceTests {
    @Test("A file is read to its end, an absent one or a folder is named")
    func files() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "bytes-\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("a\n1\n".utf8).write(to: URL(filePath: path))
        let file = try FileBytes(path: path)
        #expect(try file.read(upTo: 2) == Array("a\n".utf8))
        #expect(try file.read(upTo: 100) == Array("1\n".utf8))
        #expect(try file.read(upTo: 100) == [])
        for wrong in ["/nonexistent/file.csv", FileManager.default.temporaryDirectory.path] {
            let error = #expect(throws: FormatError.self) { try FileBytes(path: wrong) }
            #expect(error?.kind == .configuration)
            #expect(error?.description.hasPrefix(wrong) == true)
        }
    }

    /// Gives the same row again and again, holding nothing.
    private final class EndlessRows: ByteSource {
        private let block: [UInt8]
        private var blocks: Int

        init(rows: String, blocks: Int) {
            self.block = Array(rows.utf8)
            self.blocks = blocks
        }

        func read(upTo count: Int) -> [UInt8] {
            guard blocks > 0 else { return [] }
            blocks -= 1
            return block
        }
    }

    @Test("A failing source ends the reading with its error, once")
    func failing() throws {
        final class Failing: ByteSource {
            private var given = false
            func read(upTo count: Int) throws(FormatError) -> [UInt8] {
                guard !given else { throw FormatError(.transient, "The device is gone.") }
                given = true
                return Array("a\n1\n2".utf8)
            }
        }
        var reader = try makeReader(.csv(CSVOptions()), Failing())
        _ = try reader.next()
        #expect(throws: FormatError.self) { _ = try reader.next() }
        let after = try reader.next()
        #expect(after.map { _ in true } == nil)
    }

    @Test("Many rows pass through without being held")
    func flat() throws {
        let rows = String(repeating: "1,some text,\"quoted, text\"\n", count: 4000)
        var reader = try makeReader(.csv(CSVOptions(header: .names(["a", "b", "c"]))), EndlessRows(rows: rows, blocks: 20))
        var count = 0
        var last = 0
        while case .record(let record)? = try reader.next() {
            count += 1
            last = record.line
        }
        #expect(count == 80_000)
        #expect(last == 80_000)
    }
}
