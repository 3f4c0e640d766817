import EventLog
import Foundation
import Testing
@testable import AdapterKit

@Suite struct SnapshotRunTests {
    private let cases = """
        { name: "cases", mode: "snapshot", key: ["no"], removed: { event: "case.withdrawn", max_ratio: 0.5 },
          facts: [
            { event: "case.received", subject: "case/{no}", payload: { category: "what" } },
            { event: "case.closed", subject: "case/{no}", when: { present: "closed" }, undone: "case.reopened",
              occurred_at: { from: "closed", type: "datetime", zone: "Asia/Shanghai" }, payload: {} } ] }
        """

    @Test func onlyNewsIsTold() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(cases))
        try folder.write("no,what,closed\n1,noise,\n2,theft,2024-05-01 10:00\n3,fire,\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [3, 3, 0, 0, 0, 0, 0])
        #expect(try hub.facts() == ["case.received case/1", "case.received case/2", "case.closed case/2", "case.received case/3"])

        // The same file again: not even mapped. The same content under a changed manifest: mapped, and nothing new.
        let again = try hub.run(folder)
        #expect(again.counts == [3, 0, 0, 3, 0, 0, 0])
        #expect(again.streams[0].sameInput)
        try folder.write(manifestText(cases, version: "1.0.1"), to: "adapter.json5")
        let remapped = try hub.run(folder)
        #expect(remapped.counts == [3, 0, 0, 3, 0, 0, 0])
        #expect(!remapped.streams[0].sameInput)
        #expect(try hub.facts().count == 4)

        // 1 changes, 2 is opened again, 4 is new, the order changes.
        try folder.write("no,what,closed\n4,noise,\n3,fire,\n2,theft,\n1,music,2024-05-02 10:00\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [4, 1, 2, 1, 0, 0, 0])
        #expect(
            try hub.facts().dropFirst(4) == ["case.received case/4", "case.reopened case/2", "case.received case/1", "case.closed case/1"])
        // Undone once; the fact that comes back is told again.
        try folder.write("no,what,closed\n4,noise,\n3,fire,\n2,theft,\n1,music,2024-05-02 10:00\n\n", to: "samples/a.csv")
        #expect(try hub.run(folder).facts == 0)
        try folder.write("no,what,closed\n4,noise,\n3,fire,\n2,theft,2024-05-01 10:00\n1,music,2024-05-02 10:00\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [4, 0, 1, 3, 0, 0, 0])
        #expect(try hub.facts().last == "case.closed case/2")
        #expect(try hub.facts("to_char(e.occurred_at, 'YYYY-MM-DD HH24:MI TZ')").last == "2024-05-01 02:00 UTC")
    }

    @Test func whatVanishedIsToldAndComesBack() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(cases))
        let all = "no,what,closed\n1,a,2024-05-01 10:00\n2,b,\n3,c,\n4,d,\n"
        try folder.write(all, to: "samples/a.csv")
        try hub.run(folder)
        try folder.write("no,what,closed\n2,b,\n3,c,\n4,d,\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [3, 0, 0, 3, 1, 0, 0])
        #expect(try hub.facts().last == "case.withdrawn case/1")
        try folder.write(all, to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [4, 1, 0, 3, 0, 0, 0])
        #expect(try hub.facts().suffix(2) == ["case.received case/1", "case.closed case/1"])
    }

    @Test func theGuardHoldsRemovalsBack() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(cases))
        try folder.write("no,what,closed\n1,a,\n2,b,\n3,c,\n4,d,\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write("no,what,closed\n1,new,\n5,e,\n", to: "samples/a.csv")
        let held = try hub.run(folder)
        // Additions and changes go on.
        #expect(held.counts == [2, 1, 1, 0, 0, 0, 3])
        #expect(held.streams[0].heldBackReason == "3 of 4 known records vanished, more than the share of 0.5 that the manifest allows")
        #expect(try hub.run(folder).counts == [2, 0, 0, 2, 0, 0, 3])
        #expect(try hub.run(folder) { $0.acceptRemovals = true }.counts == [2, 0, 0, 2, 3, 0, 0])
        #expect(try hub.facts().suffix(3) == ["case.withdrawn case/2", "case.withdrawn case/3", "case.withdrawn case/4"])
        #expect(try hub.run(folder).counts == [2, 0, 0, 2, 0, 0, 0])
    }

    /// What this very pull brings does not make the vanished ones a smaller share.
    @Test func theGuardCountsWhatWasKnownBeforeThePull() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(cases))
        try folder.write("no,what,closed\n1,a,\n2,b,\n3,c,\n4,d,\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write("no,what,closed\n1,a,\n" + (11...30).map { "\($0),new,\n" }.joined(), to: "samples/a.csv")
        // Also where the additions are committed long before the removals.
        let held = try hub.run(folder) { $0.batchFacts = 5 }
        #expect(held.counts == [21, 20, 0, 1, 0, 0, 3])
        #expect(held.streams[0].heldBackReason == "3 of 4 known records vanished, more than the share of 0.5 that the manifest allows")
        #expect(try !hub.facts().contains { $0.hasPrefix("case.withdrawn") })
    }

    @Test func rowsThatCannotBeReadHoldRemovalsBack() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(cases))
        try folder.write("no,what,closed\n1,a,\n2,b,\n3,c,\n4,d,\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write("no,what,closed\n1,a\n2,b,\n3,c,\n4,d,\n", to: "samples/a.csv")
        let report = try hub.run(folder)
        #expect(report.counts == [4, 0, 0, 3, 0, 1, 1])
        #expect(report.streams[0].heldBackReason == "1 row could not be read, and a vanished record may be among them")
        // A record that is refused for its values is known and has not vanished.
        try folder.write("no,what,closed\n1,a,yesterday\n2,b,\n3,c,\n4,d,\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [4, 0, 0, 3, 0, 1, 0])
        #expect(try hub.quarantine() == ["cases samples/a.csv 2 ragged", "cases samples/a.csv 2 type"])
        // The same row again is counted, not stored twice.
        try folder.write("no,what,closed\n1,a,yesterday\n2,b,\n3,c,\n4,x,\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [4, 0, 1, 2, 0, 1, 0])
        #expect(try hub.quarantine().count == 2)
    }

    @Test func repeatedKeys() throws {
        func run(_ repeated: String, _ payload: String, _ text: String) throws -> (facts: [String], counts: [Int], quarantine: [String]) {
            let hub = try TestHub()
            let folder = try SourceFolder(
                manifestText(
                    "{ name: 's', mode: 'snapshot', key: ['no'], repeated: '\(repeated)', personal: { name: { keep: 'a house' } }, facts: [{ event: 'building.described', subject: 'building/{no}', payload: { \(payload) } }] }"))
            try folder.write(text, to: "samples/a.csv")
            let report = try hub.run(folder)
            try folder.write(text + "\n", to: "samples/a.csv")
            #expect(try hub.run(folder).facts == 0)
            return (try hub.facts("e.subject || ' ' || e.payload"), report.counts, try hub.quarantine())
        }
        let text = "no,name,usage\n1,x,\n2,y,flat\n1,a,shop\n1,,office\n"
        let collected = try run("collect", "name: 'name', compound_name: { from: 'usage' }", text)
        // Pieces in the order of their bytes: "1,,office", "1,a,shop", "1,x,".
        #expect(collected.facts == [#"building/2 {"name":"y","compound_name":"flat"}"#, #"building/1 {"name":"a","compound_name":"office"}"#])
        #expect(collected.counts == [4, 2, 0, 0, 0, 0, 0])
        let last = try run("last", "name: 'name', usage: 'usage'", text)
        #expect(last.facts == [#"building/2 {"name":"y","usage":"flat"}"#, #"building/1 {"usage":"office"}"#])
        let first = try run("quarantine", "name: 'name', usage: 'usage'", text)
        #expect(first.facts == [#"building/1 {"name":"x"}"#, #"building/2 {"name":"y","usage":"flat"}"#])
        #expect(first.counts == [4, 2, 0, 0, 0, 2, 0])
        #expect(first.quarantine == ["s samples/a.csv 4 repeated", "s samples/a.csv 5 repeated"])
    }

    @Test func facts() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "s", mode: "snapshot", key: ["id"], repeated: "collect", removed: { event: "building.removed" },
                  facts: [
                    { event: "building.described", subject: "building/{id}", when: { equals: { kind: "building" } }, undone: "building.removed", payload: {
                        footprint: { from: "geometry", type: "geometry", only: ["Polygon"], collect: true },
                        location: { from: "geometry", type: "geometry", only: ["Point"] } } },
                    { event: "entrance.described", subject: "entrance/{id}", undone: "entrance.removed", removed: "entrance.removed",
                      when: { all: [{ equals: { kind: "entrance" } }, { not: { equals: { kind: "building" } } }] }, payload: {} } ] }
                """, format: "'geojson'"))
        func feature(_ id: Int, _ kind: String, _ geometry: String) -> String {
            #"{"type":"Feature","properties":{"id":\#(id),"kind":"\#(kind)"},"geometry":\#(geometry)}"#
        }
        let square = #"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#
        let second = #"{"type":"Polygon","coordinates":[[[2,0],[3,0],[3,1],[2,0]]]}"#
        let point = #"{"type":"Point","coordinates":[1.50,2]}"#
        func write(_ features: [String]) throws {
            try folder.write(#"{"type":"FeatureCollection","features":["# + features.joined(separator: ",") + "]}", to: "samples/a.geojson")
        }
        let features = [feature(1, "building", square), feature(2, "entrance", point), feature(1, "entrance", point), feature(1, "building", second)]
        try write(features)
        #expect(try hub.run(folder).counts == [4, 2, 0, 0, 0, 0, 0])
        #expect(try hub.facts("e.subject || ' ' || e.payload") == [
            "entrance/2 {}", #"building/1 {"footprint":[\#(square),\#(second)],"location":\#(point)}"#,
        ])
        // The order of features does not matter.
        try write(features.reversed())
        #expect(try hub.run(folder).counts == [4, 0, 0, 2, 0, 0, 0])
        // A record of the second kind is told as removed by its own event.
        try write([features[0], features[3], features[2]])
        #expect(try hub.run(folder).facts == 1)
        #expect(try hub.facts().last == "entrance.removed entrance/2")
        // A building that is an entrance now.
        try write([features[2]])
        try hub.run(folder)
        #expect(try hub.facts().suffix(2) == ["building.removed building/1", "entrance.described entrance/1"])
    }

    @Test func driftIsNews() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(cases.replacingOccurrences(of: "facts:", with: "optional: ['what'], facts:")))
        try folder.write("no,what,closed\n1,a,\n", to: "samples/a.csv")
        #expect(try hub.run(folder).streams[0].drift == nil)
        try folder.write("no,what,closed,街道\n1,a,,x\n", to: "samples/a.csv")
        #expect(try hub.run(folder).streams[0].drift == "new: 街道")
        try folder.write("no,closed,街道\n1,,x\n", to: "samples/a.csv")
        #expect(try hub.run(folder).streams[0].drift == "gone: what")
        #expect(try hub.facts("e.subject || ' ' || e.payload").filter { $0.hasPrefix("source/") } == [
            #"source/test-source {"stream":"cases","appeared":["街道"],"before":["closed","no","what"],"now":["closed","no","what","街道"]}"#,
            #"source/test-source {"stream":"cases","vanished":["what"],"before":["closed","no","what","街道"],"now":["closed","no","街道"]}"#,
        ])
    }

    @Test func aChangedKindIsDriftToo() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText("{ name: 's', mode: 'snapshot', key: ['id'], facts: [{ event: 'case.received', subject: 'case/{id}' }] }", format: "'ndjson'"))
        try folder.write("{\"id\":1}\n{\"id\":2,\"x\":null}\n", to: "samples/a.ndjson")
        try hub.run(folder)
        try folder.write("{\"id\":\"1\"}\n{\"id\":2,\"x\":null}\n", to: "samples/a.ndjson")
        let report = try hub.run(folder)
        // The key is the same text, so the record is the same.
        #expect(report.counts == [2, 0, 0, 2, 0, 0, 0])
        #expect(try hub.facts("e.payload").last == #"{"stream":"s","retyped":[{"column":"id","before":["number"],"now":["number","text"]}]}"#)
    }

    @Test func unknownColumnsCanBeRefused() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                "{ name: 's', mode: 'snapshot', key: ['id'], contract: { unknown_columns: 'quarantine' }, facts: [{ event: 'case.received', subject: 'case/{id}' }] }",
                format: "'ndjson'"))
        try folder.write("{\"id\":1}\n{\"id\":2,\"x\":1}\n", to: "samples/a.ndjson")
        #expect(try hub.run(folder).counts == [2, 1, 0, 0, 0, 1, 0])
        #expect(try hub.column("SELECT message FROM hub.quarantine") == ["The manifest does not know the column \"x\"."])
    }
}
