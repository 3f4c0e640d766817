import EventLog
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections

/// Whose word stands where departments say different things; the rules one by one are in SeededTests.
@Suite struct SurvivorshipTests {
    private static let square = #"[{"type":"Polygon","coordinates":[[[121.5,31.2],[121.5003,31.2],[121.5003,31.2003],[121.5,31.2003],[121.5,31.2]]]}]"#

    /// One building of three departments, told one after another, and a pipe.
    private func hub() throws -> TestHub {
        let hub = try TestHub()
        try hub.append(
            "map", department: "mapping",
            [
                NewEvent("building.described", "building/1", at: "2024-01-01T00:00:00Z", #"{"height_m":40,"footprint":\#(Self.square)}"#),
                NewEvent("pipe.described", "pipe/P1", #"{"network":"n","length":12.5,"diameter":200}"#),
            ])
        try hub.append(
            "police", department: "police",
            [NewEvent("building.described", "building/P", at: "2024-02-01T00:00:00Z", #"{"height_m":40.5,"floors":12,"address":"甲路1号","building":"map:1"}"#)])
        try hub.append(
            "property", department: "property",
            [NewEvent("building.described", "building/B", at: "2024-03-01T00:00:00Z", #"{"height_m":43,"floors":14,"name":"甲楼","building":"map:1"}"#)])
        try hub.projector().once()
        return hub
    }

    private func decide(_ hub: TestHub, _ source: String, _ department: String, _ chosen: String) throws {
        try hub.append(
            source, department: department,
            [
                NewEvent(
                    "conflict.resolved", "conflict/building/map:1/floors",
                    #"{"entity_kind":"building","entity":"map:1","attribute":"floors","chosen":"\#(chosen)","decided_by":"wang","reason":"seen on site"}"#)
            ])
        try hub.projector().once()
    }

    private let value = "SELECT height_m, floors, name, address FROM twin.building"

    @Test func aRuleIsDataAndEndsWhenItIsSaidTo() throws {
        let hub = try hub()
        // The building's own claim, else the most recent.
        #expect(try hub.rows(value) == ["40|14|甲楼|甲路1号"])
        try hub.connection.execute("SELECT hub.set_survivorship('building', 'height_m', 'trusted_source', '{property,own}')")
        #expect(try hub.rows(value) == ["43|14|甲楼|甲路1号"])
        // A rule that is over leaves what held before; one to come does not count yet.
        try hub.connection.execute(
            """
            SELECT hub.set_survivorship('building', 'height_m', 'trusted_source', '{police}', valid_from => now() - interval '1 hour', valid_to => now());
            SELECT hub.set_survivorship('building', 'height_m', 'trusted_source', '{police}', valid_from => now() + interval '1 hour')
            """)
        #expect(try hub.rows(value) == ["43|14|甲楼|甲路1号"])
        try hub.projector().rebuild()
        #expect(try hub.rows(value) == ["43|14|甲楼|甲路1号"])
        #expect(try hub.rows("SELECT rule, sources, tolerance FROM hub.survivorship_rule WHERE valid_from > '1970-01-01' ORDER BY set_at LIMIT 1") == [
            "trusted_source|{property,own}|1"
        ])
        let error = #expect(throws: PostgresError.self) { try hub.connection.execute("SELECT hub.set_survivorship('building', 'colour', 'majority')") }
        #expect(error?.message.contains("no attribute colour of building") == true)
        #expect(throws: PostgresError.self) { try hub.connection.execute("SELECT hub.set_survivorship('building', 'floors', 'trusted_source')") }
    }

    @Test func everyValueSaysWhoSaysSo() throws {
        let hub = try hub()
        #expect(try hub.rows("SELECT attribute, value, claim_id, department, rule, position FROM twin.provenance WHERE kind = 'building' AND attribute IN ('height_m', 'floors') ORDER BY 1") == [
            "floors|14|property:B|property|trusted_source|4", "height_m|40|map:1|mapping|trusted_source|1",
        ])
        #expect(try hub.rows("SELECT l ->> 'claim', l ->> 'value' FROM twin.provenance p, json_array_elements(p.losers) l WHERE attribute = 'height_m'") == ["property:B|43", "police:P|40.5"])
        #expect(try hub.rows("SELECT attribute, value, claim_id, losers FROM twin.provenance WHERE kind = 'pipe' AND entity_id = 'map:P1' ORDER BY 1") == [
            "diameter_mm|200|map:P1|∅", "length_m|12.5|map:P1|∅",
        ])
        // 40 and 40.5 m agree, within a metre; 43 does not.
        #expect(try hub.rows("SELECT attribute, difference, words, status FROM twin.conflict ORDER BY 1") == [
            #"floors|2|{"police": "12", "property": "14"}|open"#, #"height_m|3|{"police": "40.5", "mapping": "40", "property": "43"}|open"#,
        ])
        #expect(try hub.rows("SELECT department, other_department, compared, differing, share FROM twin.conflict_share WHERE attribute = 'height_m' ORDER BY 1, 2") == [
            "mapping|police|1|0|0.000", "mapping|property|1|1|1.000", "police|property|1|1|1.000",
        ])
        try hub.connection.execute("SELECT hub.set_survivorship('building', 'height_m', 'majority', tolerance => 3)")
        #expect(try hub.rows("SELECT attribute FROM twin.conflict") == ["floors"])
    }

    @Test func aStewardsDecisionGoesBeforeEveryRule() throws {
        let hub = try hub()
        // A department cannot decide in its own cause, nor pass for the hub.
        try decide(hub, "police", "police", "police:P")
        #expect(try hub.rows("SELECT floors FROM twin.building") == ["14"])
        let error = #expect(throws: LogError.self) { try Sources.register(.init(name: "fire", uri: "urn:fire", department: "hub"), on: hub.connection) }
        #expect(error?.code == .badName)
        try decide(hub, "stewards", "hub", "police:P")
        #expect(try hub.rows("SELECT floors FROM twin.building") == ["12"])
        #expect(try hub.rows("SELECT status, resolved_by, chosen, reason FROM twin.conflict WHERE attribute = 'floors'") == ["resolved|wang|police:P|seen on site"])
        #expect(try hub.rows("SELECT value, rule, decision FROM twin.provenance WHERE attribute = 'floors'") == ["12|trusted_source|6"])
        // Where the chosen one falls silent the rule decides again; where the decision is taken back, too.
        try hub.append("police", department: "police", [NewEvent("building.described", "building/P", at: "2024-04-01T00:00:00Z", #"{"building":"map:1"}"#)])
        try hub.projector().once()
        #expect(try hub.rows("SELECT value, decision FROM twin.provenance WHERE attribute = 'floors'") == ["14|∅"])
        try hub.append("police", department: "police", [NewEvent("building.described", "building/P", at: "2024-05-01T00:00:00Z", #"{"building":"map:1","floors":13}"#)])
        try hub.projector().once()
        #expect(try hub.rows("SELECT floors FROM twin.building") == ["13"])
        try hub.append("stewards", department: "hub", [NewEvent("conflict.reopened", "conflict/building/map:1/floors")])
        try hub.projector().once()
        #expect(try hub.rows("SELECT floors FROM twin.building") == ["13"])
        #expect(try hub.rows("SELECT status FROM twin.conflict WHERE attribute = 'floors'") == ["open"])
        try hub.projector().rebuild()
        #expect(try hub.rows("SELECT floors, claim_id FROM twin.building, twin.provenance WHERE attribute = 'floors'") == ["13|police:P"])
    }
}
