import Foundation
import RecordFormats
import Testing

@Suite("Text encodings")
struct EncodingTests {
    /// 中文,电话|地址\ and so on: "俓" is 82 7C and "昞" is 95 5C.. in GB18030; trail bytes are `|` and `\`.
    private static let gb: [UInt8] = [0xD6, 0xD0, 0xCE, 0xC4]

    private func read(_ bytes: [UInt8], _ options: CSVOptions, step: Int = .max) throws -> Reading {
        try Reading(.csv(options), MemoryBytes(bytes, step: step))
    }

    @Test("GB18030: one undecodable line and one ragged line are refused, all others are read", arguments: [1, 1000])
    func gb18030(step: Int) throws {
        var bytes = Self.gb + Array(",b\n1,".utf8) + Self.gb + [0x0A]
        bytes += [0x32, 0x2C, 0x82, 0x0A]
        bytes +=
            Array("3\n4,\"".utf8) + Self.gb + Array(",\n".utf8) + [0x82, 0x7C, 0x95, 0x5C, 0x81, 0x30, 0x81, 0x30] + Array("\"\n".utf8)
        let reading = try read(bytes, CSVOptions(encoding: "gb18030"), step: step)
        #expect(reading.columns == ["中文", "b"])
        #expect(reading.refused == ["3 undecodable", "4 ragged"])
        #expect(reading.lines == [2, 5])
        #expect(reading.rows.first == ["1", "中文"])
        #expect(reading.rows.last?.last?.hasPrefix("中文,\n") == true)
        #expect(reading.rows.last?.last?.hasSuffix("\u{80}") == true)
        #expect(reading.records.first?.raw == Array("1,".utf8) + Self.gb)
        #expect(reading.refusals.first?.raw == [0x32, 0x2C, 0x82])
    }

    @Test("A delimiter that may be a trail byte splits characters, not bytes")
    func trailDelimiter() throws {
        // 0x82 0x7C is one character although 0x7C is the delimiter.
        let bytes: [UInt8] = Array("a|b\n".utf8) + [0x82, 0x7C, 0x7C, 0x31, 0x0A, 0xFF, 0x7C, 0x32, 0x0A, 0x33, 0x7C, 0x34]
        let reading = try read(bytes, CSVOptions(encoding: "gb18030", delimiter: "|"))
        #expect(reading.records.count == 2)
        #expect(reading.rows.first?.first?.unicodeScalars.count == 1)
        #expect(reading.rows.last == ["3", "4"])
        #expect(reading.refused == ["3 undecodable"])
    }

    @Test("UTF-16 with and without a mark, in both orders", arguments: [1, 2, 3, 1000])
    func utf16(step: Int) throws {
        let text = "a,b\n1,中\"文\n2,\"😀\n\"\n"
        func encode(_ bigEndian: Bool) -> [UInt8] {
            text.utf16.flatMap { unit in bigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)] }
        }
        for (name, bytes) in [
            ("utf-16", [0xFF, 0xFE] + encode(false)), ("utf-16", [0xFE, 0xFF] + encode(true)), ("utf-16le", encode(false)),
            ("utf-16be", encode(true)), ("utf-16le", [0xFF, 0xFE] + encode(false)),
        ] {
            let reading = try read(bytes, CSVOptions(encoding: name), step: step)
            #expect(reading.columns == ["a", "b"])
            #expect(reading.rows == [["1", "中\"文"], ["2", "😀\n"]])
            #expect(reading.lines == [2, 3])
        }
    }

    @Test("A lone surrogate in UTF-16 refuses its row")
    func utf16Broken() throws {
        let bytes: [UInt8] = [0x61, 0, 0x0A, 0, 0x00, 0xD8, 0x0A, 0, 0x62, 0, 0x0A, 0]
        let reading = try read(bytes, CSVOptions(encoding: "utf-16le"))
        #expect(reading.rows == [["b"]])
        #expect(reading.refused == ["2 undecodable"])
    }

    @Test("Single-byte and stateful encodings")
    func others() throws {
        #expect(
            try read(Array("a;b\n".utf8) + [0xE9, 0x3B, 0x80, 0x0A], CSVOptions(encoding: "windows-1252", delimiter: ";")).rows == [
                ["é", "€"]
            ])
        #expect(try read(Array("a|b\n".utf8) + [0xE9, 0x7C, 0x31], CSVOptions(encoding: "latin1", delimiter: "|")).rows == [["é", "1"]])
        // 漢字 in ISO-2022-JP: its bytes are ASCII letters between escapes.
        let japanese: [UInt8] = [0x1B, 0x24, 0x42, 0x34, 0x41, 0x3B, 0x7A, 0x1B, 0x28, 0x42]
        #expect(try read(Array("a,b\n".utf8) + japanese + Array(",1\n".utf8), CSVOptions(encoding: "iso-2022-jp")).rows == [["漢字", "1"]])
        #expect(try read([0x61, 0x2C, 0x62, 0x0A, 0xA4, 0xA4, 0x2C, 0xA4, 0xE5], CSVOptions(encoding: "big5")).rows == [["中", "文"]])
        let ascii = try read(Array("a\nx\n".utf8) + [0xE9, 0x0A], CSVOptions(encoding: "us-ascii"))
        #expect(ascii.rows == [["x"]])
        #expect(ascii.refused == ["3 undecodable"])
    }

    @Test("Byte order marks are skipped; UTF-8's under another name is an error")
    func marks() throws {
        #expect(try read([0xEF, 0xBB, 0xBF] + Array("\"a\"\n1\n".utf8), CSVOptions(), step: 1).columns == ["a"])
        #expect(try read([0x84, 0x31, 0x95, 0x33] + Array("a\n1\n".utf8), CSVOptions(encoding: "GB18030")).columns == ["a"])
        #expect(try read([0xEF, 0xBB, 0xBF] + Array("a\n1\n".utf8), CSVOptions(encoding: "gbk")).error?.kind == .configuration)
        // UTF-16 declared as UTF-8.
        #expect(try read([0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00], CSVOptions()).error?.kind == .data)
    }

    @Test("The decoder answers for whole texts")
    func decoder() throws {
        #expect(try TextDecoder(encoding: "gb18030").decode(Self.gb) == "中文")
        #expect(try TextDecoder(encoding: "UTF-8").decode(Array("é".utf8)) == "é")
        for name in ["gb18030", "utf8"] {
            let decoder = try TextDecoder(encoding: name)
            let error = #expect(throws: FormatError.self) { try decoder.decode([0x61, 0xFF]) }
            #expect(error?.offset == 1)
        }
        // More room than iconv was first given.
        let long = [UInt8](repeating: 0x80, count: 100_000)
        #expect(try TextDecoder(encoding: "windows-1252").decode(long) == String(repeating: "€", count: 100_000))
    }

    @Test("Other formats take other encodings through a transcoding source")
    func transcoded() throws {
        let line = Array("{\"a\":\"".utf8) + Self.gb + Array("\"}\n".utf8)
        let broken = Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}\n".utf8)
        let source = try TranscodedBytes(MemoryBytes(line + broken + line, step: 3), encoding: "gb18030")
        let reading = try Reading(.ndjson, source)
        #expect(reading.rows == [["中文"], ["中文"]])
        #expect(reading.refused == ["2 undecodable"])
    }
}
