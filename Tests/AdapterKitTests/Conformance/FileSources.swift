import Foundation
import Subprocess

/// A folder with CSV files. In `append` each delivery's new records stand in a file of their own.
final class CSVSource: ConformingSource {
    let folder: SourceFolder
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

    func takeDown() throws { try folder.move("in", to: "away") }
    func bringBack() throws { try folder.move("away", to: "in") }
    func refusal(ofRecord index: Int) -> String { "\(index + 2) ragged" }
}

/// One file of text in which each record is a piece of its own.
final class TextSource: ConformingSource {
    /// How a kind of file writes its records.
    struct Form: Sendable {
        let format: String
        var begin = ""
        var separator = ""
        var end = ""
        /// Lines before the first record.
        var linesBefore = 0
        let record: @Sendable (_ no: Int, _ columns: [(name: String, value: String)], _ isBroken: Bool) -> String

        /// A line each; the broken one lacks its end.
        static let ndjson = Form(format: "'ndjson'") { "{\"no\":\($0)\(members($1))" + ($2 ? "\n" : "}\n") }
        /// The broken one lacks a value.
        static let json = Form(format: "'json'", begin: "[\n", separator: ",\n", end: "\n]\n", linesBefore: 1) {
            "{\"no\":\($2 ? "" : "\($0)")\(members($1))}"
        }
        /// The broken one is no feature.
        static let geojson = Form(
            format: "'geojson'", begin: "{\"type\":\"FeatureCollection\",\"features\":[\n", separator: ",\n", end: "\n]}\n", linesBefore: 1
        ) {
            "{\"type\":\"\($2 ? "feature" : "Feature")\",\"properties\":{\"no\":\($0)\(members($1))},\"geometry\":null}"
        }
        /// The broken one has an element that another one closes.
        static let xml = Form(format: "{ kind: 'xml', record: 'case' }", begin: "<cases>\n", end: "</cases>\n", linesBefore: 1) { no, columns, isBroken in
            "<case><no>\(no)\(isBroken ? "</on>" : "</no>")" + columns.map { "<\($0.name)>\($0.value)</\($0.name)>" }.joined() + "</case>\n"
        }

        private static func members(_ columns: [(name: String, value: String)]) -> String {
            columns.map { ",\"\($0.name)\":\"\($0.value)\"" }.joined()
        }

        func pieces(_ delivery: Delivery) -> [String] {
            delivery.records.enumerated().map { index, each in
                record(each.no, delivery.columns.map { ($0, delivery.value($0, of: each)) }, index == delivery.broken)
            }
        }
    }

    let folder: SourceFolder
    private let form: Form

    init(_ form: Form) throws {
        self.form = form
        folder = try SourceFolder(ConformanceKind.manifest(input: "{ kind: 'file', path: 'in/*', format: \(form.format) }", mode: "snapshot"))
    }

    func deliver(_ delivery: Delivery) throws {
        try folder.write(form.begin + form.pieces(delivery).joined(separator: form.separator) + form.end, to: "in/a")
    }

    func takeDown() throws { try folder.move("in", to: "away") }
    func bringBack() throws { try folder.move("away", to: "in") }
    func refusal(ofRecord index: Int) -> String { "\(index + 1 + form.linesBefore) syntax" }
}

/// A workbook, packed by `zip`. The broken row has a cell beyond its header.
final class WorkbookSource: ConformingSource {
    static let isAvailable = ["zip", "unzip"].allSatisfy { (try? ChildProcess.run("/usr/bin/env", [$0, "-v"]))?.status == 0 }

    let folder: SourceFolder

    init() throws {
        folder = try SourceFolder(ConformanceKind.manifest(input: "{ kind: 'file', path: 'in/*', format: 'xlsx' }", mode: "snapshot"))
        try folder.write("<workbook xmlns:r=\"urn:r\"><sheets><sheet name=\"cases\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>", to: "book/xl/workbook.xml")
        try folder.write(
            "<Relationships><Relationship Id=\"rId1\" Type=\"http://x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
            to: "book/xl/_rels/workbook.xml.rels")
    }

    func deliver(_ delivery: Delivery) throws {
        let header = ["no"] + delivery.columns
        let rows = delivery.records.enumerated().map { index, record in
            ["\(record.no)"] + delivery.columns.map { delivery.value($0, of: record) } + (index == delivery.broken ? ["one too many"] : [])
        }
        let sheet = ([header] + rows).enumerated().map { index, cells in
            "<row r=\"\(index + 1)\">"
                + zip("ABCD", cells).map { "<c r=\"\($0)\(index + 1)\" t=\"inlineStr\"><is><t>\($1)</t></is></c>" }.joined() + "</row>"
        }
        try folder.write("<worksheet><sheetData>\(sheet.joined())</sheetData></worksheet>", to: "book/xl/worksheets/sheet1.xml")
        let made = try ChildProcess.run("/bin/sh", ["-c", "cd '\(folder.path)/book' && mkdir -p ../in && rm -f ../in/a.xlsx && zip -q -r ../in/a.xlsx ."])
        guard made.status == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    func takeDown() throws { try folder.move("in", to: "away") }
    func bringBack() throws { try folder.move("away", to: "in") }
    func refusal(ofRecord index: Int) -> String { "\(index + 2) ragged" }
}
