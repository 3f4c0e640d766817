import EventLog
import Foundation
import Testing
@testable import AdapterKit

@Suite struct ReplayTests {
    private func replay(
        _ hub: TestHub, _ folder: SourceFolder, overwrite: Bool = false, dryRun: Bool = false, _ change: (inout QuarantineFilter) -> Void = { _ in }
    ) throws -> [String] {
        var filter = QuarantineFilter()
        change(&filter)
        let manifest = try folder.manifest()
        let replay = try QuarantineReplay(manifest, connection: hub.connection(for: manifest), owner: hub.admin, keys: hub.keys)
        return try replay.run(filter, overwrite: overwrite, dryRun: dryRun, who: "tests").map { "\($0.stream) \($0.replayed) \($0.superseded) \($0.refused) \($0.facts)" }
    }

    private func states(_ hub: TestHub) throws -> [String] {
        try hub.column("SELECT coalesce(line::text, '') || ' ' || rule || ' ' || coalesce(resolution, 'open') FROM hub.quarantine ORDER BY id")
    }

    private func manifest(_ mode: String, _ type: String, _ more: String = "", format: String = "'csv'", version: String = "1.0.0") -> String {
        let key = mode == "append" ? "" : "key: ['id'],"
        return manifestText(
            "{ name: 's', mode: '\(mode)', \(key) contract: { max_refused_ratio: 1 }, \(more) facts: [{ event: 'building.described', subject: 'building/{id}', payload: { floors: \(type) } }] }",
            format: format, version: version)
    }

    private let whole = "{ from: 'f', type: 'integer' }", homes = "{ from: 'f', type: 'integer', unit: ['层', ''] }"

    @Test(arguments: ["append", "snapshot"]) func aCorrectedManifestTakesWhatWasRefused(_ mode: String) throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(mode, whole))
        try folder.write("id,f\n1,7\n2,8层\n3,many\n,9\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counters.refused == 3)
        // Under the old manifest nothing changes, and that is counted.
        #expect(try replay(hub, folder) == ["s 0 0 3 0"])
        #expect(try hub.column("SELECT DISTINCT attempts || ' ' || (attempted_at IS NOT NULL) FROM hub.quarantine") == ["1 true"])
        try folder.write(manifest(mode, homes, version: "1.1.0"), to: "adapter.json5")
        #expect(try replay(hub, folder, dryRun: true) == ["s 1 0 2 1"])
        #expect(try hub.facts() == ["building.described building/1"])
        #expect(try replay(hub, folder) == ["s 1 0 2 1"])
        #expect(try hub.facts("e.subject || ' ' || e.payload") == [#"building/1 {"floors":7}"#, #"building/2 {"floors":8}"#])
        #expect(try states(hub) == ["3 type replayed", "4 unit open", "5 \(mode == "append" ? "missing_subject" : "missing_key") open"])
        #expect(try hub.column("SELECT message || ' ' || adapter_version FROM hub.quarantine WHERE line = 4") == [
            "Column \"f\" has none of the declared units (\"层\", none): it has the shape \"AAAA\". 1.1.0",
        ])
        #expect(try hub.column("SELECT resolved_by FROM hub.quarantine WHERE line = 3").first?.hasSuffix("(tests)") == true)
        #expect(try hub.column("SELECT input || ' ' || events FROM hub.batch WHERE id = (SELECT resolved_batch FROM hub.quarantine WHERE line = 3)") == ["quarantine 1"])
        // Twice tells nothing twice, and neither does the next pull.
        #expect(try replay(hub, folder) == ["s 0 0 2 0"])
        try hub.run(folder)
        #expect(try hub.facts().count == 2)
        #expect(try states(hub) == ["3 type replayed", "4 unit open", "5 \(mode == "append" ? "missing_subject" : "missing_key") open"])
    }

    /// What is refused once more, after it was taken, is news again.
    @Test func whatIsRefusedAgainAfterItsReplayIsKeptAgain() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("snapshot", whole))
        try folder.write("id,f\n1,7\n2,8层\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write(manifest("snapshot", homes), to: "adapter.json5")
        #expect(try replay(hub, folder) == ["s 1 0 0 1"])
        try folder.write(manifest("snapshot", whole), to: "adapter.json5")
        try folder.write("id,f\n1,7\n2,8层\n3,3\n", to: "samples/a.csv")
        try hub.run(folder)
        #expect(try states(hub) == ["3 type replayed", "3 type open"])
    }

    @Test func aRowThatItsSourceHasReplacedIsSuperseded() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("snapshot", whole))
        try folder.write("id,f\n1,7\n2,8层\n3,9层\n", to: "samples/a.csv")
        try hub.run(folder)
        // The source corrects one row and keeps the other.
        try folder.write("id,f\n1,7\n2,10\n3,9层\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write(manifest("snapshot", homes), to: "adapter.json5")
        #expect(try replay(hub, folder) == ["s 1 1 0 1"])
        #expect(try hub.facts("e.subject || ' ' || e.payload").suffix(2) == [#"building/2 {"floors":10}"#, #"building/3 {"floors":9}"#])
        #expect(try states(hub) == ["3 type superseded", "4 type replayed"])
    }

    /// Rows of an incremental stream come once: what was told after a row is not told over.
    @Test func incrementalRowsDoNotOverwriteWhatCameAfterThem() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("incremental", whole, "cursor: 't',"))
        try folder.write("id,t,f\n1,1,7\n2,1,8层\n3,1,9层\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write("id,t,f\n2,2,10\n3,2,9\n1,2,11层\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write(manifest("incremental", homes, "cursor: 't',"), to: "adapter.json5")
        // 2 was told otherwise since; 3 says the same; 1 was told before it was refused.
        #expect(try replay(hub, folder) == ["s 2 0 1 1"])
        #expect(try hub.facts("e.subject || ' ' || e.payload").last == #"building/1 {"floors":11}"#)
        #expect(try states(hub) == ["3 superseded open", "4 type replayed", "4 type replayed"])
        #expect(try replay(hub, folder, overwrite: true) == ["s 1 0 0 1"])
        #expect(try hub.facts("e.subject || ' ' || e.payload").last == #"building/2 {"floors":8}"#)
    }

    @Test func everyFormatIsReadAgain() throws {
        let gb: [UInt8] = [0xB2, 0xE3]  // 层
        let cases: [(format: String, file: [UInt8])] = [
            ("{ kind: 'csv', encoding: 'gb18030', delimiter: ';' }", Array("f;id\n\"8".utf8) + gb + Array("\";\"2\"\"\"\n7;1\n".utf8)),
            ("'ndjson'", Array("{\"id\":\"2\\\"\",\"f\":\"8层\"}\n{\"id\":1,\"f\":7}\n".utf8)),
            ("{ kind: 'json', records: '/list' }", Array("{\"list\":[{\"id\":\"2\\\"\",\"f\":\"8层\"},{\"id\":1,\"f\":7}]}".utf8)),
            ("'geojson'", Array("{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"id\":\"2\\\"\",\"f\":\"8层\"}},{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"id\":1,\"f\":7}}]}".utf8)),
            ("{ kind: 'csv', encoding: 'utf-16le' }", "id,f\n\"2\"\"\",8层\n1,7\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }),
        ]
        for (format, file) in cases {
            let hub = try TestHub()
            let folder = try SourceFolder(manifest("snapshot", whole, format: format))
            try folder.write(file, to: "samples/a.txt")
            #expect(try hub.run(folder).counts == [2, 1, 0, 0, 0, 1, 0], "\(format)")
            try folder.write(manifest("snapshot", homes, format: format), to: "adapter.json5")
            #expect(try replay(hub, folder) == ["s 1 0 0 1"], "\(format)")
            #expect(try hub.facts("e.subject || ' ' || e.payload").last == #"building/2" {"floors":8}"#, "\(format)")
        }
    }

    @Test func personalRowsAreOpenedInMemoryAndDestroyedAfterwards() throws {
        let hub = try TestHub()
        func manifest(_ year: String) -> String {
            manifestText(
                """
                { name: "p", mode: "snapshot", key: ["身份证号"], personal: { "身份证号": "pseudonym", "姓名": "drop" },
                  facts: [{ event: "resident.registered", subject: "person/{身份证号}", payload: { building: "b", birth_year: \(year) } }] }
                """)
        }
        let folder = try SourceFolder(manifest("{ from: 'y', type: 'integer' }"))
        try folder.write("身份证号,姓名,b,y\n310101198001011234,王小明,B1,1980\n310101198001015678,李小红,B1,about 1980\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write(manifest("{ from: 'y', match: '[0-9]{4}', type: 'year' }"), to: "adapter.json5")
        #expect(try replay(hub, folder) == ["p 1 0 0 1"])
        #expect(try hub.facts("t.name || ' ' || e.payload") .last == #"resident.registered {"building":"B1","birth_year":1980}"#)
        #expect(try hub.column("SELECT sealed || ' ' || octet_length(raw) || ' ' || resolution FROM hub.quarantine") == ["true 0 replayed"])
    }

    /// A record of several rows is told whole or not at all.
    @Test func piecesOfAKnownRecordWaitForTheirSource() throws {
        let hub = try TestHub()
        func manifest(_ floors: String) -> String {
            manifestText(
                "{ name: 's', mode: 'snapshot', key: ['id'], repeated: 'collect', contract: { max_refused_ratio: 1 }, facts: [{ event: 'building.described', subject: 'building/{id}', payload: { floors: \(floors) } }] }")
        }
        let folder = try SourceFolder(manifest(whole))
        try folder.write("id,f,n\n1,7,a\n1,6层,b\n2,9层,c\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write(manifest(homes), to: "adapter.json5")
        // Of 2 every piece is here.
        #expect(try replay(hub, folder) == ["s 1 0 1 1"])
        #expect(try states(hub).sorted() == ["3 incomplete open", "4 type replayed"])
        try hub.run(folder)
        // The pull read all of them again; the row has its place there.
        #expect(try hub.facts("e.subject || ' ' || e.payload") == [#"building/1 {"floors":7}"#, #"building/2 {"floors":9}"#, #"building/1 {"floors":6}"#])
        #expect(try replay(hub, folder) == ["s 0 1 0 0"])
    }

    @Test func filtersAndDiscard() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("append", whole))
        try folder.write("id,f\n1,8层\n2,9层\n,1\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write(manifest("append", homes), to: "adapter.json5")
        #expect(try replay(hub, folder) { $0.rule = "missing_subject" } == ["s 0 0 1 0"])
        #expect(try replay(hub, folder) { $0.ids = [2] } == ["s 1 0 0 1"])
        #expect(try replay(hub, folder) { $0.since = "2999-01-01" } == [])
        #expect(try replay(hub, folder) { $0.stream = "other" } == [])
        var filter = QuarantineFilter()
        filter.source = "test-source"
        filter.rule = "missing_subject"
        #expect(throws: (any Error).self) { try QuarantineRows.discard(filter, reason: " ", who: "tests", on: hub.admin) }
        #expect(try QuarantineRows.discard(filter, reason: "a total line", who: "tests", on: hub.admin) == 1)
        #expect(try QuarantineRows.discard(filter, reason: "again", who: "tests", on: hub.admin) == 0)
        #expect(try hub.column("SELECT reason FROM hub.quarantine WHERE resolution = 'discarded'") == ["a total line"])
        #expect(try replay(hub, folder) == ["s 1 0 0 1"])
        filter.rule = nil
        #expect(try QuarantineRows.count(filter, on: hub.admin) == 0)
        filter.withClosed = true
        #expect(try QuarantineRows.list(filter, limit: 10, on: hub.admin).map(\.resolution) == ["discarded", "replayed", "replayed"])
    }

    /// While a replay holds the lease nobody else writes; a run that dies leaves rows and facts as they were.
    @Test func factsAndMarksAreOneTransaction() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("append", whole))
        try folder.write("id,f\n1,8层\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write(manifest("append", homes), to: "adapter.json5")
        let source = try folder.manifest()
        let holder = try BatchWriter(hub.connection(for: source))
        try holder.acquireLease(holder: "somebody")
        #expect((#expect(throws: LogError.self) { try replay(hub, folder) })?.code == .leaseHeld)
        try holder.releaseLease()
        // Closed between reading and writing: nothing is told.
        try hub.admin.execute("CREATE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER closed BEFORE UPDATE ON hub.quarantine FOR EACH ROW EXECUTE FUNCTION closed()")
        #expect((#expect(throws: LogError.self) { try replay(hub, folder) })?.code == .replayConflict)
        #expect(try hub.facts() == [])
        try hub.admin.execute("DROP TRIGGER closed ON hub.quarantine")
        #expect(try replay(hub, folder) == ["s 1 0 0 1"])
    }
}
