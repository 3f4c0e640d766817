import EventLog
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections

/// Which home somebody is registered in, and which of several outlines a building stands in.
extension EntityTests {
    /// One house in a lane, with two entrances and a room 302 at each: the police count doors through the lane, the property company entrances in the house.
    private static func house() throws -> [(source: String, event: NewEvent)] {
        try [
            ("map", NewEvent("building.described", "building/1", #"{"footprint":\#(square(121.5))}"#)),
            ("map", NewEvent("building.described", "building/2", #"{"footprint":\#(square(121.6)),"address":"浦东南路99弄1号"}"#)),
            ("police", NewEvent("building.described", "building/P", #"{"address":"浦东南路120弄3号","building":"map:1"}"#)),
            ("property", NewEvent("building.described", "building/B", #"{"address":"四季新村2幢","building":"map:1"}"#)),
            ("property", NewEvent("dwelling.described", "dwelling/one", #"{"entrance":"1单元","room":"302","building":"B"}"#)),
            ("property", NewEvent("dwelling.described", "dwelling/two", #"{"entrance":"2单元","room":"302","building":"B"}"#)),
            ("stewards", calibrated("dwelling")),
        ]
    }

    private static func registered(_ source: String, _ person: String, _ building: String, _ address: String, since: String? = nil) -> (source: String, event: NewEvent) {
        let since = since.map { #","since":"\#($0)""# } ?? ""
        return (source, NewEvent("resident.registered", "person/\(person)", #"{"building":"\#(building)","address":"\#(address)"\#(since)}"#))
    }

    private var residents: String {  "SELECT dwelling_id, resident_id FROM twin.dwelling_resident ORDER BY 2" }

    @Test func registersSayWhichHomeSomebodyLivesIn() throws {
        let hub = try TestHub()
        try tell(hub, Self.house() + [
            Self.registered("police", "door", "P", "浦东南路120弄4号302室"),
            // Without an entrance: the grid worker met the same person at one of them; another moved in on one day with somebody who names it.
            Self.registered("police", "met", "P", "四季新村2#302"),
            Self.registered("grid", "met", "police:P", "四季新村2幢1单元302室"),
            Self.registered("police", "mother", "P", "浦东南路120弄3号302室", since: "2020-05-01"),
            Self.registered("police", "family", "P", "四季新村2#302", since: "2020-05-01"),
            Self.registered("police", "nobody", "P", "四季新村2#302", since: "2021-05-01"),
            // Another building's code, and an address that is not there.
            Self.registered("police", "mistyped", "map:2", "浦东南路120弄4号302室"),
        ])
        let joined = [
            "property:one|grid:met", "property:two|police:door", "property:one|police:family", "property:one|police:met", "property:two|police:mistyped",
            "property:one|police:mother",
        ]
        #expect(try hub.rows(residents) == joined)
        // People are for stewards: what analysts see of homes names nobody, nor says where somebody lives.
        #expect(try hub.rows("SELECT claim_id FROM twin.entity_claim WHERE kind = 'dwelling' ORDER BY 1") == [])
        #expect(try hub.rows("SELECT count(*) FROM twin.identity_pair WHERE kind = 'dwelling'") == ["0"])
        #expect(try hub.rows("SELECT count(*) FROM twin.person_pair WHERE kind = 'dwelling' AND is_open") == ["2"])
        try expectRebuilt(hub)
        // The house begins a door later: what was its second entrance is its first one.
        try tell(hub, [("police", NewEvent("building.described", "building/P", #"{"address":"浦东南路120弄4号","building":"map:1"}"#))])
        #expect(try hub.rows(residents).contains("property:one|police:door"))
        try expectRebuilt(hub)
        try tell(hub, [("police", NewEvent("building.described", "building/P", #"{"address":"浦东南路120弄3号","building":"map:1"}"#))])
        #expect(try hub.rows(residents) == joined)
        // Once the grid worker takes it back nobody says which home that is.
        try tell(hub, [("grid", NewEvent("resident.deregistered", "person/met"))])
        #expect(try hub.rows(residents) == joined.filter { !$0.contains("met") })
        try expectRebuilt(hub)
    }

    @Test func whoNamesAHomeLivesThereOnceItIsDescribed() throws {
        let hub = try TestHub()
        try tell(hub, Self.house() + [("police", NewEvent("resident.registered", "person/named", #"{"building":"P","dwelling":"property:three"}"#))])
        #expect(try hub.rows(residents) == [])
        try tell(hub, [("property", NewEvent("dwelling.described", "dwelling/three", #"{"room":"303","building":"B"}"#))])
        #expect(try hub.rows(residents) == ["property:three|police:named"])
        try expectRebuilt(hub)
        try tell(hub, [("property", NewEvent("dwelling.removed", "dwelling/three"))])
        #expect(try hub.rows(residents) == [])
        try expectRebuilt(hub)
    }

    /// Families of both entrances moved in on one day: it does not say whose home that of a third is.
    @Test func aDayThatPointsToTwoHomesPointsToNone() throws {
        let hub = try TestHub()
        try tell(hub, Self.house() + [
            Self.registered("police", "one", "P", "浦东南路120弄3号302室", since: "2020-05-01"), Self.registered("police", "third", "P", "四季新村2#302", since: "2020-05-01"),
        ])
        #expect(try hub.rows(residents) == ["property:one|police:one", "property:one|police:third"])
        try expectRebuilt(hub)
        try tell(hub, [Self.registered("police", "two", "P", "浦东南路120弄4号302室", since: "2020-05-01")])
        #expect(try hub.rows(residents) == ["property:one|police:one", "property:two|police:two"])
        try expectRebuilt(hub)
    }

    /// Where outlines lie over each other the smallest is only likely: what others at that point say goes before it.
    @Test func whoStandsAmongOutlinesBelongsToThoseAtHisPoint() throws {
        let hub = try TestHub()
        let place = #""address":"浦东南路120弄3号","location":{"type":"Point","coordinates":[121.5001,31.2001]}"#
        let podium = #"[{"type":"Polygon","coordinates":[[[121.499,31.199],[121.501,31.199],[121.501,31.201],[121.499,31.201],[121.499,31.199]]]}]"#
        let links = "SELECT id, building_id, method FROM twin.building_claim WHERE id NOT LIKE 'map:%' ORDER BY id"
        try tell(hub, [
            ("map", NewEvent("building.described", "building/tower", #"{"footprint":\#(Self.square(121.5))}"#)),
            ("map", NewEvent("building.described", "building/podium", #"{"footprint":\#(podium)}"#)),
            ("police", NewEvent("building.described", "building/P", "{\(place)}")),
            ("stewards", Self.calibrated("building")),
        ])
        #expect(try hub.rows(links) == ["police:P|map:tower|among"])
        try tell(hub, [("property", NewEvent("building.described", "building/B", #"{"building":"map:podium",\#(place)}"#))])
        #expect(try hub.rows(links) == ["police:P|map:podium|match", "property:B|map:podium|key"])
        _ = try Projector(Connection(hub.conninfo)) { HistoryProjection() }.once()
        #expect(try hub.rows("SELECT id FROM twin.building_at() ORDER BY id") == ["map:podium", "map:tower"])
        try expectRebuilt(hub)
        // Without the podium it is certain again.
        try tell(hub, [("map", NewEvent("building.removed", "building/podium"))])
        #expect(try hub.rows(links) == ["police:P|map:tower|inside", "property:B|map:tower|inside"])
        try expectRebuilt(hub)
    }
}
