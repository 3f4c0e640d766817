import Foundation
import PostgresClient
import PrivateServer
import Subprocess
import Testing
@testable import AdapterKit

/// `adapter new`: real files and small ones, each to a manifest that passes `check`.
@Suite struct DraftTests {
    private func draft(_ text: [UInt8], as file: String, event: String? = nil) throws -> (made: DraftOutcome, manifest: String, sample: String) {
        let place = try SourceFolder()
        try place.write(text, to: file)
        return try draft(place.path + "/" + file, event: event)
    }

    private func draft(_ path: String, event: String? = nil) throws -> (made: DraftOutcome, manifest: String, sample: String) {
        let root = try SourceFolder()
        let made = try AdapterDraft.make("new-source", from: .file(path), root: root.path, event: event)
        let folder = root.path + "/new-source"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/samples")
        return (
            made, try String(contentsOfFile: folder + "/adapter.json5", encoding: .utf8),
            try String(contentsOfFile: folder + "/samples/" + (names.first ?? ""), encoding: .utf8)
        )
    }

    @Test func chineseCasesInGB18030() throws {
        let text = "工单编号,受理时间,诉求类型,诉求内容,诉求人,联系电话,办结时间\n"
            + (1...9).map { "G\($0),2024/5/\($0) 08:30,噪音,楼上装修,张三,1380013800\($0),暂无\n" }.joined()
        let place = try SourceFolder()
        try place.write(text, to: "utf8.csv")
        let (status, output) = try ChildProcess.run(
            "/bin/sh", ["-c", "iconv -f utf-8 -t gb18030 \"$0/utf8.csv\" > \"$0/工单.csv\"", place.path])
        #expect(status == 0, "\(output)")
        let (made, manifest, sample) = try draft(place.path + "/工单.csv")
        #expect(made.findings.filter { $0.severity == .error }.isEmpty, "\(made.findings)")
        #expect(made.event == "case.received")
        #expect(made.facts == 9)
        #expect(made.format == "CSV, gb18030, delimiter ,")
        #expect(made.disguised == ["联系电话", "诉求人"].sorted())
        #expect(manifest.contains(#"occurred_at: { from: "受理时间", type: "datetime", format: "yyyy/M/d H:mm", zone: "Asia/Shanghai" }"#), "\(manifest.prefix(3000))")
        #expect(manifest.contains(#"key: ["工单编号"]"#))
        #expect(!sample.contains("张三") && !sample.contains("138001"), "nobody's values in the sample")
    }

    @Test func aWideTableBecomesObservations() throws {
        let rows: [String] = (0..<30).map { hour -> String in
            let clock = hour % 24 < 10 ? "0\(hour % 24)" : "\(hour % 24)"
            return "1\(hour / 24 + 3)/02/14 \(clock);\(hour).5;\(hour < 29 ? "NA" : "2.0")"
        }
        let text: String = "DATETIME;L_T1;F_PU1\n" + rows.joined(separator: "\n") + "\n"
        let (made, manifest, _) = try draft(Array(text.utf8), as: "scada.csv")
        #expect(made.findings.filter { $0.severity == .error }.isEmpty, "\(made.findings)")
        #expect(made.event == "observations.recorded")
        #expect(made.facts >= 2)
        #expect(manifest.contains(#"columns: ["L_T1", "F_PU1"]"#), "\(manifest.prefix(3000))")
        #expect(manifest.contains(#"null: ["NA"]"#))
    }

    @Test func aListInsideAnAnswer() throws {
        let items = (1...5).map { #"{"id":\#($0),"name":"B\#($0)","numberOfFloors":\#($0),"lon":121.5,"lat":31.2}"# }.joined(separator: ",")
        let (made, manifest, _) = try draft(Array(#"{"status":"ok","data":{"items":[\#(items)]}}"#.utf8), as: "answer.json")
        #expect(made.findings.filter { $0.severity == .error }.isEmpty, "\(made.findings)")
        #expect(made.event == "building.described")
        #expect(made.facts == 5)
        #expect(manifest.contains(#"records: "/data/items""#))
        #expect(manifest.contains(#"point: ["lon", "lat"]"#))
    }

    @Test func aTableIsDraftedAndDiscovered() throws {
        let source = try PrivateServer.shared().freshDatabase(migrated: false)
        try Connection(source).execute(
            "CREATE TABLE cases AS SELECT g AS id, 'noise' AS category, timestamptz '2024-01-01 00:00+08' AS created, 'No. ' || g AS address FROM generate_series(1, 60) g")
        let root = try SourceFolder()
        let made = try AdapterDraft.make("table", from: .table("cases", connection: "env:CIVIL"), root: root.path, environment: ["CIVIL": source])
        #expect(made.findings.filter { $0.severity == .error }.isEmpty, "\(made.findings)")
        #expect(made.format == "table cases")
        #expect(made.event == "case.received")
        #expect(made.records == 60 && made.facts == 40)
        let found = try AdapterDiscover.run(try Manifest.read(folder: root.path + "/table"), environment: ["CIVIL": source])
        let columns: [String] = found.flatMap(\.columns).map { "\($0.name) \($0.type) \($0.distinct)" }
        #expect(columns == ["id integer 60", "category text 1", "created datetime 1", "address text 60"])
    }

    @Test func utf16IsSeen() throws {
        let text = "code,name\n" + (1...5).map { "31000\($0),街道\($0)\n" }.joined()
        let bytes: [UInt8] = [0xFF, 0xFE] + Array(text.utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let (made, _, _) = try draft(bytes, as: "streets.csv")
        #expect(made.format == "CSV, utf-16, delimiter ,")
        #expect(made.event == "address.described")
        #expect(made.facts == 5)
    }

    @Test func whatCannotBeDraftedSaysWhy() throws {
        let root = try SourceFolder()
        try root.write("id,n\n1,2\n", to: "a.csv")
        let file = root.path + "/a.csv"
        let wrong: [(name: String, event: String?, word: String)] = [
            ("Bad Name", nil, "no name"), ("a", "case.made_up", "No manifest can be drafted"), ("b", "observations.recorded", "No column has the time"),
        ]
        for (name, event, word) in wrong {
            do {
                _ = try AdapterDraft.make(name, from: .file(file), root: root.path, event: event)
                Issue.record("\(name) was drafted")
            } catch {
                #expect("\(error)".contains(word))
            }
            #expect(!FileManager.default.fileExists(atPath: root.path + "/" + name), "nothing is left")
        }
        try root.write("", to: "empty.csv")
        #expect(throws: AdapterError.self) { try AdapterDraft.make("c", from: .file(root.path + "/empty.csv"), root: root.path) }
        #expect(throws: AdapterError.self) { try AdapterDraft.make("c", from: .file(root.path + "/none.csv"), root: root.path) }
    }

    /// The adapter reads the original; its sample is unpacked.
    @Test(.enabled(if: WorkbookSource.isAvailable, "needs the programs zip and unzip")) func packedFilesAndWorkbooks() throws {
        let book = try WorkbookSource()
        try book.deliver(Delivery(SourceRecord.list(0..<60)))
        let csv = try CSVSource(mode: "snapshot", program: "gzip")
        try csv.deliver(Delivery(SourceRecord.list(0..<60)))
        for (file, format) in [(book.folder.path + "/in/a.xlsx", "workbook, first sheet"), (csv.folder.path + "/in/0.csv.gz", "CSV, utf-8, delimiter ,")] {
            let root = try SourceFolder()
            let made = try AdapterDraft.make("packed", from: .file(file), root: root.path, event: "case.received")
            #expect(made.format == format && made.records == 60 && made.isWhole && made.sampled == 40 && made.facts == 40)
            #expect(made.findings.filter { $0.severity == .error }.isEmpty, "\(made.findings)")
            let hub = try TestHub()
            let manifest = try Manifest.read(folder: root.path + "/packed")
            let report = try AdapterRun(manifest, connection: hub.connection(for: manifest), keys: hub.keys).run()
            #expect(report.counts == [60, 60, 0, 0, 0, 0, 0])
        }
        withExtendedLifetime((book, csv)) {}
    }

    /// Real files, and the event that their columns speak of.
    private static let files: [(path: String, event: String)] = [
        ("shippable/buildings/bdg1/meta_open.csv", "building.described"), ("shippable/buildings/osm/shanghai_buildings.geojson", "building.described"),
        ("shippable/buildings/cityjson/rotterdam_subset.city.json", "building.described"), ("shippable/cases/nyc311/nyc311_2022-05.csv", "case.received"),
        ("shippable/civil/febrl/dataset1.csv", "resident.registered"), ("shippable/civil/zh-gazetteer/areas.csv", "address.described"),
        ("shippable/civil/zh-gazetteer/streets.csv", "address.described"), ("shippable/pipes/ctown/ctown_map.inp", "junction.described …"),
        ("shippable/pipes/wntr/Net1.inp", "junction.described …"), ("shippable/police/sf/incidents_600.csv", "case.received"),
        ("shippable/sensors/river/water-flow.csv", "observations.recorded"), ("test-only/buildings/xiaoqu/链家_上海小区.json", "compound.described"),
        ("test-only/buildings/xiaoqu/搜楼啦_上海.json", "compound.described"), ("test-only/cases/chicago-open311/requests.json", "case.received"),
        ("test-only/cases/sf/311_service_requests.csv", "case.received"), ("test-only/police/uk-west-yorkshire/2016-07-west-yorkshire-street.csv", "case.received"),
        ("test-only/sensors/batadal/dataset04.csv", "observations.recorded"), ("test-only/sensors/skab/other_1.csv", "observations.recorded"),
        ("test-only/sensors/r4h2o/water_quality.csv", "observations.recorded"),
    ]

    @Test(arguments: files.map(\.path))
    func realFiles(_ path: String) throws {
        let file = SharedData.path(path)
        guard FileManager.default.fileExists(atPath: file) else {
            print("skipped: \(path) lies beside the project only where it was built")
            return
        }
        let (made, manifest, _) = try draft(file)
        #expect(made.findings.filter { $0.severity == .error }.isEmpty, "\(made.findings)")
        #expect(made.event == Self.files.first { $0.path == path }?.event, "\(manifest.prefix(3000))")
        #expect(made.facts > 0, "\(manifest.prefix(3000))")
        #expect(made.refused.count * 4 < made.sampled, "\(made.refused.first.map { "\($0.rule): \($0.message)" } ?? "")\n\(manifest.prefix(3000))")
    }
}
