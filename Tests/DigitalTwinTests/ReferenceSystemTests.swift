import EventLog
import Testing

@testable import DigitalTwin
@testable import Projections

/// Coordinates of Chinese maps and of surveyors become WGS 84 in the fold; the claim's fact keeps them as they came.
@Suite struct ReferenceSystemTests {
    private func near(_ a: Geometry.Position, _ b: Geometry.Position, _ degrees: Double) -> Bool { abs(a.x - b.x) < degrees && abs(a.y - b.y) < degrees }

    /// Pairs that the field uses to test the formula: WGS 84 and GCJ-02 of Shanghai, Shenzhen and Beijing.
    @Test(arguments: [
        (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597), (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
        (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),
    ])
    func publishedPairs(_ x: Double, _ y: Double, _ mapX: Double, _ mapY: Double) {
        let place = Geometry.Position(x: x, y: y), map = Geometry.Position(x: mapX, y: mapY)
        let offset = ReferenceSystem.offset(at: place)
        #expect(near(Geometry.Position(x: x + offset.x, y: y + offset.y), map, 1e-9))
        #expect(near(ReferenceSystem.fromGCJ02(map), place, 1e-9))
    }

    /// Two portals' compounds in BD-09 lie 0.0111° east and 0.0036° north of the same compounds in OpenStreetMap.
    @Test func baiduLiesWhereItsShanghaiCompoundsDo() {
        let map = Geometry.Position(x: 121.452047, y: 31.259769)
        let place = ReferenceSystem.fromGCJ02(ReferenceSystem.fromBD09(map))
        #expect(near(place, Geometry.Position(x: map.x - 0.0111, y: map.y - 0.0036), 0.0012))
    }

    @Test func outsideOfChinaNothingIsMoved() {
        let place = Geometry.Position(x: -122.4194, y: 37.7749)
        #expect(ReferenceSystem.fromGCJ02(place) == place)
    }

    @Test func everySystemHasItsPlaceInTheTwin() throws {
        let hub = try TestHub()
        func point(_ x: String, _ y: String, _ crs: String?) -> String {
            #"{"location":{"type":"Point","coordinates":[\#(x),\#(y)]\#(crs.map { #","crs":"\#($0)""# } ?? "")}}"#
        }
        let square = #"{"type":"Polygon","crs":"EPSG:32651","coordinates":[[[356000,3458000],[356030,3458000],[356030,3458030],[356000,3458030],[356000,3458000]]]}"#
        try hub.append("maps", [
            NewEvent("compound.described", "compound/wgs", point("121.5272106", "31.1774276", nil)),
            NewEvent("compound.described", "compound/gcj", point("121.531541859215", "31.17530398364597", "GCJ-02")),
            NewEvent("compound.described", "compound/utm", point("356000.5", "3458000", "EPSG:32651")),
            NewEvent("compound.described", "compound/again", point("356000.5", "3458000", "EPSG:32651")),
            NewEvent("compound.described", "compound/nowhere", point("1e300", "1", "EPSG:32651")),
            NewEvent("compound.described", "compound/nobody", point("1", "1", "EPSG:999998")),
            NewEvent("compound.described", "compound/site", point("12", "30", "local:site")),
            NewEvent("building.described", "building/b", #"{"footprint":[\#(square)]}"#),
        ])
        let expected = """
            SELECT round(ST_X(p)::numeric, 7) || ' ' || round(ST_Y(p)::numeric, 7) FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(356000.5, 3458000), 32651), 4326) AS p) q
            """
        let utm = try hub.rows(expected)[0]
        let places = "SELECT id, round(ST_X(location)::numeric, 7) || ' ' || round(ST_Y(location)::numeric, 7) FROM twin.compound ORDER BY id"
        let footprint = """
            SELECT ST_Equals(ST_SnapToGrid(footprint, 1e-9),
                             ST_SnapToGrid(ST_Multi(ST_Transform(ST_MakeEnvelope(356000, 3458000, 356030, 3458030, 32651), 4326)), 1e-9))
              FROM twin.building
            """
        let rows = ["maps:again|\(utm)", "maps:gcj|121.5272106 31.1774276", "maps:nobody|∅", "maps:nowhere|∅", "maps:site|∅", "maps:utm|\(utm)", "maps:wgs|121.5272106 31.1774276"]
        _ = try hub.projector().once()
        #expect(try hub.rows(places) == rows)
        #expect(try hub.rows(footprint) == ["t"])
        try hub.projector().rebuild()
        #expect(try hub.rows(places) == rows)
        #expect(try hub.rows(footprint) == ["t"])
    }
}
