import Foundation
import PrivateServer
import RecordFormats
import Subprocess
import Testing
@testable import AdapterKit

private let hasZip = ["zip", "unzip"].allSatisfy { (try? ChildProcess.run("/usr/bin/env", [$0, "-v"]))?.status == 0 }

/// Workbooks as they are made by programs: packed by `zip`, read through `unzip`. Skipped where one of them is missing.
@Suite(.enabled(if: hasZip, "needs the programs zip and unzip")) struct WorkbookTests {
    private static let relations = """
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>
        <Relationship Id="rId2" Type="http://x/worksheet" Target="/xl/worksheets/sheet2.xml"/>
        <Relationship Id="rId3" Type="http://x/styles" Target="styles.xml"/><Relationship Id="rId4" Type="http://x/sharedStrings" Target="sharedStrings.xml"/>
        </Relationships>
        """
    private static let styles = """
        <styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>
        <numFmt numFmtId="165" formatCode="[h]:mm:ss"/></numFmts>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="22"/><xf numFmtId="165"/><xf numFmtId="20"/></cellXfs></styleSheet>
        """

    /// A workbook's bytes, in a folder.
    private func workbook(_ sheet: String, is1904: Bool = false) throws -> SourceFolder {
        let folder = try SourceFolder()
        try folder.write(
            """
            <workbook xmlns:r="urn:r"><workbookPr\(is1904 ? " date1904=\"1\"" : "")/>
            <sheets><sheet name="封面" sheetId="7" r:id="rId2"/><sheet name="数据" sheetId="3" r:id="rId1"/></sheets></workbook>
            """, to: "b/xl/workbook.xml")
        try folder.write(Self.relations, to: "b/xl/_rels/workbook.xml.rels")
        try folder.write(Self.styles, to: "b/xl/styles.xml")
        try folder.write(
            "<sst><si><t>编号</t></si><si><r><t xml:space=\"preserve\">日 </t></r><r><t>期</t></r></si><si><t>一号</t></si></sst>", to: "b/xl/sharedStrings.xml")
        try folder.write("<worksheet><sheetData>\(sheet)</sheetData></worksheet>", to: "b/xl/worksheets/sheet1.xml")
        try folder.write("<worksheet><sheetData/></worksheet>", to: "b/xl/worksheets/sheet2.xml")
        let made = try ChildProcess.run("/bin/sh", ["-c", "cd '\(folder.path)/b' && zip -q -r ../a.xlsx ."])
        #expect(made.status == 0, "\(made.output)")
        return folder
    }

    private func read(_ folder: SourceFolder, _ options: WorkbookOptions) throws -> (records: [Record], refused: [String]) {
        let input = FileInput(files: [try FileSearch.examine(folder.path + "/a.xlsx", folder: folder.path)], format: .xlsx(options), encoding: nil)
        var records: [Record] = []
        var refused: [String] = []
        try input.forEach { outcome, _ in
            switch outcome {
            case .record(let record): records.append(record)
            case .refused(let refusal): refused.append("\(refusal.line) \(refusal.rule)")
            }
        }
        return (records, refused)
    }

    private let rows = """
        <row r="1"><c r="A1" t="inlineStr"><is><t>A title</t></is></c></row>
        <row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3" t="str"><v>n</v></c><c r="D3" t="inlineStr"><is><t>n</t></is></c></row>
        <row r="4"><c r="A4" t="s"><v>2</v></c><c r="B4" s="1"><v>45292</v></c><c r="D4"><v>1.10</v></c></row>
        <row r="5"/>
        <row r="6"><c r="B6" s="2"><v>45292.729166666664</v></c><c r="C6" t="b"><v>1</v></c><c r="D6" t="e"><v>#N/A</v></c></row>
        <row r="7"><c r="A7" s="3"><v>1.5</v></c><c r="B7" s="1"><v>59</v></c><c r="C7" s="4"><v>0.25</v></c><c r="D7"><f>1+1</f><v>2</v></c></row>
        <row r="8"><c r="A8" t="s"><v>99</v></c></row>
        <row r="9"><c r="A9"><v>1</v></c><c r="E9"><v>2</v></c></row>
        """

    @Test func cellsAreValues() throws {
        let (records, refused) = try read(workbook(rows), WorkbookOptions(sheet: .name("数据"), skippedRows: 2))
        #expect(records.map(\.line) == [4, 6, 7])
        #expect(records.first?.shape.names == ["编号", "日 期", "n", "n_2"])
        #expect(records.map(\.values) == [
            [.text("一号"), .text("2024-01-01"), .null, .number("1.10")],
            [.null, .text("2024-01-01T17:30:00"), .bool(true), .text("#N/A")],
            [.number("1.5"), .text("1900-02-28"), .text("06:00:00"), .number("2")],
        ])
        #expect(String(decoding: records[0].raw, as: UTF8.self) == #"{"编号":"一号","日 期":"2024-01-01","n":null,"n_2":1.10}"#)
        #expect(refused == ["8 syntax", "9 ragged"])
    }

    @Test func theOtherDateSystemCountsFrom1904() throws {
        let (records, _) = try read(
            workbook("<row r=\"1\"><c r=\"A1\" s=\"1\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>43830</v></c></row>", is1904: true),
            WorkbookOptions(sheet: .number(2), header: .none))
        #expect(records.map(\.values) == [[.text("1904-01-01"), .text("2024-01-01")]])
    }

    @Test func whatIsNotThereIsSaid() throws {
        let folder = try workbook(rows)
        #expect { _ = try read(folder, WorkbookOptions(sheet: .name("x"))) } throws: {
            let error = $0 as? AdapterError
            return error?.kind == .configuration && error?.description.contains("\"封面\", \"数据\"") == true
        }
        // The first sheet has no rows.
        #expect { _ = try read(folder, WorkbookOptions()) } throws: { ($0 as? AdapterError)?.kind == .data }
        let bytes = try #require(FileManager.default.contents(atPath: folder.path + "/a.xlsx"))
        try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "a.xlsx")
        #expect { _ = try read(folder, WorkbookOptions()) } throws: { ($0 as? AdapterError)?.message.contains("unzip") == true }
    }

    @Test func withoutUnzipASentenceSaysSo() throws {
        let folder = try workbook(rows)
        let found = try FileSearch.examine(folder.path + "/a.xlsx", folder: folder.path)
        let input = FileInput(
            files: [found], format: .xlsx(WorkbookOptions()), encoding: nil, context: InputContext(environment: ["PATH": "/nonexistent"]))
        #expect { try input.forEach { _, _ in } } throws: { error in
            let error = error as? AdapterError
            return error?.kind == .configuration && error?.hint?.contains("Install unzip") == true
        }
    }

    private static let leak = SharedData.path("test-only/sensors/battledim/Leak_p427.xlsx")

    /// A year and a day of a leak's flow, every five minutes.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: leak), "needs ../shared/data/test-only/sensors/battledim"))
    func aRealWorkbookReadsRight() throws {
        let options = WorkbookOptions(sheet: .name("Demand (m3_h)"))
        let input = FileInput(files: [try FileSearch.examine(Self.leak, folder: "")], format: .xlsx(options), encoding: nil)
        var minute = 0
        var sum = Decimal(0)
        try input.forEach { outcome, _ in
            guard case .record(let record) = outcome, let text = record["p427"]?.string, let flow = Decimal(string: text) else {
                Issue.record("A row was refused, or has no flow.")
                return
            }
            sum += flow
            let clock = String(format: "%02d:%02d:00", minute / 60 % 24, minute % 60)
            #expect(record["Timestamp"]?.string?.hasSuffix("T" + clock) == true)
            if minute == 59 * 1440 { #expect(record["Timestamp"] == .text("2019-03-01T00:00:00")) }
            if minute == 5 { #expect(record.values == [.text("2019-01-01T00:05:00"), .number("5.06")] && record.line == 3) }
            minute += 5
        }
        // 365 days.
        #expect(minute == 105_120 * 5)
        #expect(sum == Decimal(string: "525000.67"))
        let info = FileInput(files: input.files, format: .xlsx(WorkbookOptions()), encoding: nil)
        var rows: [[Value]] = []
        try info.forEach { outcome, _ in if case .record(let record) = outcome { rows.append(record.values) } }
        #expect(rows.count == 7 && rows.first == [.text("Leak Pipe"), .text("p427")])
    }
}
