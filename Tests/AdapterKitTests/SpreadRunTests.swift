import Foundation
import PrivateServer
import Testing
@testable import AdapterKit

@Suite struct SpreadRunTests {
    @Test func elementsOfAListAreRecordsOfTheirOwn() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "homes", mode: "snapshot", each: "homes", key: ["id", "homes.no"], removed: { event: "dwelling.removed", max_ratio: 1 },
                  facts: [{ event: "dwelling.described", subject: "dwelling/{id}-{homes.no}", payload: { building: "id", occupants: { from: "homes.people", type: "integer" } } }] }
                """, format: "'ndjson'"))
        try folder.write(
            #"""
            {"id":"A","homes":[{"no":1,"people":2},{"no":2,"people":3}]}
            {"id":"B","homes":{"no":1,"people":4}}
            {"id":"C","homes":[]}
            {"id":"D","homes":[{"no":1,"people":"many"},{"no":2,"people":0}]}
            """#, to: "samples/a.ndjson")
        #expect(try hub.run(folder).counts == [5, 4, 0, 0, 0, 1, 0])
        #expect(try hub.facts("e.subject || ' ' || e.payload") == [
            #"dwelling/A-1 {"building":"A","occupants":2}"#, #"dwelling/A-2 {"building":"A","occupants":3}"#,
            #"dwelling/B-1 {"building":"B","occupants":4}"#, #"dwelling/D-2 {"building":"D","occupants":0}"#,
        ])
        // The whole record is kept, and its line.
        #expect(try hub.column("SELECT line || ' ' || rule || ' ' || convert_from(raw, 'UTF8') FROM hub.quarantine") == [
            #"4 type {"id":"D","homes":[{"no":1,"people":"many"},{"no":2,"people":0}]}"#,
        ])
        // One element changes, one vanishes, one is as it was.
        try folder.write(
            #"""
            {"id":"A","homes":[{"no":2,"people":5}]}
            {"id":"B","homes":[{"no":1,"people":4}]}
            {"id":"D","homes":[{"no":1,"people":1},{"no":2,"people":0}]}
            """#, to: "samples/a.ndjson")
        #expect(try hub.run(folder).counts == [4, 1, 1, 2, 1, 0, 0])
        #expect(try hub.facts().suffix(3) == ["dwelling.described dwelling/A-2", "dwelling.described dwelling/D-1", "dwelling.removed dwelling/A-1"])
    }

    @Test func listsWithinListsAndJSONInACell() throws {
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "r", mode: "append", each: ["floors", "floors.rooms"],
                  facts: [{ event: "dwelling.described", subject: "dwelling/{id}-{floors.n}-{floors.rooms}", payload: { room: "floors.rooms", entrance: { from: "$index", type: "text" } } }] }
                """))
        try folder.write("id;floors\n7;[{\"n\":1,\"rooms\":[\"a\",\"b\"]},{\"n\":2,\"rooms\":[\"a\"]}]\n8;\n", to: "samples/a.csv")
        let text = try String(contentsOfFile: folder.path + "/adapter.json5", encoding: .utf8).replacingOccurrences(of: "\"csv\"", with: "{ kind: 'csv', delimiter: ';', quote: '' }")
        try folder.write(text, to: "adapter.json5")
        let result = try AdapterPreview.run(try folder.manifest(), limit: 10)
        #expect(result.facts.map { $0.subject + " " + String(decoding: $0.payload, as: UTF8.self) } == [
            #"dwelling/7-1-a {"room":"a","entrance":"0"}"#, #"dwelling/7-1-b {"room":"b","entrance":"1"}"#, #"dwelling/7-2-a {"room":"a","entrance":"0"}"#,
        ])
    }

    private static let scada = "sensors/batadal/dataset04.csv"

    private let wide = """
        { name: "scada", mode: "snapshot", unpivot: { columns: ["*_*"], except: ["ATT_FLAG"] },
          group: { by: ["$column"], window: "1d", time: { from: "DATETIME", type: "datetime", format: "dd/MM/yy HH", zone: "UTC" } },
          facts: [{ event: "observations.recorded", subject: "sensor/{$column}", payload: {
            property: { from: "$column", match: "^([A-Z])_", map: { L: "level", F: "flow", S: "status", P: "pressure" }, otherwise: "quarantine" },
            times: { from: "DATETIME", type: "datetime", format: "dd/MM/yy HH", zone: "UTC", collect: true },
            values: { from: "$value", type: "decimal", null: ["NA"], collect: true } } }] }
        """

    @Test func aWideTableBecomesAFactASensorAndDay() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(wide))
        try folder.write("DATETIME,L_T1,F_PU1,ATT_FLAG\n04/07/16 00,2.44,98.9,0\n04/07/16 01,2.50,NA,0\n05/07/16 00,2.60,97,1\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [6, 4, 0, 0, 0, 0, 0])
        #expect(Set(try hub.facts("e.subject || ' ' || e.payload")) == [
            #"sensor/L_T1 {"property":"level","times":["2016-07-04T00:00:00Z","2016-07-04T01:00:00Z"],"values":[2.44,2.50]}"#,
            #"sensor/F_PU1 {"property":"flow","times":["2016-07-04T00:00:00Z","2016-07-04T01:00:00Z"],"values":[98.9,null]}"#,
            #"sensor/L_T1 {"property":"level","times":["2016-07-05T00:00:00Z"],"values":[2.60]}"#,
            #"sensor/F_PU1 {"property":"flow","times":["2016-07-05T00:00:00Z"],"values":[97]}"#,
        ])
        #expect(try hub.run(folder).counts == [6, 0, 0, 4, 0, 0, 0])
        // A late value changes its own sensor's day; a new tag is drift, and told.
        try folder.write("DATETIME,L_T1,F_PU1,ATT_FLAG,P_J1\n04/07/16 00,2.44,98.9,0,3\n04/07/16 01,2.50,98.8,0,4\n05/07/16 00,2.60,97,1,5\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [9, 2, 1, 3, 0, 0, 0])
    }

    @Test func patternsNeverTakeWhatLooksPersonal() throws {
        let folder = try SourceFolder(
            manifestText(
                "{ name: 's', mode: 'append', unpivot: { columns: ['*'], except: ['id'] }, facts: [{ event: 'case.received', subject: 'case/{id}-{$column}', payload: { note: '$value' } }] }"))
        try folder.write("id,level,姓名\n1,2,王小明\n", to: "samples/a.csv")
        let error = #expect(throws: AdapterError.self) { try AdapterPreview.run(try folder.manifest(), limit: 10) }
        #expect(error?.message.hasPrefix("Stream \"s\": the column \"姓名\" looks personal (name)") == true)
    }

    /// 43 tags and 4,177 hours of a water network's SCADA system; every value counted once.
    @Test(.enabled(if: SharedData.has("test-only/" + scada), "needs ../shared/data/test-only/sensors")) func aRealExportOf43Tags() throws {
        let file = SharedData.path("test-only/" + Self.scada)
        let folder = try SourceFolder(manifestText(wide, format: "{ kind: 'csv', trim: true }", path: file))
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        let tags = lines[0].filter { $0 != "DATETIME" && $0 != "ATT_FLAG" }
        #expect(tags.count == 43)
        let days = Set(lines.dropFirst().map { $0[0].prefix(8) })
        let hub = try TestHub()
        let report = try hub.run(folder)
        #expect(report.counts == [43 * (lines.count - 1), 43 * days.count, 0, 0, 0, 0, 0])
        let sum = try hub.column("SELECT count(v) || ' ' || trim_scale(sum(v::text::numeric)) FROM hub.event e, json_array_elements(e.payload -> 'values') v WHERE subject = 'sensor/L_T1'")
        let level = lines[0].firstIndex(of: "L_T1") ?? 0
        let expected = lines.dropFirst().reduce(Decimal(0)) { $0 + (Decimal(string: $1[level]) ?? 0) }
        #expect(sum == ["\(lines.count - 1) \(expected)"])
    }
}
