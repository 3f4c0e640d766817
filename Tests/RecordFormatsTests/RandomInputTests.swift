import Foundation
import RecordFormats
import Testing

/// Random inputs by seed: a failing seed prints itself through the test's argument.
@Suite("Random inputs")
struct RandomInputTests {
    private static let pieces = [
        "", "a", "12", "中文", "é", "😀", ",", "\"", "\n", "\r\n", "\r", " ", ";", "|", "\\", "x\"y", "\"\"", "长一点的文字，带标点。",
    ]

    @Test("Random tables survive writing and reading, in any encoding and step", arguments: UInt64(1)...200)
    func tables(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let columns = Int.random(in: 2...6, using: &random)
        let encoding = ["utf-8", "gb18030", "utf-16le", "utf-16"].randomElement(using: &random) ?? "utf-8"
        let delimiter = [",", ";", "|", "\t"].randomElement(using: &random) ?? ","
        var text = (0..<columns).map { "c\($0)" }.joined(separator: delimiter) + "\n"
        var rows: [[String]] = []
        var lines: [Int] = []
        var line = 2
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            let row = (0..<columns).map { _ in
                (0..<Int.random(in: 0...4, using: &random)).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
            }
            let written = row.map { field in
                let mustQuote = field.contains { "\"\n\r\r\n".contains($0) || String($0) == delimiter }
                return mustQuote || Bool.random(using: &random) ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
            }.joined(separator: delimiter)
            let end = ["\n", "\r\n", "\r"].randomElement(using: &random) ?? "\n"
            rows.append(row)
            lines.append(line)
            text += written + end
            line += 1 + Self.lineEnds(in: written)
            // A lone CR before a row that begins with LF would be one CR LF.
        }
        let bytes = try #require(Self.encode(text, encoding))
        let step = Int.random(in: 1...64, using: &random)
        let reading = try Reading(.csv(CSVOptions(encoding: encoding, delimiter: delimiter)), MemoryBytes(bytes, step: step))
        #expect(reading.refused == [])
        #expect(reading.rows == rows)
        #expect(reading.lines == lines)
    }

    private static func lineEnds(in text: String) -> Int {
        var count = 0
        var afterCR = false
        for byte in text.utf8 {
            if byte == 0x0D || (byte == 0x0A && !afterCR) { count += 1 }
            afterCR = byte == 0x0D
        }
        return count
    }

    private static func encode(_ text: String, _ encoding: String) -> [UInt8]? {
        let utf16 = text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        switch encoding {
        case "utf-16le": return utf16
        case "utf-16": return [0xFF, 0xFE] + utf16
        case "gb18030": return text.data(using: String.Encoding(rawValue: 0x8000_0632)).map { Array($0) }
        default: return Array(text.utf8)
        }
    }

    private static let csvSeed = Array("id,name,note\n1,\"a,\"\"b\"\"\",x\r\n2,中文,\"two\nlines\"\n3,,\n4,\"\",é\n".utf8)
    private static let jsonSeed = Array(
        "{\"t\":1,\"features\":[{\"type\":\"Feature\",\"id\":\"\\u4e2d\",\"properties\":{\"a\":[1,2.5e3]},\"geometry\":null},{\"type\":\"Feature\"}],\"z\":[]}"
            .utf8)
    private static let networkSeed = Array(
        "[JUNCTIONS]\nj1 1\nj2 2 3 p ;c\n[PIPES]\np1 j1 j2 1 2 3 0 Open\n[COORDINATES]\nj1 1 2\n[OPTIONS]\nUnits LPS\n[END]\n".utf8)

    private static func mutate(_ seedBytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = seedBytes
        let special: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x00, 0xFF, 0x80, 0xE4, 0x5B, 0x5D, 0x7B, 0x7D, 0x5C, 0x3A, 0x20, 0x30]
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where place < bytes.count: bytes[place] = special.randomElement(using: &random) ?? 0
            case 1: bytes.insert(special.randomElement(using: &random) ?? 0, at: place)
            case 2 where place < bytes.count: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
            default: bytes += bytes[place...]
            }
        }
        return bytes
    }

    private static func withoutLineEnds(_ bytes: some Sequence<UInt8>) -> [UInt8] { bytes.filter { $0 != 0x0A && $0 != 0x0D } }

    @Test("CSV: every byte of a damaged input is in a record, in a refusal, or a line's end", arguments: UInt64(1)...400)
    func damagedCSV(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let bytes = Self.mutate(Self.csvSeed, &random)
            let options = CSVOptions(header: .names(["a", "b", "c"]))
            let whole = try Reading(.csv(options), MemoryBytes(bytes))
            #expect(whole.error == nil)
            let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            #expect(Self.withoutLineEnds(whole.raw.joined()) == Self.withoutLineEnds(bytes.dropFirst(mark)))
            // The pieces in which bytes arrive change nothing.
            let stepped = try Reading(.csv(options), MemoryBytes(bytes, step: Int.random(in: 1...5, using: &random)))
            #expect(stepped.raw == whole.raw)
            #expect(stepped.lines == whole.lines)
            #expect(stepped.refused == whole.refused)
            for record in whole.records { #expect(record.values.count == 3) }
        }
    }

    @Test("NDJSON: every byte of a damaged input is in a record, in a refusal, or blank", arguments: UInt64(1)...200)
    func damagedNDJSON(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let bytes = Self.mutate(Array("{\"a\":1}\n{\"a\":\"\\uD83D\\uDE00\"}\n\n{\"b\":[null,true]}\n".utf8), &random)
            let reading = try Reading(.ndjson, MemoryBytes(bytes, step: Int.random(in: 1...9, using: &random)))
            #expect(reading.error == nil)
            func inked(_ bytes: some Sequence<UInt8>) -> [UInt8] { bytes.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0x20 } }
            #expect(inked(reading.raw.joined()) == inked(bytes))
        }
    }

    @Test("JSON, GeoJSON, networks and JSON5: damage ends in records, refusals or an error, never in a crash", arguments: UInt64(1)...400)
    func damagedDocuments(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let document = Self.mutate(Self.jsonSeed, &random)
            let step = Int.random(in: 1...9, using: &random)
            for format in [Format.geojson, .json(records: "/features"), .json(records: "")] {
                let whole = try Reading(format, MemoryBytes(document))
                let stepped = try Reading(format, MemoryBytes(document, step: step))
                #expect(stepped.raw == whole.raw)
                #expect(stepped.refused == whole.refused)
                #expect(stepped.error == whole.error)
                #expect(whole.raw.joined().count <= document.count)
            }
            if let value = try? JSONParser.parse(document) {
                #expect(try JSONParser.parse(JSONWriter.encode(value)) == value)
                #expect(try JSON5Parser.parse(String(decoding: document, as: UTF8.self), file: "x").plain == value)
            }
            _ = try? JSON5Parser.parse(String(decoding: document, as: UTF8.self), file: "x")
            let network = try Reading(.inp, MemoryBytes(Self.mutate(Self.networkSeed, &random), step: step))
            for record in network.records { #expect(record.values.count == record.shape.names.count) }
        }
    }

    private static let jsonPieces = [
        "1", "-2.50e3", "true", "null", "\"\"", "\"text\"", "\"\\\"\"", "\"a\\\\\"", "\"}, \\\"b\\\": [\"", "\"\\u4e2d\"", "{}", "[]", "{\"a\":\"]\\\\\"}",
        "[ {\"x\":[1,\"}\"]} , 2 ]", "01", "tru", "\"open", "[1",
    ]

    /// What is known is passed over with the columns that it has; everything else comes as if nobody had asked.
    @Test("Records known by their bytes are passed over, whatever stands in them", arguments: UInt64(1)...200)
    func known(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let rows = (0..<40).map { _ in
            let members = (0..<Int.random(in: 0...4, using: &random)).map { number in
                let names = ["\"m\(number)\"", "\"m\(number)\"", "\"m\(number)\"", "\"名\(number)\"", "\"\\u0061\(number)\""]
                let name = names.randomElement(using: &random) ?? ""
                let spaces = ["", " ", "\t"]
                let value = Self.jsonPieces.randomElement(using: &random) ?? ""
                return (spaces.randomElement(using: &random) ?? "") + name + " :" + value + (spaces.randomElement(using: &random) ?? "")
            }
            return "{" + members.joined(separator: ",") + "}"
        }
        let isArray = Bool.random(using: &random)
        let format: Format = isArray ? .json(records: "") : .ndjson
        let text = isArray ? "[" + rows.joined(separator: ",\n") + "]" : rows.joined(separator: "\n") + "\n"
        let plain = try Reading(format, text)
        let knownRows = Set(plain.records.filter { _ in Bool.random(using: &random) }.map(\.raw))
        var reader = try makeReader(format, MemoryBytes(Array(text.utf8), step: Int.random(in: 1...64, using: &random)))
        let before = Dictionary(plain.records.map { ($0.raw, $0.shape.names) }, uniquingKeysWith: { first, _ in first })
        var shapes = RowShapes()
        var passed = 0
        var others: [[UInt8]] = []
        var failed = false
        do throws(FormatError) {
            while let step = try reader.next(unless: { shape, bytes, _ in
                let raw = Array(bytes)
                #expect(shape == nil)
                if let names = before[raw] { #expect(names == shapes.shape(of: bytes)?.names) }
                return knownRows.contains(raw)
            }) {
                switch step {
                case .taken: passed += 1
                case .outcome(.record(let record)): others.append(record.raw)
                case .outcome(.refused(let refusal)): others.append(refusal.raw)
                }
            }
        } catch {
            failed = true
        }
        #expect(failed == (plain.error != nil))
        let unknown = plain.raw.filter { !knownRows.contains($0) }
        #expect(others == unknown)
        #expect(passed + others.count == plain.raw.count)
        if knownRows.count > 8 { #expect(passed > 0) }
    }
}
