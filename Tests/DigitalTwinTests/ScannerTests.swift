import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections

/// Payloads as bytes: values, units, shapes, keys.
@Suite struct ScannerTests {
    private func scan<T>(_ json: String, _ body: (JSONView) throws -> T) rethrows -> T {
        try Array(json.utf8).withUnsafeBytes { try body(JSONView($0)) }
    }

    private func text(_ json: String) -> String? { scan(json) { $0["v"]?.text.map { String(decoding: $0, as: UTF8.self) } } }
    private func double(_ json: String) -> Double? { scan(json) { $0.double } }

    @Test func textsAreUnescaped() {
        #expect(text(#"{ "a" : {"v":1}, "v" : "甲\n\"\\\/\u00e9\ud83d\ude00" }"#) == "甲\n\"\\/é😀")
        #expect(text(#"{"v":""}"#) == nil)
        #expect(text(#"{"v":null}"#) == nil)
        #expect(text(#"{"v":1.10}"#) == "1.10")
        #expect(text(#"{"v":[1, {"b":"]"}]}"#) == #"[1, {"b":"]"}]"#)
        #expect(text(#"{"v":"\ud83d"}"#) == "\u{FFFD}")
    }

    @Test func numbersAreTheNearestDoubles() {
        for number in ["0", "-0.5", "52.9", "7.558805E-02", "123456789012345678901234567890", "0.1", "1e-7", "9007199254740993", "100.00000000000000000000001"] {
            #expect(double(number) == Double(number), "\(number)")
        }
        #expect(double(#""203.2""#) == 203.2)
        #expect(double(#""2.3m""#) == nil)
        #expect(double("true") == 1)
        #expect(double(#"".""#) == nil)
        #expect(double("1e999") == nil)
        #expect(scan("7.6") { $0.integer } == 8)
        #expect(scan("99999999999") { $0.integer } == nil)
    }

    @Test func momentsNeedAZone() {
        func moment(_ json: String) -> Int64? { scan(json) { $0.moment?.microseconds } }
        #expect(moment(#""1970-01-01T00:00:01Z""#) == 1_000_000)
        #expect(moment(#""1970-01-01T08:00:01.5+08:00""#) == 1_500_000)
        #expect(moment(#""1970-13-01T00:00:01Z""#) == nil)
        #expect(moment(#""1970-01-01T00:00:01""#) == nil)
    }

    /// A payload that is cut off or no JSON at all is read without harm: every prefix and every changed byte.
    @Test func brokenPayloadsDoNoHarm() {
        let whole = Array(#"{"a":[1,{"b":"c\"d"}],"footprint":[{"type":"Polygon","coordinates":[[[1,2],[3,4]]]}],"v":"x\u00e9"}"#.utf8)
        func read(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { raw in
                let view = JSONView(raw)
                view.members { _, value in
                    _ = value.text
                    _ = value.double
                    _ = Geometry.polygons(value)
                    value.elements { _ = $0.moment }
                }
            }
        }
        for end in 0...whole.count { read(Array(whole[..<end])) }
        for at in whole.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x5B, 0x7D, 0xFF] {
                var changed = whole
                changed[at] = byte
                read(changed)
            }
        }
    }

    @Test func footprintsAreClosedAndOnEarth() {
        func size(_ json: String) -> Int? { scan(json) { Geometry.polygons($0)?.count } }
        let header = 13, polygon = 9
        #expect(size(#"[{"type":"Polygon","coordinates":[[[1,2],[3,2],[3,4]]]}]"#) == header + polygon + 4 + 4 * 16)
        #expect(size(#"{"type":"MultiPolygon","coordinates":[[[[1,2],[3,2],[3,4],[1,2]]]]}"#) == header + polygon + 4 + 4 * 16)
        #expect(size(#"[{"type":"Polygon","coordinates":[[[1,2],[3,2]]]}]"#) == nil)
        #expect(size(#"[{"type":"Polygon","coordinates":[[[1,2],[300,2],[3,4],[1,2]]]}]"#) == nil)
        #expect(size(#"[{"type":"Point","coordinates":[1,2]}]"#) == nil)
        #expect(scan(#"{"type":"Point","coordinates":[0,0]}"#) { Geometry.point($0) } == nil)
    }

    @Test func unitsFollowTheFlowUnit() {
        #expect(NetworkUnits(code: "GPM").map { ($0.length_m, $0.diameter_mm) } ?? (0, 0) == (0.3048, 25.4))
        #expect(NetworkUnits(code: "LPS").map { ($0.length_m, $0.diameter_mm, $0.flow_lps) } ?? (0, 0, 0) == (1, 1, 1))
        // Flow units of one size, by the definitions of gallon, cubic foot and acre-foot.
        let expected = ["CFS": 28.316846592, "GPM": 0.0630901964, "MGD": 43.8126363889, "IMGD": 52.6167824074, "AFD": 14.2764101, "MLD": 11.5740740741, "CMD": 0.0115740741]
        for (code, lps) in expected {
            let found = NetworkUnits(code: code)?.flow_lps ?? 0
            #expect(abs(found / lps - 1) < 1e-8, "\(code): \(found)")
        }
        #expect(NetworkUnits(code: "furlongs") == nil)
    }

    @Test func keysThatDifferInBytesStayApart() {
        var table = ByteTable()
        // One character, composed and decomposed: canonically equal, and two keys all the same.
        let keys = ["é", "e\u{301}", "", "a"] + (0..<1000).map { "key \($0)" }
        for _ in 0..<2 {
            for (number, key) in keys.enumerated() { #expect(Array(key.utf8).withUnsafeBytes { table.index(of: $0) } == number) }
        }
        #expect(table.sorted().map { String(decoding: table[$0], as: UTF8.self) }.prefix(3) == ["", "a", "e\u{301}"])
    }

    @Test func referencesAreReadByTheirTextAlone() {
        func reference(_ text: String) -> String {
            scan(#"{"building":"\#(text)"}"#) { view in
                var row = BinaryCopyWriter()
                let start = row.count
                Payload(view, source: Array("own".utf8)).write(reference: "building", into: &row)
                // After the cell's length.
                return String(decoding: row.bytes[(start + 4)...], as: UTF8.self)
            }
        }
        #expect(reference("7") == "own:7")
        #expect(reference("osm-buildings:7") == "osm-buildings:7")
        #expect(reference("弄:7") == "own:弄:7")
        #expect(reference(":7") == "own::7")
    }
}
