import Foundation
import RecordFormats

/// Everything that a reader gave until its end.
struct Reading {
    var records: [Record] = []
    var refusals: [Refusal] = []
    var columns: [String]?
    var error: FormatError?
    /// The raw bytes of records and refusals in the order in which they came.
    var raw: [[UInt8]] = []

    init(_ format: Format, _ source: any ByteSource) throws {
        var reader = try makeReader(format, source)
        do throws(FormatError) {
            while let outcome = try reader.next() {
                switch outcome {
                case .record(let record):
                    records.append(record)
                    raw.append(record.raw)
                case .refused(let refusal):
                    refusals.append(refusal)
                    raw.append(refusal.raw)
                }
            }
        } catch {
            self.error = error
        }
        columns = reader.columns
    }

    init(_ format: Format, _ text: String, step: Int = .max) throws {
        try self.init(format, MemoryBytes(text, step: step))
    }

    init(_ format: Format, file: URL) throws {
        try self.init(format, try FileBytes(path: file.path))
    }

    /// The records' values as plain strings; null is "∅".
    var rows: [[String]] { records.map { $0.values.map { $0.string ?? "∅" } } }
    var lines: [Int] { records.map(\.line) }
    var refused: [String] { refusals.map { "\($0.line) \($0.rule)" } }
}

/// The folder of real deliveries beside the project, where there is one.
enum SharedData {
    static let folder: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data").standardizedFileURL

    static func file(_ path: String) -> URL { folder.appending(path: path) }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: file(path).path) }

    static let shippable = exists("shippable")
    static let testOnly = exists("test-only")
    static let absent = "The real files are looked for in ../shared/data beside the project; this test is skipped where they are absent."
}

/// A small generator of random numbers that gives the same sequence for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
