import Foundation
import Subprocess

/// A folder with CSV files. In `append` each delivery's new records stand in a file of their own.
final class CSVSource: ConformingSource {
    let folder: SourceFolder
    var environment: [String: String] { [:] }
    private let isAppended: Bool
    private let program: String?
    private var delivered: Set<SourceRecord> = []
    private var files = 0

    /// - Parameter program: packs the files: `gzip` or `xz`.
    init(mode: String, program: String? = nil) throws {
        isAppended = mode == "append"
        self.program = program
        folder = try SourceFolder(ConformanceKind.manifest(input: "{ kind: 'file', path: 'in/*', format: 'csv' }", mode: mode))
    }

    func deliver(_ delivery: Delivery) throws {
        var text = (["no"] + delivery.columns).joined(separator: ",") + "\n"
        let records = delivery.records.enumerated().filter { !isAppended || !delivered.contains($0.element) }
        delivered.formUnion(delivery.records)
        if records.isEmpty, isAppended { return }
        for (index, record) in records {
            text += "\(record.no)" + delivery.columns.map { ",\(delivery.value($0, of: record))" }.joined()
            text += index == delivery.broken ? ",one too many\n" : "\n"
        }
        if isAppended { files += 1 }
        let name = "in/\(files).csv"
        try folder.write(text, to: name)
        guard let program else { return }
        _ = try ChildProcess.run(program, ["-f", folder.path + "/" + name])
    }

    func takeDown() throws { try FileManager.default.moveItem(atPath: folder.path + "/in", toPath: folder.path + "/away") }
    func bringBack() throws { try FileManager.default.moveItem(atPath: folder.path + "/away", toPath: folder.path + "/in") }
    func refusal(ofRecord index: Int) -> String { "\(index + 2) ragged" }
}

/// One NDJSON file.
final class NDJSONSource: ConformingSource {
    let folder: SourceFolder
    var environment: [String: String] { [:] }

    init() throws {
        folder = try SourceFolder(ConformanceKind.manifest(input: "{ kind: 'file', path: 'in/*', format: 'ndjson' }", mode: "snapshot"))
    }

    func deliver(_ delivery: Delivery) throws {
        try folder.write(NDJSONSource.text(delivery), to: "in/a.ndjson")
    }

    /// A line each; the broken one lacks its end.
    static func text(_ delivery: Delivery) -> String {
        delivery.records.enumerated().map { index, record in
            let members = delivery.columns.map { ",\"\($0)\":\"\(delivery.value($0, of: record))\"" }.joined()
            return "{\"no\":\(record.no)\(members)" + (index == delivery.broken ? "\n" : "}\n")
        }.joined()
    }

    func takeDown() throws { try FileManager.default.moveItem(atPath: folder.path + "/in", toPath: folder.path + "/away") }
    func bringBack() throws { try FileManager.default.moveItem(atPath: folder.path + "/away", toPath: folder.path + "/in") }
    func refusal(ofRecord index: Int) -> String { "\(index + 1) syntax" }
}
