import EventLog
import Testing

@testable import DigitalTwin
@testable import Projections

/// From facts in the log to rows that an analyst reads.
@Suite struct TwinTests {
    /// A square of about 28 m by 33 m, and a point of it; `east` moves it by so many thousandths of a degree (95 m).
    private func square(_ east: Double = 0) -> String {
        let x = 121.5 + east / 1000, y = 31.24
        return #"{"type":"Polygon","coordinates":[[[\#(x),\#(y)],[\#(x + 0.0003),\#(y)],[\#(x + 0.0003),\#(y + 0.0003)],[\#(x),\#(y + 0.0003)],[\#(x),\#(y)]]]}"#
    }

    private func point(_ x: Double, _ y: Double) -> String { #"{"type":"Point","coordinates":[\#(x),\#(y)]}"# }

    @Test func oneBuildingWithAllThatBelongsToIt() throws {
        let hub = try TestHub()
        try hub.append(
            "osm-buildings", department: "map",
            [
                NewEvent("building.described", "building/1", #"{"name":"甲楼","height_m":30.5,"footprint":[\#(square())]}"#),
                NewEvent("building.described", "building/2", #"{"footprint":[\#(square(1))]}"#),
                NewEvent("building_part.described", "building_part/9", #"{"height_m":40,"footprint":[\#(square())]}"#),
            ])
        try hub.append(
            "police-register", department: "police",
            [
                NewEvent("building.described", "building/P7", #"{"address":"陆家嘴环路1号","floors":8,"building":"osm-buildings:1"}"#),
                NewEvent("building.described", "building/P8", #"{"address":"无处","floors":3}"#),
                NewEvent("resident.registered", "person/aa", #"{"building":"P7","birth_year":1950}"#),
                NewEvent("resident.registered", "person/bb", #"{"building":"P7"}"#),
                NewEvent("resident.deregistered", "person/bb"),
            ])
        try hub.append(
            "hotline-12345", department: "hotline",
            [
                NewEvent("case.received", "case/1", at: "2024-05-01T00:00:00Z", #"{"category":"noise","channel":"12345","location":\#(point(121.5001, 31.2401))}"#),
                NewEvent("case.closed", "case/1", at: "2024-05-03T00:00:00Z"),
                NewEvent("case.received", "case/2", at: "2024-05-02T00:00:00Z", #"{"building":"osm-buildings:2"}"#),
            ])
        try hub.append(
            "sensors",
            [
                NewEvent("sensor.described", "sensor/s1", #"{"observed_property":"water_level","unit":"m","location":\#(point(121.49990, 31.2401))}"#),
                NewEvent("observations.recorded", "sensor/s1", #"{"property":"water_level","unit":"m","times":["2024-05-01T00:00:00Z","2024-05-01T00:05:00Z"],"values":[1.5,null]}"#),
            ])
        let done = try hub.projector().once()
        #expect(done.facts == 13)
        #expect(try hub.rows("SELECT id, name, address, height_m, floors, claims FROM twin.building ORDER BY id") == [
            "osm-buildings:1|甲楼|陆家嘴环路1号|30.5|8|2", "osm-buildings:2|∅|∅|∅|∅|1", "police-register:P8|∅|无处|∅|3|1",
        ])
        #expect(try hub.rows("SELECT id, building_id, link_method FROM twin.building_part") == ["osm-buildings:9|osm-buildings:1|inside"])
        #expect(try hub.rows(#"SELECT id, status, closed_at, building_id, link_method FROM twin."case" ORDER BY id"#) == [
            "hotline-12345:1|closed|2024-05-03 00:00:00+00|osm-buildings:1|inside", "hotline-12345:2|received|∅|osm-buildings:2|key",
        ])
        #expect(try hub.rows("SELECT id, building_id, link_method FROM twin.sensor") == ["sensors:s1|osm-buildings:1|near"])
        #expect(try hub.rows("SELECT observed_at, value FROM twin.observation ORDER BY 1") == ["2024-05-01 00:00:00+00|1.5", "2024-05-01 00:05:00+00|∅"])
        #expect(try hub.rows("SELECT building_id, source, residents FROM twin.resident_count") == ["osm-buildings:1|police-register|1"])
        #expect(try hub.rows("SELECT twin.building_card('osm-buildings:1')->>'name'") == ["甲楼"])
        let card = try hub.rows(
            """
            SELECT c -> 'sources', c ->> 'open_cases', c #>> '{data_points,0,value}', c #>> '{data_points,1,value}', json_array_length(c -> 'sensors'),
                   c ->> 'conflicts', c ->> 'homes' FROM twin.building_card('osm-buildings:1') c
            """)
        #expect(card[0].contains(#"{"source" : "osm-buildings", "department" : "map", "says" : ["building","building_part"]}"#), "\(card)")
        #expect(card[0].hasSuffix("|0|∅|∅|1|[]|[]"), "\(card)")
        #expect(try hub.rows("SELECT twin.building_card('nobody:1') IS NULL") == ["t"])
        // Again: nothing new.
        #expect(try hub.projector().once().facts == 0)
    }
}
