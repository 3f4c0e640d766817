import Foundation
@testable import AdapterKit
import EventLog
import RecordFormats

/// An adapter's folder that lives as long as the test.
final class SourceFolder {
    let path: String

    init(_ manifest: String? = nil) throws {
        path = FileManager.default.temporaryDirectory.path + "/twinhub-adapter-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        if let manifest { try write(manifest, to: "adapter.json5") }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    func move(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: path + "/" + name, toPath: path + "/" + other)
    }

    func manifest() throws -> Manifest { try Manifest.read(folder: path) }
}

/// A manifest around one stream.
func manifestText(_ stream: String, format: String = "\"csv\"", version: String = "1.0.0", path: String = "samples/*") -> String {
    """
    { adapter: "test-source", version: "\(version)", department: "tests", source: "urn:test",
      input: { kind: "file", path: "\(path)", format: \(format) },
      streams: [\(stream)] }
    """
}

/// Maps one record whose columns are all text; "" is an empty cell.
func mapped(_ payload: String, _ columns: [(String, String)], stream extra: String = "") throws -> Result<String, Refused> {
    try mapped(payload, columns.map { ($0.0, Value.text($0.1)) }, stream: extra)
}

func mapped(_ payload: String, _ columns: [(String, Value)], stream extra: String = "") throws -> Result<String, Refused> {
    let text = manifestText("{ name: \"s\", mode: \"append\", \(extra) facts: [{ event: \"case.received\", subject: \"case/1\", payload: { note: \(payload) } }] }")
    let manifest = try Manifest.parse(text, file: "adapter.json5", folder: "/none")
    let mapper = try FactMapper(manifest.streams[0], protection: Protection(.forSamples))
    let record = Record(shape: RecordShape(names: columns.map(\.0)), values: columns.map(\.1), line: 2, raw: [])
    mapper.columns.load(record)
    let evaluation = Evaluation(columns: mapper.columns, types: manifest.streams[0].contract.types, keepsGaps: false, personal: PersonalColumns(manifest.streams[0]))
    do throws(Refused) {
        let value = try evaluation.value(manifest.streams[0].facts[0].payload[0].expression)
        return .success(value.map { String(decoding: JSONWriter.encode($0), as: UTF8.self) } ?? "missing")
    } catch {
        return .failure(error)
    }
}

/// The mistake in a manifest, or nil.
func mistake(in text: String) -> AdapterError? {
    do throws(AdapterError) {
        _ = try Manifest.parse(text, file: "adapter.json5", folder: "/none")
        return nil
    } catch {
        return error
    }
}
