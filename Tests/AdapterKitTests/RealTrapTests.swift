import Foundation
import PrivateServer
import RecordFormats
import Subprocess
import Testing
@testable import AdapterKit

/// More real deliveries, each with the count that its traps leave; beside `RealSourceTests`.
@Suite struct RealTrapTests {
    private static let adapters = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Adapters").path

    private func count(_ hub: TestHub, _ condition: String) throws -> String {
        try hub.column("SELECT count(*)::text FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id WHERE \(condition)")[0]
    }

    /// 924 requests of a night, 480 of them closed; dates like 05/01/2022 12:00:03 AM, of which the 542 between midnight and one o'clock would be at
    /// noon where nobody minds AM. 11 have no place.
    @Test func requestsOfNewYork() throws {
        let hub = try TestHub()
        let manifest = try AdapterFolders.find("nyc-311", root: Self.adapters)
        let report = try AdapterRun(manifest, connection: hub.connection(for: manifest), keys: hub.keys).run()
        #expect(report.counts == [924, 924, 0, 0, 0, 0, 0])
        #expect(try count(hub, "t.name = 'case.closed'") == "480")
        let local = "(e.occurred_at AT TIME ZONE 'America/New_York')"
        #expect(try count(hub, "t.name = 'case.received' AND \(local) >= '2022-05-01' AND \(local) < '2022-05-01 01:00'") == "542")
        #expect(try count(hub, "t.name = 'case.received' AND e.payload -> 'location' IS NULL") == "11")
    }

    /// 1,981 features with 1,517 ids, of which 334 repeat; 67 things are points alone, so without an outline. 116 buildings have an address
    /// feature of the same id, and are no addresses.
    @Test func theBaseMap() throws {
        let hub = try TestHub()
        let manifest = try AdapterFolders.find("osm-buildings", root: Self.adapters)
        let report = try AdapterRun(manifest, connection: hub.connection(for: manifest), keys: hub.keys).run()
        #expect(report.counts == [1981, 1517, 0, 0, 0, 0, 0])
        #expect(try count(hub, "e.payload -> 'footprint' IS NULL") == "67")
        #expect(try count(hub, "t.name = 'address.described'") == "46")
        // Told once, however its pieces come.
        #expect(try AdapterRun(manifest, connection: hub.connection(for: manifest), keys: hub.keys).run().facts == 0)
        let reading = try Set(hub.column("SELECT subject FROM hub.event"))
        #expect(reading.count == 1517)
    }

    private static let networks = SharedData.path("test-only/pipes")

    /// Networks in coordinates of their own, which stay theirs. MICROPOLIS has a clock that says "6 AM" and 3,196 components; L-TOWN names
    /// meters and sensors in 116 comments; a pipe that ends at a node that is not there is refused alone.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: networks), "needs ../shared/data/test-only"),
        arguments: [
            ("epyt/MICROPOLIS_v1.inp", [3196, 3196, 0], "location", "1577"), ("epyt/L-TOWN.inp", [1694, 1694, 0], "comment", "116"),
            ("wntr-hostile/bad_values.inp", [5, 4, 1], "location", "3"), ("wntr-hostile/bad_syntax.inp", [5, 5, 0], "location", "3"),
            ("wntr-hostile/bad_times.inp", [5, 5, 0], "location", "3"),
        ]) func componentsOfNetworks(_ file: String, _ counts: [Int], _ member: String, _ present: String) throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "components", mode: "snapshot", key: ["section", "id"],
                  facts: [{ event: "junction.described", subject: { template: "junction/{section}-{id}" }, payload: { network: "section", comment: "comment",
                    location: { point: ["x", "y"], crs: "local:town" } } }] }
                """, format: "'inp'", path: Self.networks + "/" + file))
        let report = try hub.run(folder)
        #expect([report.counters.read, report.counters.added, report.counters.refused] == counts)
        #expect(try count(hub, "e.payload -> '\(member)' IS NOT NULL") == present)
        #expect(try hub.column("SELECT DISTINCT payload -> 'location' ->> 'crs' FROM hub.event WHERE payload -> 'location' ->> 'type' = 'Point'") == ["local:town"])
        #expect(try hub.column("SELECT line || ' ' || rule FROM hub.quarantine") == (counts[2] > 0 ? ["56 unknown_node"] : []))
    }

    private static let areas = SharedData.path("shippable/civil/zh-gazetteer/areas.csv")

    /// 2,978 districts: codes tell them apart, names do not (several are called 鼓楼区): 2,942.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: areas), "needs ../shared/data/shippable"), arguments: [("code", 2978, 0), ("name", 2942, 36)])
    func theGazetteer(_ key: String, _ added: Int, _ refused: Int) throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "areas", mode: "snapshot", key: ["\(key)"], personal: { name: { keep: "names of districts" } },
                  facts: [{ event: "compound.described", subject: "compound/{\(key)}", payload: { name: "name", district: "cityCode" } }] }
                """, path: Self.areas))
        #expect(try hub.run(folder).counts == [2978, added, 0, 0, 0, refused, 0])
    }

    private static let outages = SharedData.path("test-only/cdc/pge2024_2026-08_3weeks.jsonl.xz")

    /// The outage map after its schema change, 124 polls, each with its scraper's own count: 61 rows added, 61 removed, 63 changed. Before the change the
    /// id was a number, and there was a column that is gone: told as drift, and the same thing is still the same.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: outages), "needs ../shared/data/test-only/cdc")) func outagesOfAnotherSchema() throws {
        let unpacked = try ChildProcess.run("/usr/bin/env", ["xz", "-dc", Self.outages]).output
        let polls = try unpacked.split(separator: "\n").map { try JSONParser.parse(String($0)) }
        #expect(polls.count == 124)
        let columns = ["EST_CUSTOMERS", "OUTAGE_CAUSE", "CREW_CURRENT_STATUS", "CURRENT_ETOR", "AUTO_ETOR", "LAST_UPDATE", "SPID", "CITY", "OUTAGE_START"]
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "outages", mode: "snapshot", key: ["F_OUTAGE_ID"], removed: { event: "case.withdrawn", max_ratio: 1 }, optional: ["regionName"],
                  facts: [{ event: "case.received", subject: "case/{F_OUTAGE_ID}", payload: { region: "regionName",
                    \(columns.map { "\($0): '\($0)'" }.joined(separator: ", ")) } }] }
                """, format: "'json'"))
        let hub = try TestHub()
        // As it was: the first poll with the id as a number and a column more.
        let first = try #require(polls[0][member: "body"])
        let text = String(decoding: JSONWriter.encode(first), as: UTF8.self)
        let old = text.replacing(#""F_OUTAGE_ID":"320040""#, with: #""regionName":"North","F_OUTAGE_ID":320040"#)
        #expect(old != text)
        try folder.write(old, to: "samples/a.json")
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
        var sums = [0, 0, 0]
        for (number, poll) in polls.enumerated() {
            try folder.write(JSONWriter.encode(try #require(poll[member: "body"])), to: "samples/a.json")
            let report = try hub.run(folder)
            let counters = [report.counters.added, report.counters.removed, report.counters.changed]
            guard number > 0 else {
                // The column that is gone changes what is said of it, its id is the same.
                #expect(report.counts == [1, 0, 1, 0, 0, 0, 0])
                #expect(report.streams[0].drift?.contains("regionName") == true && report.streams[0].drift?.contains("F_OUTAGE_ID") == true, "\(report.streams[0])")
                continue
            }
            let said = poll[member: "subject"]?.string ?? ""
            #expect(counters == ["added", "removed", "changed"].map { Self.number(before: $0, in: said) }, "poll \(number): \(said)")
            for index in sums.indices { sums[index] += counters[index] }
        }
        #expect(sums == [61, 61, 63])
    }

    /// `7` of "7 rows added, …"; 0 where the word is not there.
    private static func number(before word: String, in text: String) -> Int {
        text.split(separator: ",").first { $0.hasSuffix(word) }.flatMap { $0.split(separator: " ").compactMap { Int($0) }.first } ?? 0
    }
}
