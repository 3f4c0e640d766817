import Foundation
import RecordFormats

/// The beginning of a source that nobody has described yet: its format, as far as it shows, and its first records.
struct SourceSample {
    /// Format, with the encoding that its bytes are in.
    let format: Format
    /// Of formats other than CSV; nil for UTF-8.
    let encoding: String?
    let records: [Record]
    let refusals: [Refusal]
    /// What was seen of the file, whole where it is small.
    let bytes: [UInt8]
    let isWhole: Bool

    static let mostRecords = 5000
    private static let mostBytes = 8 << 20
    private static let mostJSON = 64 << 20

    /// Throws `configuration` where the file cannot be read, `data` where nothing that is known fits it.
    /// - Parameter name: what errors call it; its end may tell the format.
    static func look(at path: String, named name: String? = nil) throws -> SourceSample {
        let title = name ?? path
        let (bytes, isWhole) = try beginning(of: path, title)
        guard !bytes.isEmpty else { throw AdapterError(.data, "The file is empty.", file: title) }
        var ending = title.lowercased()
        for packing in PackedBytes.Packing.allCases where ending.hasSuffix(packing.ending) { ending.removeLast(packing.ending.count) }
        if ending.hasSuffix(".xlsx") || bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return try look(atWorkbook: path) }
        let encoding = TextEncodingGuess.encoding(of: bytes)
        let text = encoding == "utf-8" ? bytes : try TranscodedBytes(MemoryBytes(bytes), encoding: encoding).whole()
        let format = try FormatGuess.format(of: text, name: ending, encoding: encoding, isWhole: isWhole, path: title)
        let isCSV = if case .csv = format { true } else { false }
        var records: [Record] = []
        var refusals: [Refusal] = []
        do throws(FormatError) {
            var input: any ByteSource = MemoryBytes(bytes)
            if !isCSV, encoding != "utf-8" { input = try TranscodedBytes(input, encoding: encoding) }
            var reader = try makeReader(format, input)
            while records.count < mostRecords, let outcome = try reader.next() {
                switch outcome {
                case .record(let record): records.append(record)
                case .refused(let refusal): refusals.append(refusal)
                }
            }
        } catch {
            // The end of what was read cuts a record.
            if isWhole || records.isEmpty { throw error.inAdapter(file: title) }
        }
        guard !records.isEmpty else {
            throw AdapterError(.data, "No record can be read (\(refusals.count) pieces were refused\(refusals.first.map { ": " + $0.message } ?? "")).", file: title)
        }
        return SourceSample(
            format: format, encoding: isCSV || encoding == "utf-8" ? nil : encoding, records: records, refusals: refusals, bytes: bytes, isWhole: isWhole)
    }
}

extension SourceSample {
    /// The first bytes of a file, unpacked where it is packed, and whether they are all: a small file is read whole, of a large one less is needed.
    private static func beginning(of path: String, _ title: String) throws -> (bytes: [UInt8], isWhole: Bool) {
        let isSmall = Int(try FileSearch.stamp(path).size) <= mostJSON
        do throws(FormatError) {
            let source = try PackedBytes.open(path, InputContext())
            var bytes: [UInt8] = []
            while bytes.count < (isSmall ? mostJSON : mostBytes) {
                let piece = try source.read(upTo: 1 << 20)
                if piece.isEmpty { return (bytes, true) }
                bytes += piece
            }
            return (bytes, false)
        } catch {
            throw error.inAdapter(file: title)
        }
    }

    /// The first rows of a workbook's first sheet.
    private static func look(atWorkbook path: String) throws -> SourceSample {
        struct Enough: Error {}
        let format = Format.xlsx(WorkbookOptions())
        var records: [Record] = []
        var refusals: [Refusal] = []
        do {
            try FileInput(files: [try FileSearch.examine(path, folder: "")], format: format, encoding: nil).forEach { outcome, _ in
                switch outcome {
                case .record(let record): records.append(record)
                case .refused(let refusal): refusals.append(refusal)
                }
                if records.count >= mostRecords { throw Enough() }
            }
        } catch is Enough {}
        guard !records.isEmpty else { throw AdapterError(.data, "The first sheet of the workbook has no row behind its header.", file: path) }
        return SourceSample(format: format, encoding: nil, records: records, refusals: refusals, bytes: [], isWhole: records.count < mostRecords)
    }
}

extension ByteSource {
    fileprivate func whole() throws(FormatError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try read(upTo: 1 << 20)
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }
}

/// Which encoding bytes are in, by their marks, by nulls, and by what they are no mistake in.
enum TextEncodingGuess {
    /// A name that iconv knows. UTF-16 without a mark is told by where its nulls stand; GB18030 before windows-1252, which fits everything.
    static func encoding(of bytes: [UInt8]) -> String {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return "utf-8" }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "utf-16" }
        let head = bytes.prefix(4096)
        let nulls = head.enumerated().filter { $0.element == 0 }.map(\.offset)
        if nulls.count > head.count / 4 { return nulls.filter { $0 % 2 == 1 }.count * 2 > nulls.count ? "utf-16le" : "utf-16be" }
        // Whole characters: the last few bytes may be cut.
        for encoding in ["utf-8", "gb18030", "windows-1252"] {
            for cut in 0..<min(4, bytes.count) {
                if let decoder = try? TextDecoder(encoding: encoding), (try? decoder.decode(Array(bytes.dropLast(cut)))) != nil { return encoding }
                if bytes.count < 64 { break }
            }
        }
        return "iso-8859-1"
    }
}

/// Which format a text is in.
enum FormatGuess {
    static func format(of text: [UInt8], name: String, encoding: String, isWhole: Bool, path: String) throws(AdapterError) -> Format {
        let body = text.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(text.dropFirst(3)) : text
        let first = body.first { $0 > 32 }
        if name.hasSuffix(".inp") || String(decoding: body.prefix(2000), as: UTF8.self).contains("[JUNCTIONS]") { return .inp }
        if first == UInt8(ascii: "<") {
            throw AdapterError(.configuration, "The file is XML: which elements are records has to be said by hand.", file: path, hint: "See format xml in Sources/AdapterKit/README.md.")
        }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return .csv(csv(body, encoding: encoding)) }
        if first == UInt8(ascii: "{"), isNDJSON(body) { return .ndjson }
        guard isWhole, let value = try? JSONParser.parse(body) else {
            throw AdapterError(.data, "The file begins like JSON and is none, or is larger than 64 MiB.", file: path)
        }
        if value[member: "type"] == .text("FeatureCollection") { return .geojson }
        guard let pointer = list(in: value) else { throw AdapterError(.data, "There is no list of objects in this JSON.", file: path) }
        return .json(records: pointer)
    }

    private static func isNDJSON(_ text: [UInt8]) -> Bool {
        let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: 3).prefix(3).map { Array($0) }.filter { !$0.allSatisfy { $0 <= 32 } }
        // One line alone is a document, unless it says otherwise by its name.
        return lines.count >= 2 && lines.prefix(2).allSatisfy { if case .object? = try? JSONParser.parse($0) { true } else { false } }
    }

    /// JSON pointer of the longest list of objects, at most four members deep; of an object of objects with `/*` behind it.
    private static func list(in root: Value) -> String? {
        var best: (count: Int, pointer: String)?
        func search(_ value: Value, _ pointer: String, _ depth: Int) {
            switch value {
            case .array(let items):
                let objects = items.count { if case .object = $0 { true } else { false } }
                if objects > 0, objects * 2 > items.count, objects > best?.count ?? 0 { best = (objects, pointer) }
            case .object(let members) where depth < 4:
                let objects = members.count { if case .object = $0.value { true } else { false } }
                if objects > 3, objects == members.count, objects > best?.count ?? 0 { best = (objects, pointer + "/*") }
                for member in members {
                    let step = member.name.replacingOccurrences(of: "~", with: "~0").replacingOccurrences(of: "/", with: "~1")
                    search(member.value, pointer + "/" + step, depth + 1)
                }
            default: break
            }
        }
        search(root, "", 0)
        if best == nil, case .object = root { return "" }
        return best?.pointer
    }

    /// The delimiter that gives the most equal fields, and whether the first row names columns.
    private static func csv(_ text: [UInt8], encoding: String) -> CSVOptions {
        var options = CSVOptions(encoding: encoding)
        var best = 0.0
        for delimiter in [",", ";", "\t", "|"] {
            var trial = CSVOptions(delimiter: delimiter)
            trial.header = .none
            guard var reader = try? makeReader(.csv(trial), MemoryBytes(Array(text.prefix(1 << 18)))) else { continue }
            var widths: [Int: Int] = [:]
            var rows = 0
            while rows < 200, let outcome = try? reader.next() {
                rows += 1
                if case .record(let record) = outcome { widths[record.values.count, default: 0] += 1 }
            }
            guard let (width, count) = widths.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), rows > 0 else { continue }
            let score = width > 1 ? Double(count) / Double(rows) * (1 + Double(min(width, 50)) / 1000) : 0.001
            if score > best {
                best = score
                options.delimiter = delimiter
            }
        }
        let lines = text.prefix(1 << 16).split(separator: UInt8(ascii: "\n"), maxSplits: 20).prefix(20).map { String(decoding: $0, as: UTF8.self) }
        options.trim = lines.contains { $0.contains(options.delimiter + " ") }
        // Names are words; a first row with numbers or without letters is data.
        let cells = (lines.first ?? "").split(separator: Character(options.delimiter)).map { $0.trimmingCharacters(in: .whitespaces.union(["\"", "\r", "\u{FEFF}"])) }
        if !cells.isEmpty, cells.allSatisfy({ Double($0) != nil || !$0.contains(where: \.isLetter) }) { options.header = .none }
        return options
    }
}
