import EventLog
import Foundation
import Testing
@testable import AdapterKit

@Suite struct QuarantineRunTests {
    /// 张 and 王 in GB18030; 0x7C is `|`, a trail byte of 亅 (81 7C).
    private func gb(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            switch scalar {
            case "张": [0xD5, 0xC5]
            case "王": [0xCD, 0xF5]
            case "亅": [0x81, 0x7C]
            default: [UInt8(ascii: scalar)]
            }
        }
    }

    @Test func exactlyTheThreeBadRows() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                "{ name: 'r', mode: 'snapshot', key: ['id'], facts: [{ event: 'building.described', subject: 'building/{id}', payload: { address: 'addr' } }] }",
                format: "{ kind: 'csv', encoding: 'gb18030' }"))
        var file = gb("id,addr\n1,张\n2,亅\n")
        file += gb("3,") + [0x81, 0xFF] + gb("\n")
        file += gb("4,王\n5\n,王\n7,\"a\nb\"\n8,王\n")
        try folder.write(file, to: "samples/a.csv")
        let report = try hub.run(folder)
        #expect(report.counts == [8, 5, 0, 0, 0, 3, 0])
        #expect(try hub.facts("e.subject || ' ' || e.payload") == [
            #"building/1 {"address":"张"}"#, #"building/2 {"address":"亅"}"#, #"building/4 {"address":"王"}"#, #"building/7 {"address":"a\nb"}"#,
            #"building/8 {"address":"王"}"#,
        ])
        #expect(try hub.quarantine() == ["r samples/a.csv 4 undecodable", "r samples/a.csv 6 ragged", "r samples/a.csv 7 missing_key"])
        // As delivered, byte for byte, with the version that refused it.
        #expect(try hub.column("SELECT encode(raw, 'hex') || ' ' || sealed || ' ' || adapter_version FROM hub.quarantine ORDER BY id") == [
            "332c81ff false 1.0.0", "35 false 1.0.0", "2ccdf5 false 1.0.0",
        ])
    }

    /// Sealed rows are destroyed after 90 days, others stay.
    @Test func sealedRowsExpire() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "p", mode: "snapshot", key: ["身份证号"], personal: { "身份证号": "pseudonym" }, contract: { max_refused_ratio: 1 },
                  facts: [{ event: "resident.registered", subject: "person/{身份证号}", payload: { building: "b" } }] }
                """))
        try folder.write("身份证号,b\n1\n2\n", to: "samples/a.csv")
        try hub.run(folder)
        try hub.admin.execute(
            """
            UPDATE hub.quarantine SET recorded_at = now() - interval '91 days' WHERE line = 2;
            UPDATE hub.quarantine SET recorded_at = now() - interval '89 days' WHERE line = 3
            """)
        #expect(try hub.column("SELECT hub.expire_quarantine()::text") == ["1"])
        #expect(try hub.column("SELECT line::text FROM hub.quarantine") == ["3"])
        try hub.admin.execute("UPDATE hub.quarantine SET recorded_at = now() - interval '91 days', sealed = false")
        #expect(try hub.column("SELECT hub.expire_quarantine()::text") == ["0"])
    }

    @Test func personalRowsAreSealed() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "p", mode: "snapshot", key: ["身份证号"], personal: { "身份证号": "pseudonym", "姓名": "drop" },
                  facts: [{ event: "resident.registered", subject: "person/{身份证号}", payload: { building: "b", birth_year: { from: "y", type: "integer" } } }] }
                """))
        try folder.write("身份证号,姓名,b,y\n310101198001011234,王小明,B1,1980\n310101198001015678,李小红,B1,about 1980\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [2, 1, 0, 0, 0, 1, 0])
        let rows = try hub.admin.execute("SELECT raw FROM hub.quarantine WHERE sealed")
        let cell = rows.bytes(0, 0)
        let raw = try #require(cell)
        #expect(String(decoding: try Protection(hub.keys).open(raw), as: UTF8.self) == "310101198001015678,李小红,B1,about 1980")
        // Nowhere in the database.
        for table in ["event", "quarantine", "fingerprint", "cursor", "batch"] {
            let text = try hub.column("SELECT t::text FROM hub.\(table) t").joined()
            for secret in ["310101198001011234", "310101198001015678", "王小明", "李小红"] {
                #expect(!text.contains(secret), "\(table)")
                #expect(!text.contains(Array(secret.utf8).hexadecimal), "\(table)")
            }
        }
        #expect(try hub.column("SELECT message FROM hub.quarantine") == ["Column \"y\" is not an integer: it has the shape \"AAAAA 9999\"."])
    }

    @Test func brokenContractsAreRefused() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                "{ name: 's', mode: 'append', facts: [{ event: 'building.described', subject: 'building/{id}', payload: { floors: { from: 'f', type: 'decimal' } } }] }"))
        try folder.write("id,f\n1,7\n2,9999\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [2, 1, 0, 0, 0, 1, 0])
        #expect(try hub.column("SELECT rule || ': ' || message FROM hub.quarantine") == ["contract: building.described: \"floors\" must be at most 500."])
    }

    @Test func tooManyRefusedFailTheRunAndKeepTheQuarantine() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                "{ name: 's', mode: 'snapshot', key: ['id'], contract: { max_refused_ratio: 0.1 }, facts: [{ event: 'building.described', subject: 'building/{id}', payload: { floors: { from: 'f', type: 'decimal' } } }] }"))
        let rows = (1...30).map { "\($0),\($0 % 5 == 0 ? "many" : "3")" }.joined(separator: "\n")
        try folder.write("id,f\n" + rows + "\n", to: "samples/a.csv")
        let error = #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(error?.kind == .refused)
        #expect(error?.message == "Stream \"s\": 6 of 30 records were refused, more than the share of 0.1 that the manifest allows. Most often (6): type: Column \"f\" is not a decimal number.")
        #expect(try hub.facts() == [])
        #expect(try hub.quarantine().count == 6)
        try folder.write("id,f\n" + rows.replacingOccurrences(of: "many", with: "4") + "\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [30, 30, 0, 0, 0, 0, 0])
    }

    /// Where the manifest sets no limit, most rows being refused is a failure too, of small pulls as well.
    @Test(arguments: ["snapshot", "append"]) func mostRowsRefusedFailTheRun(_ mode: String) throws {
        let hub = try TestHub()
        func manifest(_ more: String = "", type: String = "integer") -> String {
            manifestText(
                """
                { name: "s", mode: "\(mode)", \(mode == "append" ? "" : "key: ['id'], removed: { event: 'building.removed' },") \(more)
                  facts: [{ event: "building.described", subject: "building/{id}", payload: { floors: { from: "f", type: "\(type)" } } }] }
                """)
        }
        let folder = try SourceFolder(manifest())
        try folder.write("id,f\n0,1\n", to: "samples/a.csv")
        try hub.run(folder)
        let before = mode == "append" ? "" : "0,1\n"
        try folder.write("id,f\n" + before + "1,2.5\n2,3.5\n,4\n3,x\n4,2\n", to: "samples/b.csv")
        if mode == "snapshot" { try folder.write("id,f\n", to: "samples/a.csv") }
        for _ in 0..<2 {
            let error = #expect(throws: AdapterError.self) { try hub.run(folder) }
            #expect(error?.kind == .refused)
            let read = mode == "append" ? 5 : 6
            #expect(error?.message == """
                Stream "s": 4 of \(read) records were refused, more than the share of 0.5 that is allowed where the manifest sets no other. \
                Most often (3): type: Column "f" is not an integer.
                """)
            // What was refused is there, once; nothing is told, and the cursor has not moved.
            #expect(try hub.quarantine().count == 4)
            #expect(try hub.facts() == ["building.described building/0"])
        }
        #expect(try hub.column("SELECT outcome || ' ' || coalesce(error_kind, '') FROM hub.run ORDER BY id") == ["done ", "failed refused", "failed refused"])
        // The manifest was wrong: floors are decimals here.
        try folder.write(manifest(type: "decimal"), to: "adapter.json5")
        let report = try hub.run(folder)
        #expect(report.counters.added == 3 && report.counters.refused == 2)
        #expect(try hub.facts().count == 4)
    }

    @Test(arguments: [("id,f\n1,x\n2,x\n3,x\n4,x\n", ""), ("id,f\n1,x\n2,x\n3,x\n4,x\n5,x\n", "contract: { max_refused_ratio: 1 },")])
    func tooFewRowsTellNothingAndAManifestMayTakeAll(_ rows: String, _ more: String) throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                "{ name: 's', mode: 'snapshot', key: ['id'], \(more) facts: [{ event: 'building.described', subject: 'building/{id}', payload: { floors: { from: 'f', type: 'integer' } } }] }"))
        try folder.write(rows, to: "samples/a.csv")
        #expect(try hub.run(folder).counters.refused >= 4)
        // A preview shows what is refused, however much.
        #expect(try AdapterPreview.run(try folder.manifest(), limit: 10).refused.count >= 4)
    }

    @Test func aBadPieceOfAUnitedRecordIsRefusedAlone() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "o", mode: "snapshot", group: { by: ["sensor"], window: "1h", time: { from: "t", type: "datetime", zone: "UTC" } },
                  facts: [{ event: "observations.recorded", subject: "sensor/{sensor}", occurred_at: { from: "t", type: "datetime", zone: "UTC" }, payload: {
                    times: { from: "t", type: "datetime", zone: "UTC", collect: true },
                    values: { from: "v", type: "decimal", null: ["NA"], collect: true } } }] }
                """))
        try folder.write(
            "sensor,t,v\nA,2024-05-01 00:30,2.0\nA,2024-05-01 00:10,1.50\nB,2024-05-01 00:10,5\nA,2024-05-01 00:20,NA\nA,2024-05-01 00:40,broken\nA,2024-05-01 01:00,3\nA,,4\nA,2024-05-01 00:10,1.50\n",
            to: "samples/a.csv")
        let report = try hub.run(folder)
        #expect(report.counts == [8, 3, 0, 0, 0, 2, 0])
        #expect(Set(try hub.facts("e.subject || ' ' || e.payload")) == [
            #"sensor/B {"times":["2024-05-01T00:10:00Z"],"values":[5]}"#,
            #"sensor/A {"times":["2024-05-01T00:10:00Z","2024-05-01T00:20:00Z","2024-05-01T00:30:00Z"],"values":[1.50,null,2.0]}"#,
            #"sensor/A {"times":["2024-05-01T01:00:00Z"],"values":[3]}"#,
        ])
        #expect(Set(try hub.quarantine()) == ["o samples/a.csv 6 type", "o samples/a.csv 8 missing_time"])
        // A late reading changes its own window only.
        try folder.write(
            "sensor,t,v\nB,2024-05-01 00:10,5\nA,2024-05-01 01:00,3\nA,2024-05-01 01:30,4\nA,2024-05-01 00:30,2.0\nA,2024-05-01 00:10,1.50\nA,2024-05-01 00:20,NA\n",
            to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [6, 0, 1, 2, 0, 0, 0])
        #expect(try hub.facts("e.payload").last == #"{"times":["2024-05-01T01:00:00Z","2024-05-01T01:30:00Z"],"values":[3,4]}"#)
    }
}
