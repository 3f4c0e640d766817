import Foundation
import RecordFormats
import Testing

@Suite("Real deliveries")
struct RealFileTests {
    @Test(
        "CSV files that may be shipped give every row", .enabled(if: SharedData.shippable, Comment(rawValue: SharedData.absent)),
        arguments: [
            ("buildings/bdg1/meta_open.csv", 507, 19), ("cases/nyc311/nyc311_2022-05.csv", 924, 41), ("civil/febrl/dataset1.csv", 1000, 11),
            ("civil/splink/fake_1000.csv", 1000, 7), ("civil/splink/fake_1000_labels.csv", 3176, 5),
            ("civil/zh-gazetteer/areas.csv", 2978, 4),
            ("civil/zh-gazetteer/streets.csv", 41352, 5), ("police/sf/incidents_600.csv", 600, 12),
            ("sensors/river/water-flow.csv", 1268, 2),
        ])
    func shippable(_ path: String, _ rows: Int, _ columns: Int) throws {
        let reading = try Reading(.csv(CSVOptions()), file: SharedData.file("shippable/" + path))
        #expect(reading.error == nil)
        #expect(reading.refused == [])
        #expect(reading.records.count == rows)
        #expect(reading.columns?.count == columns)
    }

    @Test(
        "CSV files for tests alone give every row", .enabled(if: SharedData.testOnly, Comment(rawValue: SharedData.absent)),
        arguments: [
            ("cases/sf/311_service_requests.csv", 10000, 19, ","), ("civil/febrl/dataset3.csv", 5000, 11, ","),
            ("civil/uk-census-2011/census_2011_population_hh.csv", 34753, 16, ","), ("police/sf/sfpd_incidents.csv", 10000, 12, ","),
            ("police/uk-west-yorkshire/2016-07-west-yorkshire-street.csv", 27176, 12, ","),
            ("sensors/batadal/dataset04.csv", 4177, 45, ","),
            ("sensors/beijing-air/PRSA_Data_Aotizhongxin_20130301-20170228.csv", 35064, 18, ","),
            ("sensors/occupancy/datatest.txt", 2665, 8, ","),
            ("sensors/r4h2o/water_quality.csv", 2422, 7, ","), ("sensors/skab/anomaly-free_anomaly-free.csv", 9405, 9, ";"),
            ("sensors/skab/other_1.csv", 745, 11, ";"), ("sensors/skab/valve1_0.csv", 1147, 11, ";"),
        ])
    func testOnly(_ path: String, _ rows: Int, _ columns: Int, _ delimiter: String) throws {
        let reading = try Reading(.csv(CSVOptions(delimiter: delimiter)), file: SharedData.file("test-only/" + path))
        #expect(reading.error == nil)
        #expect(reading.refused == [])
        #expect(reading.records.count == rows)
        #expect(reading.columns?.count == columns)
    }

    @Test(
        "San Francisco's requests: newlines inside fields do not move the line numbers",
        .enabled(if: SharedData.testOnly, Comment(rawValue: SharedData.absent)))
    func linesBehindNewlines() throws {
        let file = SharedData.file("test-only/cases/sf/311_service_requests.csv")
        let reading = try Reading(.csv(CSVOptions()), file: file)
        let lines = try Data(contentsOf: file).split(separator: 0x0A, omittingEmptySubsequences: false)
        for record in reading.records {
            let first = record.raw.prefix { $0 != 0x0A }
            #expect(lines[record.line - 1].elementsEqual(first))
        }
        let multiline = reading.records.filter { $0.raw.contains(0x0A) }
        #expect(!multiline.isEmpty)
    }

    @Test("A header one name short, repeated and empty names", .enabled(if: SharedData.testOnly, Comment(rawValue: SharedData.absent)))
    func headers() throws {
        let occupancy = try Reading(.csv(CSVOptions()), file: SharedData.file("test-only/sensors/occupancy/datatest.txt"))
        #expect(occupancy.columns?.prefix(2) == ["column_1", "date"])
        #expect(occupancy.records.first?["column_1"] == .text("140"))
        let census = try Reading(.csv(CSVOptions()), file: SharedData.file("test-only/civil/uk-census-2011/census_2011_population_hh.csv"))
        #expect(census.columns?[8...11] == ["column_9", "Persons", "Persons_2", "Persons_3"])
    }

    @Test(
        "OpenStreetMap's buildings of Shanghai: 1,981 features, 1,517 ids",
        .enabled(if: SharedData.shippable, Comment(rawValue: SharedData.absent)))
    func openStreetMap() throws {
        let reading = try Reading(.geojson, file: SharedData.file("shippable/buildings/osm/shanghai_buildings.geojson"))
        #expect(reading.error == nil)
        #expect(reading.refused == [])
        #expect(reading.records.count == 1981)
        #expect(Set(reading.records.map { $0["id"] }).count == 1517)
        #expect(reading.records.count { $0["geometry.type"] == .text("Point") } == 409)
    }

    @Test(
        "JSON documents of other makers are read from their array", .enabled(if: SharedData.testOnly, Comment(rawValue: SharedData.absent)))
    func documents() throws {
        let requests = try Reading(.json(records: ""), file: SharedData.file("test-only/cases/chicago-open311/requests.json"))
        #expect(requests.error == nil)
        #expect(requests.refused == [])
        #expect(requests.records.count == 50)
        for (name, count) in [("搜楼啦_上海", 5832), ("链家_上海小区", 3000)] {
            let compounds = try Reading(.json(records: "/*"), file: SharedData.file("test-only/buildings/xiaoqu/\(name).json"))
            #expect(compounds.error == nil)
            #expect(compounds.refused == [])
            #expect(compounds.records.count == count)
            #expect(compounds.records.allSatisfy { $0["$key"] == $0["plot_name"] })
        }
    }

    @Test(
        "Networks give every component",
        .enabled(if: SharedData.shippable && SharedData.testOnly, Comment(rawValue: SharedData.absent)),
        arguments: [
            ("shippable/pipes/ctown/ctown_map.inp", [388, 1, 7, 429, 11, 4]),
            ("shippable/pipes/ctown/minitown_map.inp", [8, 1, 1, 10, 2, 0]),
            ("shippable/pipes/wntr/Net1.inp", [9, 1, 1, 12, 1, 0]), ("shippable/pipes/wntr/Net3.inp", [92, 2, 3, 117, 2, 0]),
            ("test-only/pipes/epyt/L-TOWN.inp", [782, 2, 1, 905, 1, 3]),
            ("test-only/pipes/epyt/MICROPOLIS_v1.inp", [1574, 2, 1, 1415, 8, 196]),
            ("test-only/pipes/wntr-hostile/bad_syntax.inp", [2, 1, 0, 2, 0, 0]),
            ("test-only/pipes/wntr-hostile/bad_times.inp", [2, 1, 0, 2, 0, 0]),
            ("test-only/pipes/wntr-hostile/latin1.inp", [9, 1, 1, 12, 1, 0]), ("test-only/pipes/wntr/Net2.inp", [35, 0, 1, 40, 0, 0]),
            ("test-only/pipes/wntr/Net6.inp", [3323, 1, 32, 3829, 61, 2]), ("test-only/pipes/wntr/ky4.inp", [959, 1, 4, 1156, 2, 0]),
        ])
    func networks(_ path: String, _ counts: [Int]) throws {
        let reading = try Reading(.inp, file: SharedData.file(path))
        #expect(reading.error == nil)
        #expect(reading.refused == [])
        let found = ["junction", "reservoir", "tank", "pipe", "pump", "valve"].map { section in
            reading.records.count { $0["section"] == .text(section) }
        }
        #expect(found == counts)
        for record in reading.records where record.shape.index(of: "path") != nil { #expect(record["path"] != .null) }
        for record in reading.records where record.shape.index(of: "x") != nil { #expect(record["x"] != .null) }
    }

    @Test("C-Town's pipes are 56,723.77 m long", .enabled(if: SharedData.shippable, Comment(rawValue: SharedData.absent)))
    func length() throws {
        let reading = try Reading(.inp, file: SharedData.file("shippable/pipes/ctown/ctown_map.inp"))
        let total = reading.records.reduce(0.0) { $0 + ($1["section"] == .text("pipe") ? Double($1["length"]?.string ?? "") ?? 0 : 0) }
        #expect((total * 100).rounded() / 100 == 56_723.77)
        #expect(reading.records.first?["flow_units"]?.string == "LPS")
        #expect(reading.records.first { $0["id"] == .text("V2") }?["status"] == .text("Closed"))
    }

    @Test("Networks that are broken on purpose: the line is named", .enabled(if: SharedData.testOnly, Comment(rawValue: SharedData.absent)))
    func hostile() throws {
        let reading = try Reading(.inp, file: SharedData.file("test-only/pipes/wntr-hostile/bad_values.inp"))
        #expect(reading.refused == ["56 unknown_node"])
        #expect(reading.records.count == 4)
        let sensors = try Reading(.inp, file: SharedData.file("test-only/pipes/epyt/L-TOWN.inp"))
        #expect(sensors.records.first { $0["id"] == .text("n1") }?["comment"] == .text("AMR & PRESSURE SENSOR"))
    }
}
