import EventLog
import Foundation
import PrivateServer
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

    /// The pair that the libraries of the field give as their example.
    @Test func aPublishedPairOfBaidu() {
        let place = ReferenceSystem.fromBD09(Geometry.Position(x: 116.404, y: 39.915))
        #expect(near(place, Geometry.Position(x: 116.39762729119315, y: 39.90865673957631), 1e-9))
    }

    /// Two portals' compounds in BD-09, turned back, lie on the buildings of the same name in OpenStreetMap. Names are no keys: one compound
    /// has a namesake a kilometre off, so it is the median that counts.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: SharedData.path("")), "needs ../shared/data/test-only/buildings/xiaoqu"))
    func compoundsOfBaiduLieOnTheirBuildings() throws {
        let buildings = try Self.buildings()
        var moved: [Geometry.Position] = [], raw: [Geometry.Position] = []
        for portal in try FileManager.default.contentsOfDirectory(atPath: SharedData.path("test-only/buildings/xiaoqu")) {
            let list = try #require(try Self.json("test-only/buildings/xiaoqu/" + portal) as? [String: [String: Any]])
            for (name, compound) in list {
                let numbers = (compound["经纬度"] as? String ?? "").split(separator: ",").compactMap { Double($0) }
                guard numbers.count == 2 else { continue }
                let map = Geometry.Position(x: numbers[0], y: numbers[1])
                let place = ReferenceSystem.fromGCJ02(ReferenceSystem.fromBD09(map))
                for building in buildings[name] ?? [] {
                    moved.append(Geometry.Position(x: place.x - building.x, y: place.y - building.y))
                    raw.append(Geometry.Position(x: map.x - building.x, y: map.y - building.y))
                }
            }
        }
        try #require(moved.count == 8)
        func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
        // 0.0001 degrees are ten metres; unturned it is more than a kilometre.
        #expect(abs(median(moved.map(\.x))) < 0.0001 && abs(median(moved.map(\.y))) < 0.0001)
        #expect(near(Geometry.Position(x: median(raw.map(\.x)), y: median(raw.map(\.y))), Geometry.Position(x: 0.0110, y: 0.0036), 0.0001))
    }

    private static func json(_ path: String) throws -> Any {
        try JSONSerialization.jsonObject(with: try #require(FileManager.default.contents(atPath: SharedData.path(path))))
    }

    /// The middles of the bounding boxes of OpenStreetMap's named features.
    private static func buildings() throws -> [String: [Geometry.Position]] {
        let map = try #require(try json("shippable/buildings/osm/shanghai_buildings.geojson") as? [String: Any])
        var found: [String: [Geometry.Position]] = [:]
        for feature in try #require(map["features"] as? [[String: Any]]) {
            guard let name = (feature["properties"] as? [String: Any])?["name"] as? String else { continue }
            var list = (feature["geometry"] as? [String: Any])?["coordinates"] as? [Any] ?? []
            while let inner = list.first as? [Any], inner.first is [Any] { list = inner }
            let points = (list as? [[Double]]) ?? [list as? [Double] ?? []]
            guard let west = points.compactMap(\.first).min(), let east = points.compactMap(\.first).max(),
                let south = points.compactMap(\.last).min(), let north = points.compactMap(\.last).max()
            else { continue }
            found[name, default: []].append(Geometry.Position(x: (west + east) / 2, y: (south + north) / 2))
        }
        return found
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
