import RecordFormats
import Testing

@Suite("CSV: what is refused, and how reading goes on")
struct CSVBrokenRowTests {
    private func read(_ text: String, step: Int = .max) throws -> Reading {
        try Reading(.csv(CSVOptions()), text, step: step)
    }

    @Test("A ragged row refuses only itself")
    func ragged() throws {
        let reading = try read("a,b\n1,2\n3\n4,5,6\n7,8\n")
        #expect(reading.rows == [["1", "2"], ["7", "8"]])
        #expect(reading.refused == ["3 ragged", "4 ragged"])
        #expect(reading.refusals.last?.message == "The row has 3 fields; its header has 2.")
        #expect(reading.refusals.last?.raw == Array("4,5,6".utf8))
    }

    @Test("A quote that is never closed refuses its line, and the rows behind it are read", arguments: [1, 5, 1000])
    func unclosed(step: Int) throws {
        let reading = try read("a,b\n1,2\n3,\"open\n4,5\n6,7\n", step: step)
        #expect(reading.rows == [["1", "2"], ["4", "5"], ["6", "7"]])
        #expect(reading.lines == [2, 4, 5])
        #expect(reading.refused == ["3 syntax"])
        #expect(reading.refusals.first?.raw == Array("3,\"open".utf8))
    }

    @Test("A stray quote that meets the next row's quotes refuses its line alone")
    func stray() throws {
        let reading = try read("a,b\n1,\"open\n2,\"x\"\n3,\"y\"\n")
        #expect(reading.rows == [["2", "x"], ["3", "y"]])
        #expect(reading.refused == ["2 syntax"])
    }

    @Test("A stray quote before many rows without quotes is noticed by the number of fields")
    func runaway() throws {
        let tail = (0..<200).map { "\($0),z\n" }.joined()
        let reading = try read("a,b\n1,\"open\n" + tail + "x\",1" + String(repeating: ",1", count: 90) + "\n")
        #expect(reading.records.count == 200)
        #expect(reading.refused == ["2 syntax", "203 ragged"])
    }

    @Test("Bytes that are not UTF-8 and null characters refuse their row", arguments: [1, 1000])
    func undecodable(step: Int) throws {
        let bytes =
            Array("a,b\n1,x".utf8) + [0xC3, 0x28] + Array("\n2,y\n3,".utf8) + [0] + Array("\n4,\u{e9}\n".utf8) + [
                0xED, 0xA0, 0x80, 0x2C, 0x31,
            ]
        let reading = try Reading(.csv(CSVOptions()), MemoryBytes(bytes, step: step))
        #expect(reading.rows == [["2", "y"], ["4", "\u{e9}"]])
        #expect(reading.refused == ["2 undecodable", "4 null_character", "6 undecodable"])
        #expect(reading.refusals.first?.message.contains("at byte 4 of the row") == true)
    }

    @Test("A row beyond the limit refuses its first line; the rest is read in flat memory")
    func tooLong() throws {
        let line = String(repeating: "z", count: 1023) + "\n"
        let many = String(repeating: line, count: Limits.recordBytes / 1024 + 10)
        let reading = try read("a\n\"open\n" + many + "end\n")
        #expect(reading.refused == ["2 too_long"])
        #expect(reading.refusals.first?.raw == Array("\"open".utf8))
        #expect(reading.records.count == Limits.recordBytes / 1024 + 11)
        #expect(reading.lines.last == Limits.recordBytes / 1024 + 13)
    }

    @Test("A line beyond the limit is skipped to its end, keeping its beginning")
    func longLine() throws {
        let length = Limits.recordBytes + 300_000
        let reading = try read("a\n" + String(repeating: "q", count: length) + "\r\nnext\n")
        #expect(reading.refused == ["2 too_long"])
        #expect(reading.refusals.first?.raw.count == Limits.keptBytes)
        #expect(reading.refusals.first?.byteCount == length)
        #expect(reading.rows == [["next"]])
        #expect(reading.lines == [3])
    }

    @Test("Messages name places and counts, never values")
    func messages() throws {
        let reading = try read("a,b\nSECRET\n\"SECRET\"x,1\nSECRET,\"open\n")
        #expect(reading.refusals.count == 3)
        for refusal in reading.refusals { #expect(!refusal.message.contains("SECRET")) }
    }
}
