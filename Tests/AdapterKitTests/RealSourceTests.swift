import Foundation
import PrivateServer
import RecordFormats
import Testing
@testable import AdapterKit

/// Real deliveries through test-only adapters and the real run. Each count is explained; a second run tells nothing.
/// Networks, OSM, nyc311, batadal and the formats alone: `RealFileTests`, `SpreadRunTests` and the shipped adapters' own tests.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: SharedData.path("test-only/police")), "needs ../shared/data/test-only")) struct RealSourceTests {
    /// Runs an adapter twice.
    private func run(_ stream: String, _ path: String, format: String = "'csv'") throws -> (hub: TestHub, counts: [Int]) {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(stream, format: format, path: SharedData.path("test-only/" + path)))
        let counts = try hub.run(folder).counts
        let before = try hub.column("SELECT count(*)::text FROM hub.event")
        try hub.run(folder)
        #expect(try hub.column("SELECT count(*)::text FROM hub.event") == before)
        return (hub, counts)
    }

    private func count(_ hub: TestHub, _ condition: String) throws -> String {
        try hub.column("SELECT count(*)::text FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id WHERE \(condition)")[0]
    }

    /// 10,000 incidents: `pdid` is a key; `unique_key` names an event with several charges and repeats 739 times.
    @Test(arguments: [("pdid", "quarantine", 10_000, 0), ("unique_key", "quarantine", 9261, 739), ("unique_key", "collect", 9261, 0)])
    func policeOfSanFrancisco(_ key: String, _ repeated: String, _ added: Int, _ refused: Int) throws {
        let (hub, counts) = try run(
            """
            { name: "incidents", mode: "snapshot", key: ["\(key)"], repeated: "\(repeated)",
              facts: [{ event: "case.received", subject: "case/{\(key)}", occurred_at: "timestamp", payload: {
                category: "category", description: "descript", district: "pddistrict", address: "address",
                location: { point: [{ from: "longitude", type: "decimal" }, { from: "latitude", type: "decimal" }] } } }] }
            """, "police/sf/sfpd_incidents.csv")
        #expect(counts == [10_000, added, 0, 0, 0, refused, 0])
        #expect(try hub.quarantine().allSatisfy { $0.hasSuffix(" repeated") })
    }

    /// 27,176 rows of a month: 19,747 crimes, each with an id of its own, and 7,429 reports of anti-social behaviour without one, which are
    /// no list of things but a log. 1,347 have no place. A month is no moment: its beginning is said to be meant.
    @Test func policeOfWestYorkshire() throws {
        let month = "occurred_at: { from: 'Month', type: 'date', format: 'yyyy-MM', zone: 'Europe/London', period: 'start' }"
        let point = "location: { point: [{ from: 'Longitude', type: 'decimal' }, { from: 'Latitude', type: 'decimal' }] }"
        let (hub, counts) = try run(
            """
            { name: "crimes", mode: "snapshot", where: { present: "Crime ID" }, key: ["Crime ID"],
              facts: [{ event: "case.received", subject: "case/{Crime ID}", \(month), payload: { category: "Crime type", outcome: "Last outcome category", \(point) } }] },
            { name: "reports", mode: "append", where: { absent: "Crime ID" },
              facts: [{ event: "case.received", subject: { template: "case/reports-{Month}" }, \(month), payload: { category: "Crime type", \(point) } }] }
            """, "police/uk-west-yorkshire/*.csv")
        #expect(counts == [27_176, 27_176, 0, 0, 0, 0, 0])
        #expect(try count(hub, "subject = 'case/reports-2016-07'") == "7429")
        #expect(try count(hub, "subject <> 'case/reports-2016-07' AND occurred_at = '2016-07-01 00:00+01'") == "19747")
        #expect(try count(hub, "e.payload -> 'location' IS NULL") == "1347")
    }

    /// 10,000 cases of which 370 are open: 9,630 closings, 17 of them before the case was received, told as the source dates them. 4,264
    /// points at 0,0 are none. 139 fields hold line ends.
    @Test func casesOfSanFrancisco() throws {
        let (hub, counts) = try run(
            """
            { name: "cases", mode: "snapshot", key: ["unique_key"],
              facts: [
                { event: "case.received", subject: "case/{unique_key}", occurred_at: "created_date", payload: {
                    category: "category", subcategory: "complaint_type", description: "descriptor", address: "incident_address", note: "status_notes",
                    medium: "source", handler: "agency_name", status: "status", neighborhood: "neighborhood", place: "location", media: "media_url",
                    location: { point: [{ from: "longitude", type: "decimal" }, { from: "latitude", type: "decimal" }] } } },
                { event: "case.closed", subject: "case/{unique_key}", when: { present: "closed_date" }, undone: "case.reopened", occurred_at: "closed_date" } ] }
            """, "cases/sf/311_service_requests.csv")
        #expect(counts == [10_000, 10_000, 0, 0, 0, 0, 0])
        #expect(try count(hub, "t.name = 'case.closed'") == "9630")
        #expect(try hub.column(
            """
            SELECT count(*)::text FROM hub.event c JOIN hub.event r ON r.subject = c.subject AND r.occurred_at > c.occurred_at
            WHERE c.type_id = (SELECT id FROM hub.event_type WHERE name = 'case.closed') AND r.type_id <> c.type_id
            """) == ["17"])
        #expect(try count(hub, "t.name = 'case.received' AND e.payload -> 'location' IS NULL") == "4264")
        #expect(try hub.column(
            "SELECT count(*)::text FROM hub.event e, json_each_text(e.payload) m WHERE m.value LIKE E'%\\n%'") == ["139"])
    }

    /// 35,064 hours whose date stands in four columns; "NA" is no value: 779 are without PM2.5 and 53 without a temperature.
    @Test func airOfBeijing() throws {
        let times = "{ array: [{ from: { template: '{year}-{month}-{day} {hour}' }, type: 'datetime', format: 'yyyy-M-d H', zone: 'Asia/Shanghai' }] }"
        let facts = ["PM2.5", "TEMP"].map { column in
            """
            { event: "observations.recorded", subject: "sensor/{station}-\(column)", when: { present: "\(column)" }, undone: "none",
              payload: { property: { const: "\(column)" }, times: \(times), values: { array: [{ from: "\(column)", type: "decimal" }] } } }
            """
        }
        let (hub, counts) = try run(
            "{ name: 'air', mode: 'snapshot', key: ['station', 'No'], null: ['NA'], facts: [\(facts.joined(separator: ", "))] }",
            "sensors/beijing-air/PRSA_Data_Dingling_20130301-20170228.csv")
        #expect(counts == [35_064, 35_064, 0, 0, 0, 0, 0])
        #expect(try count(hub, "subject = 'sensor/Dingling-PM2.5'") == "\(35_064 - 779)")
        #expect(try count(hub, "subject = 'sensor/Dingling-TEMP'") == "\(35_064 - 53)")
        #expect(try hub.column("SELECT payload ->> 'times' FROM hub.event WHERE subject = 'sensor/Dingling-TEMP' ORDER BY position LIMIT 1")
            == [#"["2013-03-01T00:00:00+08:00"]"#])
    }

    /// Four files with ";", three with CR LF and one with LF, two of them with two columns more: 9,405 + 745 + 1,147 + 1,145 seconds.
    @Test func valvesOfSkab() throws {
        let (hub, counts) = try run(
            """
            { name: "valves", mode: "append",
              facts: [{ event: "observations.recorded", subject: "sensor/pressure", payload: { property: { const: "pressure" },
                times: { array: [{ from: "datetime", type: "datetime", format: "yyyy-MM-dd HH:mm:ss", zone: "UTC" }] },
                values: { array: [{ from: "Pressure", type: "decimal" }] } } }] }
            """, "sensors/skab/*.csv", format: "{ kind: 'csv', delimiter: ';' }")
        #expect(counts == [12_442, 12_442, 0, 0, 0, 0, 0])
        // The file with LF.
        #expect(try count(hub, "e.payload::text LIKE '%2020-03-01T15%'") == "745")
    }

    /// 2,665 minutes; the header lacks the name of the first column.
    @Test func occupancyOfAnOffice() throws {
        let (hub, counts) = try run(
            """
            { name: "office", mode: "snapshot", key: ["column_1"],
              facts: [{ event: "observations.recorded", subject: "sensor/co2-{column_1}", payload: { property: { const: "co2" },
                times: { array: [{ from: "date", type: "datetime", format: "yyyy-MM-dd HH:mm:ss", zone: "Europe/Brussels" }] },
                values: { array: [{ from: "CO2", type: "decimal" }] } } }] }
            """, "sensors/occupancy/datatest.txt")
        #expect(counts == [2665, 2665, 0, 0, 0, 0, 0])
        #expect(try hub.column("SELECT payload::text FROM hub.event WHERE subject = 'sensor/co2-140'")
            == [#"{"property":"co2","times":["2015-02-02T14:19:00+01:00"],"values":[749.2]}"#])
    }

    /// 34,753 areas; a nameless column and three columns called Persons. 34,743 of the first have a comma between thousands. England and Wales
    /// had 56,075,912 people and 23,366,044 households.
    @Test func censusOfEnglandAndWales() throws {
        let number = "type: 'integer', thousands: ','"
        let (hub, counts) = try run(
            """
            { name: "areas", mode: "snapshot", key: ["LSOA Code"],
              facts: [{ event: "compound.described", subject: "compound/{LSOA Code}", payload: {
                name: "LSOA Name", households: { from: "Households", \(number) }, persons: { from: "Persons", \(number) },
                in_households: { from: "Persons_2", \(number) }, in_communes: { from: "Persons_3", \(number) } } }] }
            """, "civil/uk-census-2011/census_2011_population_hh.csv")
        #expect(counts == [34_753, 34_753, 0, 0, 0, 0, 0])
        #expect(try hub.column(
            "SELECT concat_ws(' ', sum((payload ->> 'persons')::int), sum((payload ->> 'households')::int)) FROM hub.event WHERE subject LIKE 'compound/%'"
        ) == ["56075912 23366044"])
        #expect(try count(hub, "(e.payload ->> 'persons')::int <> (e.payload ->> 'in_households')::int + (e.payload ->> 'in_communes')::int") == "0")
    }

    /// 3,000 compounds: 86 without a place, 22 without a fee (暂无信息) and 925 with a range of fees, of which the lower one is taken, 4
    /// without a year; 3,702,888 households. 317 addresses hold ranges of house numbers and stay as they are.
    @Test func compoundsOfOnePortal() throws {
        let (hub, counts) = try run(
            """
            { name: "compounds", mode: "snapshot", key: ["plot_url"], null: ["暂无信息"],
              facts: [{ event: "compound.described", subject: "compound/{plot_url}", payload: {
                name: "plot_name", address: "地址", manager: "物业公司", households: { from: "房屋总数", type: "integer", unit: "户" },
                built: "建筑年代", fee: { from: "物业费用", match: "^([0-9.]+)", type: "decimal" },
                location: { point: { from: "经纬度", split: ",", type: "decimal" }, crs: "BD-09" } } }] }
            """, "buildings/xiaoqu/链家*.json", format: "{ kind: 'json', records: '/*' }")
        #expect(counts == [3000, 3000, 0, 0, 0, 0, 0])
        let facts = "subject LIKE 'compound/%'"
        for (member, missing) in [("location", "86"), ("fee", "22"), ("built", "4"), ("address", "0"), ("households", "0")] {
            #expect(try count(hub, "\(facts) AND e.payload -> '\(member)' IS NULL") == missing, "\(member)")
        }
        #expect(try hub.column("SELECT sum((payload ->> 'households')::int)::text FROM hub.event WHERE \(facts)") == ["3702888"])
        #expect(try count(hub, "\(facts) AND e.payload ->> 'address' ~ '\\d+[到至~～-]\\d+号'") == "317")
        #expect(try count(hub, "\(facts) AND e.payload -> 'location' ->> 'crs' = 'BD-09'") == "2914")
    }

    /// 5,832 compounds: 540 points are ",". 538 say nothing of fee and year, 1,319 and 1,305 say 暂无数据; 3,970 fees are in 元/平米/月 or
    /// 元/㎡/月. Five write other units ("元", "元/月/平方米" …) and are refused until somebody says what they mean.
    @Test func compoundsOfAnotherPortal() throws {
        let (hub, counts) = try run(
            """
            { name: "compounds", mode: "snapshot", key: ["plot_url"], null: ["暂无数据", "暂无资料"],
              facts: [{ event: "compound.described", subject: "compound/{plot_url}", payload: {
                name: "plot_name", address: "地址", manager: "物业公司", year: { from: "建造年代", type: "year" },
                fee: { from: "物 业 费", type: "decimal", unit: ["元/平米/月", "元/㎡/月"] },
                location: { point: { from: "经纬度", split: ",", type: "decimal" }, crs: "BD-09" } } }] }
            """, "buildings/xiaoqu/搜楼啦*.json", format: "{ kind: 'json', records: '/*' }")
        #expect(counts == [5832, 5827, 0, 0, 0, 5, 0])
        #expect(try hub.quarantine().allSatisfy { $0.hasSuffix(" unit") })
        let facts = "subject LIKE 'compound/%'"
        #expect(try count(hub, "\(facts) AND e.payload -> 'location' IS NULL") == "540")
        #expect(try count(hub, "\(facts) AND e.payload -> 'fee' IS NOT NULL") == "3970")
    }
}
