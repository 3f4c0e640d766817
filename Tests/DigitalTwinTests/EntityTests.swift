import EventLog
import Foundation
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections

/// Identity in the twin: what is one thing, by the rules and by stewards; one by one. That live, rebuilt and as of a moment agree: SeededTests.
@Suite struct EntityTests {
    static func square(_ x: Double) -> String {
        let e = x + 0.0003
        return #"[{"type":"Polygon","coordinates":[[[\#(x),31.2],[\#(e),31.2],[\#(e),31.2003],[\#(x),31.2003],[\#(x),31.2]]]}]"#
    }

    /// What the resolver of a kind believes, made by hand: equal attributes speak for, different ones against.
    private static func calibration(_ kind: String) throws -> String {
        let kind = try #require(EntityKind.named(kind))
        let levels = kind.rules.attributes.map(\.levels)
        let m = levels.map { [1.0, 0.9] + Array(repeating: 0.1 / Double($0 - 2), count: $0 - 2) }
        let u = levels.map { [1.0, 0.0001] + Array(repeating: 0.9999 / Double($0 - 2), count: $0 - 2) }
        let parameters = #"{"share":0.01,"m":\#(m),"u":\#(u),"link_from":0.95,"review_from":0.5}"#
        return #"{"entity_kind":"\#(kind.name)","rules":"\#(kind.mark)","parameters":\#(parameters),"decided_by":"wang","reason":"test"}"#
    }

    static func calibrated(_ kind: String) throws -> NewEvent { NewEvent("resolver.calibrated", "resolver/\(kind)", try calibration(kind)) }

    private static func verdict(_ type: String, _ kind: String, _ a: String, _ b: String) -> NewEvent {
        let (a, b) = a < b ? (a, b) : (b, a)
        let payload = #"{"entity_kind":"\#(kind)","claim":"\#(a)","other":"\#(b)","verdict":"\#(type == "identity.merged" ? "same" : "different")","decided_by":"wang","reason":"seen"}"#
        return NewEvent(type, "identity/\(kind)/\(a) \(b)", payload)
    }

    /// Three departments know one building under other names; a fourth claim is its neighbour.
    private static let buildings: [(source: String, event: NewEvent)] = [
        ("map", NewEvent("building.described", "building/1", #"{"height_m":40,"address":"甲路12号","footprint":\#(square(121.5))}"#)),
        ("map", NewEvent("building.described", "building/2", #"{"height_m":20,"address":"甲路14号","footprint":\#(square(121.6))}"#)),
        ("police", NewEvent("building.described", "building/P", #"{"floors":12,"address":"甲路12号"}"#)),
        ("property", NewEvent("building.described", "building/B", #"{"floors":14,"name":"甲楼","address":"甲路１２号"}"#)),
        ("water", NewEvent("building.described", "building/W", #"{"households":80,"name":"水表房"}"#)),
        ("map", NewEvent("sensor.described", "sensor/s", #"{"observed_property":"水位","building":"water:W"}"#)),
    ]

    func tell(_ hub: TestHub, _ facts: [(source: String, event: NewEvent)]) throws {
        for (source, event) in facts {
            try hub.append(source, department: source == "stewards" ? "hub" : source, [event])
            try hub.projector().once()
        }
    }

    private let claims = "SELECT building_id, id, method FROM twin.building_claim ORDER BY id"
    private let view = "SELECT id, height_m, floors, households, claims FROM twin.building ORDER BY id"

    /// A rebuild gives what stands there, in every view that identity touches.
    func expectRebuilt(_ hub: TestHub) throws {
        let statements = [
            claims, view, "SELECT kind, entity_id, claim_id, method FROM twin.entity_claim ORDER BY 1, 3", "SELECT * FROM twin.person_claim ORDER BY 2",
            "SELECT kind, left_id, right_id, probability, is_same, verdict, is_open FROM twin.identity_pair ORDER BY 1, 2, 3",
            "SELECT kind, left_id, right_id, probability, is_same, verdict, is_open FROM twin.person_pair ORDER BY 1, 2, 3", "SELECT * FROM twin.dwelling_resident ORDER BY 2",
            "SELECT kind, entity_id, attribute, value, claim_id, rule, decision FROM twin.provenance ORDER BY 1, 2, 3", "SELECT id, building_id, link_method FROM twin.sensor ORDER BY 1",
        ]
        let before = try statements.map { try hub.rows($0) }
        try hub.projector().rebuild()
        #expect(try statements.map { try hub.rows($0) } == before)
    }

    @Test func oneBuildingUnderThreeNamesIsOneOnceItIsCalibrated() throws {
        let hub = try TestHub()
        try tell(hub, Self.buildings)
        #expect(try hub.rows("SELECT count(*) FROM twin.building") == ["5"])
        try tell(hub, [("stewards", Self.calibrated("building"))])
        #expect(try hub.rows(claims) == ["map:1|map:1|self", "map:2|map:2|self", "map:1|police:P|match", "map:1|property:B|match", "water:W|water:W|self"])
        #expect(try hub.rows(view) == ["map:1|40|14|∅|3", "map:2|20|∅|∅|1", "water:W|∅|∅|80|1"])
        #expect(try hub.rows("SELECT attribute, words FROM twin.conflict") == [#"floors|{"police": "12", "property": "14"}"#])
        try expectRebuilt(hub)
        // A claim that is told anew is compared anew; one that is gone leaves the others where they are.
        try tell(hub, [("police", NewEvent("building.described", "building/P", #"{"floors":12,"address":"甲路14号"}"#))])
        #expect(try hub.rows("SELECT building_id FROM twin.building_claim WHERE id = 'police:P'") == ["map:2"])
        try tell(hub, [("map", NewEvent("building.removed", "building/1"))])
        #expect(try hub.rows(view) == ["map:2|20|12|∅|2", "property:B|∅|14|∅|1", "water:W|∅|∅|80|1"])
        try expectRebuilt(hub)
        // What another source calibrates counts for nothing, nor does what was learned for other rules.
        try tell(hub, [("police", NewEvent("resolver.withdrawn", "resolver/building")), ("stewards", NewEvent("resolver.withdrawn", "resolver/building"))])
        #expect(try hub.rows("SELECT count(*) FROM twin.building WHERE claims > 1") == ["0"])
        let other = try Self.calibration("building").replacing(#/"rules":"[^"]*"/#, with: #""rules":"0""#)
        try tell(hub, [("stewards", NewEvent("resolver.calibrated", "resolver/building", other))])
        #expect(try hub.rows("SELECT count(*) FROM twin.building WHERE claims > 1") == ["0"])
        try expectRebuilt(hub)
    }

    @Test func aStewardsWordGoesBeforeTheRulesAndCanBeTakenBack() throws {
        let hub = try TestHub()
        try tell(hub, Self.buildings + [("stewards", Self.calibrated("building"))])
        let before = try hub.rows(claims) + hub.rows(view), sensor = "SELECT building_id FROM twin.sensor"
        // No department decides in its own cause.
        try tell(hub, [("police", Self.verdict("identity.merged", "building", "water:W", "map:1"))])
        #expect(try hub.rows(claims) + hub.rows(view) == before)
        try tell(hub, [("stewards", Self.verdict("identity.merged", "building", "water:W", "map:1"))])
        #expect(try hub.rows("SELECT building_id, method FROM twin.building_claim WHERE id = 'water:W'") == ["map:1|steward"])
        #expect(try hub.rows(view) == ["map:1|40|14|80|4", "map:2|20|∅|∅|1"])
        #expect(try hub.rows(sensor) == ["map:1"])
        try expectRebuilt(hub)
        // Merged and split again: the rows of before.
        try tell(hub, [("stewards", Self.verdict("identity.split", "building", "water:W", "map:1"))])
        #expect(try hub.rows(claims) + hub.rows(view) == before)
        #expect(try hub.rows(sensor) == ["water:W"])
        try expectRebuilt(hub)
        // A split parts what the rules join; taken back, the rules decide again.
        try tell(hub, [("stewards", Self.verdict("identity.split", "building", "police:P", "map:1"))])
        #expect(try hub.rows("SELECT building_id, id FROM twin.building_claim WHERE id IN ('police:P', 'property:B') ORDER BY id") == ["police:P|police:P", "map:1|property:B"])
        try expectRebuilt(hub)
        try tell(hub, [("stewards", NewEvent("identity.reopened", "identity/building/map:1 police:P")), ("stewards", NewEvent("identity.reopened", "identity/building/map:1 water:W"))])
        #expect(try hub.rows(claims) + hub.rows(view) == before)
        try expectRebuilt(hub)
    }

    @Test func twoOutlinesThatAStewardJoinsAreOneBuildingWithAllThatStandsThere() throws {
        let hub = try TestHub()
        try tell(hub, Self.buildings)
        try hub.append("case", department: "police", [
            NewEvent("case.received", "case/k", #"{"location":{"type":"Point","coordinates":[121.6001,31.2001]}}"#),
            NewEvent("pipe.described", "pipe/P", #"{"network":"n","length":12.5,"placement":"crs","path":{"type":"LineString","coordinates":[[121.49,31.2001],[121.7,31.2001]]}}"#),
        ])
        try hub.projector().once()
        let links = #"SELECT building_id, link_method FROM twin."case""#, before = try hub.rows(claims) + hub.rows(links)
        #expect(try hub.rows(links) == ["map:2|inside"])
        try tell(hub, [("stewards", Self.verdict("identity.merged", "building", "map:2", "map:1"))])
        #expect(try hub.rows(links) == ["map:1|inside"])
        #expect(try hub.rows("SELECT building_id, method FROM twin.building_claim WHERE id = 'map:2'") == ["map:1|steward"])
        try expectRebuilt(hub)
        #expect(try hub.rows(links) == ["map:1|inside"])
        // A decision about one of them goes with it.
        let decision = #"{"entity_kind":"building","entity":"map:2","attribute":"height_m","chosen":"map:2","decided_by":"wang","reason":"seen"}"#
        try tell(hub, [("stewards", NewEvent("conflict.resolved", "conflict/building/map:2/height_m", decision))])
        #expect(try hub.rows("SELECT height_m FROM twin.building WHERE id = 'map:1'") == ["20"])
        try tell(hub, [("stewards", NewEvent("identity.reopened", "identity/building/map:1 map:2"))])
        #expect(try hub.rows(claims) + hub.rows(links) == before)
        try expectRebuilt(hub)
    }

    @Test func peopleAndHomesAreJoinedByTheSamePath() throws {
        let hub = try TestHub()
        let name = "clk1:" + String(repeating: "0f", count: 64)
        try tell(hub, Self.buildings + [
            ("stewards", Self.calibrated("building")), ("stewards", Self.calibrated("person")), ("stewards", Self.calibrated("dwelling")),
            ("police", NewEvent("resident.registered", "person/aa", #"{"name":"\#(name)","birth_year":1950,"sex":"female","building":"P"}"#)),
            ("civil", NewEvent("benefit.granted", "person/aa", #"{"benefit":"高龄","name":"\#(name)","birth_year":1950,"sex":"female","building":"police:P"}"#)),
            ("civil", NewEvent("benefit.granted", "person/bb", #"{"benefit":"低保","name":"\#(name)","birth_year":1950,"sex":"female","building":"property:B"}"#)),
            ("property", NewEvent("dwelling.described", "dwelling/1", #"{"room":"302室","area_m2":80.5,"building":"B"}"#)),
            ("police", NewEvent("dwelling.described", "dwelling/x", #"{"room":"302","area_m2":80.5,"building":"P"}"#)),
            ("police", NewEvent("dwelling.described", "dwelling/y", #"{"room":"303","area_m2":80.5,"building":"P"}"#)),
        ])
        // By these weights another number speaks against less than name, birth, sex and building speak for.
        #expect(try hub.rows("SELECT entity_id, claim_id, method FROM twin.person_claim ORDER BY 2") == [
            "civil:aa:benefit:高龄|civil:aa:benefit:高龄|self", "civil:aa:benefit:高龄|civil:bb:benefit:低保|match", "civil:aa:benefit:高龄|police:aa|match",
        ])
        let homes = "SELECT entity_id, claim_id, method FROM twin.entity_claim WHERE kind = 'dwelling' ORDER BY 2"
        #expect(try hub.rows(homes) == ["police:x|police:x|self", "police:x|property:1|match"])
        #expect(try hub.rows("SELECT value, claim_id FROM twin.provenance WHERE kind = 'dwelling' AND attribute = 'room' AND entity_id = 'police:x'").count == 1)
        try expectRebuilt(hub)
        // The building of one of them is another one: so is the home.
        try tell(hub, [("police", NewEvent("building.described", "building/P", #"{"floors":12,"address":"甲路14号"}"#))])
        #expect(try hub.rows(homes) == [])
        try expectRebuilt(hub)
        try tell(hub, [("stewards", Self.verdict("identity.merged", "dwelling", "police:y", "property:1"))])
        #expect(try hub.rows(homes) == ["police:y|police:y|self", "police:y|property:1|steward"])
        try expectRebuilt(hub)
        #expect(try hub.rows("SELECT DISTINCT kind FROM twin.entity_claim WHERE kind = 'person'") == [])
    }

    /// A block of more claims than the rules look at says nothing; as soon as it is small enough, it does.
    @Test func aBlockThatGrowsTooLargeIsLeftOut() throws {
        let hub = try TestHub()
        let limit = try #require(EntityKind.named("compound")).rules.largestBlock
        try tell(hub, [("stewards", Self.calibrated("compound")), ("stewards", Self.verdict("identity.merged", "compound", "a:0", "a:1"))])
        func compounds(_ numbers: Range<Int>) -> [NewEvent] {
            numbers.map { NewEvent("compound.described", "compound/\($0)", #"{"name":"花园","address":"乙路\#($0)弄","manager":"甲物业"}"#) }
        }
        let joined = "SELECT count(*), count(DISTINCT entity_id) FROM twin.entity_claim WHERE kind = 'compound'"
        try hub.append("a", department: "property", compounds(0..<limit))
        try hub.projector().once()
        #expect(try hub.rows(joined) == ["\(limit)|1"])
        // One too many: only what a steward has joined holds.
        try hub.append("a", department: "property", compounds(limit..<limit + 1))
        try hub.projector().once()
        #expect(try hub.rows(joined) == ["2|1"])
        try expectRebuilt(hub)
        try hub.append("a", department: "property", [NewEvent("compound.removed", "compound/7")])
        try hub.projector().once()
        #expect(try hub.rows(joined) == ["\(limit)|1"])
        try expectRebuilt(hub)
    }

    /// One department writes the compound and its number, the other the lane and the door: the compound's record says that they are one place.
    @Test func aCompoundsRecordSaysWhichLaneItIs() throws {
        let hub = try TestHub()
        func place(_ x: Double) -> String { #""location":{"type":"Point","coordinates":[\#(x),31.25]}"# }
        try tell(hub, [
            ("stewards", Self.calibrated("building")),
            ("police", NewEvent("building.described", "building/P1", #"{"address":"浦东南路120弄1号",\#(place(121.5))}"#)),
            ("police", NewEvent("building.described", "building/P3", #"{"address":"浦东南路120弄3号",\#(place(121.501))}"#)),
            ("property", NewEvent("building.described", "building/B2", #"{"address":"四季新村2幢","compound":"X",\#(place(121.501))}"#)),
        ])
        let claims = "SELECT building_id, id, method FROM twin.building_claim ORDER BY id"
        #expect(try hub.rows(claims) == ["police:P1|police:P1|self", "police:P3|police:P3|self", "property:B2|property:B2|self"])
        // The record comes last, and only the buildings that name it are looked at again.
        try tell(hub, [("property", NewEvent("compound.described", "compound/X", #"{"name":"四季新村","address":"浦东南路120弄"}"#))])
        #expect(try hub.rows(claims) == ["police:P1|police:P1|self", "police:P3|police:P3|self", "police:P3|property:B2|match"])
        try expectRebuilt(hub)
        try tell(hub, [("property", NewEvent("compound.removed", "compound/X"))])
        #expect(try hub.rows(claims).last == "property:B2|property:B2|self")
        try expectRebuilt(hub)
    }

    /// A claim that names the wrong outline: joined with one that stands in the right one, it takes no outline along.
    @Test func joinedClaimsDoNotJoinOutlines() throws {
        let hub = try TestHub()
        try tell(hub, Self.buildings + [
            ("police", NewEvent("building.described", "building/K", #"{"floors":3,"building":"map:2"}"#)),
            ("property", NewEvent("building.described", "building/I", #"{"floors":3,"location":{"type":"Point","coordinates":[121.5001,31.2001]}}"#)),
            ("stewards", Self.verdict("identity.merged", "building", "police:K", "property:I")),
        ])
        let two = "SELECT building_id, id, method FROM twin.building_claim WHERE id IN ('police:K', 'property:I') ORDER BY id"
        // The key goes before the place.
        #expect(try hub.rows(two) == ["map:2|police:K|key", "map:2|property:I|steward"])
        #expect(try hub.rows("SELECT count(*) FROM twin.building WHERE footprint IS NOT NULL") == ["2"])
        try expectRebuilt(hub)
        // Until the steward says that the key is wrong.
        try tell(hub, [("stewards", Self.verdict("identity.split", "building", "police:K", "map:2"))])
        #expect(try hub.rows(two) == ["map:1|police:K|steward", "map:1|property:I|inside"])
        try expectRebuilt(hub)
    }

    /// A number is typed, a place is measured: who stands in another outline than the one named, and not beside that, stands where he stands.
    @Test func aPlaceContradictsAWrongNumber() throws {
        let hub = try TestHub()
        func point(_ x: Double) -> String { #""location":{"type":"Point","coordinates":[\#(x),31.2001]}"# }
        try tell(hub, Self.buildings + [
            ("police", NewEvent("building.described", "building/wrong", #"{"building":"map:2",\#(point(121.5001))}"#)),
            ("police", NewEvent("building.described", "building/beside", #"{"building":"map:1",\#(point(121.50031))}"#)),
            ("police", NewEvent("building.described", "building/street", #"{"building":"map:1",\#(point(121.5013))}"#)),
            ("police", NewEvent("building.described", "building/far", #"{"building":"map:1",\#(point(121.51))}"#)),
            ("police", NewEvent("building.described", "building/nowhere", #"{"building":"map:1"}"#)),
        ])
        let claims = "SELECT id, building_id, method FROM twin.building_claim WHERE id LIKE 'police:%' AND id <> 'police:P' ORDER BY id"
        let expected = [
            "police:beside|map:1|key", "police:far|police:far|self", "police:nowhere|map:1|key", "police:street|map:1|key", "police:wrong|map:1|inside",
        ]
        #expect(try hub.rows(claims) == expected)
        try expectRebuilt(hub)
        // Where nothing else stands, the number stands again.
        try tell(hub, [("map", NewEvent("building.removed", "building/1"))])
        #expect(try hub.rows(claims).last == "police:wrong|police:wrong|self")
        try tell(hub, [("map", NewEvent("building.described", "building/2", #"{"footprint":\#(Self.square(121.5004))}"#))])
        #expect(try hub.rows(claims).last == "police:wrong|map:2|key")
        try expectRebuilt(hub)
    }

    /// Kinds that need no weights: a calibration says only that their rules hold.
    private static func ruled(_ name: String) throws -> NewEvent {
        let kind = try #require(EntityKind.named(name))
        let learned = Calibration(kind.rules, learningFrom: ClaimTable(kind.rules.attributes)), parameters = String(decoding: try JSONEncoder().encode(learned), as: UTF8.self)
        return NewEvent("resolver.calibrated", "resolver/\(name)", #"{"entity_kind":"\#(name)","rules":"\#(kind.mark)","parameters":\#(parameters),"decided_by":"wang","reason":"test"}"#)
    }

    private func joined(_ hub: TestHub, _ kind: String) throws -> [String] {
        try hub.rows("SELECT entity_id, claim_id FROM twin.entity_claim WHERE kind = '\(kind)' AND claim_id <> entity_id ORDER BY 2")
    }

    @Test func homesAndEntrancesAreJoinedByWhatNamesThem() throws {
        let hub = try TestHub()
        func home(_ entrance: String?, _ room: String) -> String { #"{"building":"map:1","room":"\#(room)"\#(entrance.map { #","entrance":"\#($0)""# } ?? "")}"# }
        try tell(hub, Self.buildings + [
            ("stewards", Self.ruled("dwelling")), ("stewards", Self.ruled("entrance")),
            ("property", NewEvent("dwelling.described", "dwelling/1", home("1单元", "502室"))), ("property", NewEvent("dwelling.described", "dwelling/2", home("2单元", "502室"))),
            ("police", NewEvent("dwelling.described", "dwelling/a", home("二门", "５０２"))), ("police", NewEvent("dwelling.described", "dwelling/b", home(nil, "502"))),
            ("police", NewEvent("entrance.described", "entrance/2", #"{"building":"map:1","name":"2单元"}"#)),
            ("property", NewEvent("entrance.described", "entrance/x", #"{"building":"map:1","name":"二单元"}"#)),
        ])
        #expect(try joined(hub, "dwelling") == ["police:a|property:2"])
        #expect(try joined(hub, "entrance") == ["police:2|property:x"])
        // Who leaves out the entrance may mean either: a steward is asked.
        #expect(try hub.rows("SELECT left_id, right_id FROM twin.identity_pair WHERE is_open AND kind = 'dwelling' ORDER BY 1, 2") == [
            "police:a|police:b", "police:b|property:1", "police:b|property:2",
        ])
        try expectRebuilt(hub)
    }

    @Test func organisationsAndDevicesAreJoinedByTheirNumbersElseByNameAndPlace() throws {
        let hub = try TestHub()
        func company(_ name: String, code: String? = nil, _ address: String? = nil) -> String {
            #"{"name":"\#(name)"\#(code.map { #","credit_code":"\#($0)""# } ?? "")\#(address.map { #","address":"\#($0)""# } ?? "")}"#
        }
        func camera(_ x: Double, _ owner: String, number: String? = nil) -> String {
            #"{"usage":"traffic","owner":"\#(owner)","location":{"type":"Point","coordinates":[\#(x),31.2]}\#(number.map { #","number":"\#($0)""# } ?? "")}"#
        }
        try tell(hub, [
            ("stewards", Self.ruled("organisation")), ("stewards", Self.ruled("camera")), ("stewards", Self.ruled("sensor")),
            ("market", NewEvent("organisation.described", "organisation/1", company("申浦物业有限公司", code: "91310000MA1FL0001R"))),
            ("street", NewEvent("organisation.described", "organisation/a", company("申浦物业管理处", code: "91310000ma1fl0001 r"))),
            ("market", NewEvent("organisation.described", "organisation/2", company("东岸服务有限责任公司", "甲路12号"))),
            ("street", NewEvent("organisation.described", "organisation/b", company("东岸服务公司", "甲路１２号"))),
            ("street", NewEvent("organisation.described", "organisation/c", company("东岸服务公司", "乙路3号"))),
            // A mistyped code is none.
            ("water", NewEvent("organisation.described", "organisation/x", company("别的公司", code: "91310000MA1FL0001T"))),
            ("police", NewEvent("camera.described", "camera/1", camera(121.5, "派出所", number: "31011500001320000001"))),
            ("traffic", NewEvent("camera.described", "camera/c", camera(121.6, "交警", number: "3101 1500 0013 2000 0001"))),
            ("police", NewEvent("camera.described", "camera/2", camera(121.7, "城管中队"))), ("street", NewEvent("camera.described", "camera/9", camera(121.7, "城管中队"))),
            ("street", NewEvent("camera.described", "camera/8", camera(121.7, "物业"))),
            ("water", NewEvent("sensor.described", "sensor/SN-20240017742", #"{"observed_property":"water_level"}"#)),
            ("street", NewEvent("sensor.described", "sensor/sn20240017742", #"{"observed_property":"water_level"}"#)),
            ("street", NewEvent("sensor.described", "sensor/17", #"{"observed_property":"water_level"}"#)), ("water", NewEvent("sensor.described", "sensor/17", #"{"observed_property":"water_level"}"#)),
        ])
        #expect(try joined(hub, "organisation") == ["market:1|street:a", "market:2|street:b"])
        #expect(try joined(hub, "camera") == ["police:2|street:9", "police:1|traffic:c"])
        #expect(try joined(hub, "sensor") == ["street:sn20240017742|water:SN-20240017742"])
        #expect(try hub.rows("SELECT id FROM twin.organisation WHERE entity_id = 'market:1' ORDER BY 1") == ["market:1", "street:a"])
        try expectRebuilt(hub)
    }
}
