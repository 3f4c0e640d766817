import EventLog
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections

/// Reports of one incident; every rule beside the reference fold is in SeededTests.
@Suite struct IncidentTests {
    private static let place = #""location":{"type":"Point","coordinates":[121.5,31.2]}"#

    private func received(_ key: String, at time: String, _ payload: String) -> NewEvent {
        NewEvent("case.received", "case/\(key)", at: "2026-06-01T\(time)Z", "{\(payload)}")
    }

    /// A lift that stands still, told by three sources, one of them twice, and something else in the same house.
    private func hub() throws -> TestHub {
        let hub = try TestHub()
        try hub.append("hotline", [
            received("1", at: "08:00:00", #""channel":"12345","category":"物业服务","subcategory":"电梯故障",\#(Self.place)"#),
            received("2", at: "08:20:00", #""channel":"12345","category":"物业服务","subcategory":"电梯故障",\#(Self.place)"#),
            received("9", at: "08:10:00", #""channel":"12345","category":"市容环境","subcategory":"油烟扰民",\#(Self.place)"#),
        ])
        try hub.append("desk", [received("A", at: "08:05:00", #""channel":"property","category":"设备","description":"客梯不动了",\#(Self.place)"#)])
        try hub.append("grid", [received("G", at: "08:30:00", #""channel":"grid","category":"公共设施","subcategory":"电梯停运",\#(Self.place)"#)])
        try hub.projector().once()
        return hub
    }

    private func decide(_ hub: TestHub, _ type: String, _ first: String, _ second: String, verdict: String = "", by department: String = "hub") throws {
        let members = verdict.isEmpty ? "" : #""first_case":"\#(first)","second_case":"\#(second)","verdict":"\#(verdict)","#
        try hub.append(department == "hub" ? "stewards" : "others", department: department, [
            NewEvent(type, "incident/\(first)/\(second)", #"{\#(members)"decided_by":"wang","reason":"seen"}"#)
        ])
        try hub.projector().once()
    }

    private let incidents = "SELECT id, reports, sources, array_to_string(case_ids, ' ') FROM twin.incident WHERE reports > 1 ORDER BY id"
    private let lift = "hotline:1|4|3|hotline:1 desk:A hotline:2 grid:G"

    @Test func fourReportsAreOneIncidentAndStayFourCases() throws {
        let hub = try hub()
        #expect(try hub.rows(incidents) == [lift])
        #expect(try hub.rows("SELECT count(*), count(*) FILTER (WHERE reports = 1) FROM twin.incident") == ["2|1"])
        #expect(try hub.rows("SELECT number, channel, is_first FROM twin.incident_report WHERE incident_id = 'hotline:1' ORDER BY received_at")
            == ["1|12345|t", "A|property|f", "2|12345|f", "G|grid|f"])
        // One is closed: the incident is not, and the others' clocks know nothing of it.
        try hub.append("desk", [NewEvent("case.closed", "case/A", at: "2026-06-01T10:00:00Z")])
        try hub.projector().once()
        #expect(try hub.rows("SELECT is_open, open_reports, closed_at FROM twin.incident WHERE id = 'hotline:1'") == ["t|3|∅"])
        #expect(try hub.rows(#"SELECT status, count(*) FROM twin."case" GROUP BY 1 ORDER BY 1"#) == ["closed|1", "received|4"])
        #expect(try hub.rows("SELECT evidence -> 'time' ->> 'level', evidence -> 'place' ->> 'level' FROM twin.incident_pair WHERE first_case = 'desk:A' AND second_case = 'hotline:1'")
            == ["1|2"])
    }

    @Test func aStewardSplitsMergesAndTakesItBack() throws {
        let hub = try hub()
        try decide(hub, "incident.decided", "grid:G", "hotline:1", verdict: "split")
        #expect(try hub.rows("SELECT count(*) FROM twin.incident_report WHERE incident_id = (SELECT incident_id FROM twin.incident_report WHERE case_id = 'hotline:1') AND case_id = 'grid:G'") == ["0"])
        try decide(hub, "incident.decided", "hotline:1", "hotline:9", verdict: "merged")
        #expect(try hub.rows("SELECT incident_id, linked_by FROM twin.incident_report WHERE case_id = 'hotline:9'") == ["hotline:1|merged"])
        #expect(try hub.rows("SELECT band, decided_by, reason FROM twin.incident_pair WHERE decision IS NOT NULL ORDER BY 1") == ["merged|wang|seen", "split|wang|seen"])
        try hub.projector().rebuild()
        #expect(try hub.rows("SELECT incident_id FROM twin.incident_report WHERE case_id = 'hotline:9'") == ["hotline:1"])
        try decide(hub, "incident.undecided", "grid:G", "hotline:1")
        try decide(hub, "incident.undecided", "hotline:1", "hotline:9")
        #expect(try hub.rows(incidents) == [lift])
        // Nobody else has a say in it.
        try decide(hub, "incident.decided", "hotline:1", "hotline:9", verdict: "merged", by: "property")
        #expect(try hub.rows(incidents) == [lift])
    }

    @Test func aReportThatIsTakenBackOrMovedLeavesItsIncident() throws {
        let hub = try hub()
        try hub.append("hotline", [NewEvent("case.withdrawn", "case/1", at: "2026-06-01T09:00:00Z")])
        try hub.projector().once()
        #expect(try hub.rows(incidents) == ["desk:A|3|3|desk:A hotline:2 grid:G"])
        try hub.append("grid", [received("G", at: "08:30:00", #""category":"公共设施","subcategory":"电梯停运","location":{"type":"Point","coordinates":[121.6,31.2]}"#)])
        try hub.projector().once()
        #expect(try hub.rows(incidents) == ["desk:A|2|2|desk:A hotline:2"])
    }

    /// A block of more reports than the limit says nothing; when it shrinks to it, it does again. Live as in a rebuild.
    @Test func aBlockThatIsTooLargeCountsAgainWhenItShrinks() throws {
        let hub = try TestHub()
        let limit = IncidentRules.largestBlock
        let many = (0..<limit).map { received("\($0)", at: "08:00:00", #""category":"c\#($0)",\#(Self.place)"#) }
        try hub.append("hotline", many)
        try hub.projector().once()
        let pairs = "SELECT first_case, second_case, band FROM twin.incident_pair ORDER BY 1, 2"
        let before = try hub.rows(pairs)
        #expect(!before.isEmpty)
        try hub.append("desk", [received("A", at: "08:05:00", #""category":"c0",\#(Self.place)"#)])
        try hub.projector().once()
        #expect(try hub.rows(pairs) == [])
        try hub.append("desk", [NewEvent("case.withdrawn", "case/A", at: "2026-06-01T09:00:00Z")])
        try hub.projector().once()
        #expect(try hub.rows(pairs) == before)
        try hub.projector().rebuild()
        #expect(try hub.rows(pairs) == before)
    }

    @Test func theShippedWeightsFitTheRules() throws {
        #expect(IncidentRules.weights.fits(IncidentRules.rules))
        #expect(IncidentRules.weights.share > 1e-6, "the file was not read")
        let words = TroubleWords.builtIn
        #expect(words.troubles(category: "物业服务", subcategory: "电梯故障", description: nil) == ["lift"])
        #expect(words.troubles(category: "Noise - Street", subcategory: "Loud Talking", description: nil) == ["noise", "noise/construction", "noise/neighbours"])
        // Who says which kind it is says no other.
        #expect(words.troubles(category: "噪声扰民", subcategory: "夜间施工", description: nil) == ["noise/construction"])
        #expect(words.troubles(category: "设备", subcategory: nil, description: "坏了") == [])
        #expect(words.troubles(category: "Glazier", subcategory: nil, description: nil) == ["as written: Glazier"])
        #expect(words.troubles(category: nil, subcategory: nil, description: nil) == [])
        // What the text says comes first, and one text may say two things.
        #expect(words.troubles(category: "油烟扰民", subcategory: nil, description: "漏水纠纷") == ["dispute", "leak in the house", "fumes"])
        // A word of Latin letters is not found in another.
        #expect(words.troubles(category: "Street and Sidewalk Cleaning", subcategory: nil, description: nil) == ["as written: Street and Sidewalk Cleaning"])
        #expect(words.troubles(category: "Shoplifting", subcategory: nil, description: "two fallen TREES, illegal_building") == ["illegal building", "tree"])
    }

    /// A house by its street's door and by its compound's number: no register has both, but reports that name the building say where either is.
    @Test func reportsTeachWhereADoorIs() throws {
        let hub = try TestHub()
        let lift = #""category":"物业服务","subcategory":"电梯故障""#
        try hub.append("map", ["1", "2"].map { NewEvent("building.described", "building/\($0)", "{}") })
        let door = #"\#(lift),"address":"东昌路135弄9号""#, house = #"\#(lift),"address":"银杏花园5幢""#
        try hub.append("hotline", [received("1", at: "08:00:00", door), received("2", at: "08:10:00", house)])
        try hub.projector().once()
        #expect(try hub.rows(incidents) == [])
        // Of another day, so that they are reports of nothing else.
        func taught(_ key: String, _ place: String, _ building: String) -> NewEvent {
            NewEvent("case.received", "case/\(key)", at: "2026-0\(key)-01T08:00:00Z", #"{\#(place),"building":"map:\#(building)"}"#)
        }
        try hub.append("desk", [taught("1", door, "1"), taught("2", house, "1")])
        try hub.projector().once()
        #expect(try hub.rows(incidents) == ["hotline:1|2|1|hotline:1 hotline:2"])
        // One more says otherwise: nobody knows any more. Two against one decide.
        try hub.append("desk", [taught("3", house, "2")])
        try hub.projector().once()
        #expect(try hub.rows(incidents) == [])
        try hub.append("desk", [taught("4", house, "1")])
        try hub.projector().once()
        #expect(try hub.rows(incidents) == ["hotline:1|2|1|hotline:1 hotline:2"])
        try hub.projector().rebuild()
        #expect(try hub.rows(incidents) == ["hotline:1|2|1|hotline:1 hotline:2"])
        // Taken back, it teaches nothing.
        try hub.append("desk", [NewEvent("case.withdrawn", "case/1", at: "2026-06-02T08:00:00Z")])
        try hub.projector().once()
        #expect(try hub.rows(incidents) == [])
    }

    /// Registers know doors and houses that no report ever named together with a building, and what a compound is called; also when they tell it later.
    @Test func registersTeachWhereADoorIs() throws {
        let hub = try TestHub()
        let lift = #""category":"物业服务","subcategory":"电梯故障""#
        try hub.append("map", ["1", "2"].map { NewEvent("building.described", "building/\($0)", "{}") })
        try hub.append("hotline", [
            received("1", at: "08:00:00", #"\#(lift),"address":"东昌路135弄9号""#), received("2", at: "08:10:00", #"\#(lift),"address":"银杏花园（南区）5幢""#),
        ])
        try hub.append("police", [NewEvent("building.described", "building/9", #"{"address":"上海市浦东新区东昌路135弄9号","building":"map:1"}"#)])
        let desk = [
            NewEvent("building.described", "building/5", #"{"name":"银杏花园5幢","building":"map:1","compound":"X1"}"#),
            NewEvent("compound.described", "compound/X1", #"{"name":"银杏花园","aliases":["银杏花园小区","银杏花园（南区）"]}"#),
        ]
        let both = ["hotline:1|2|1|hotline:1 hotline:2"]
        func told(_ event: NewEvent?) throws -> [String] {
            if let event { try hub.append("desk", [event]) }
            try hub.projector().once()
            let live = try hub.rows(incidents)
            try hub.projector().rebuild()
            #expect(try hub.rows(incidents) == live)
            return live
        }
        try hub.append("map", [NewEvent("building.described", "building/1", #"{"footprint":\#(Self.square)}"#)])
        #expect(try told(nil) == [])
        #expect(try told(desk[0]) == [], "nobody knows the compound's other name")
        #expect(try told(desk[1]) == both)
        #expect(try told(NewEvent("compound.described", "compound/X1", #"{"name":"银杏花园"}"#)) == [])
        #expect(try told(desk[1]) == both)
        #expect(try told(NewEvent("building.removed", "building/5")) == [])
        // The registers' word stands above what reports say.
        #expect(try told(desk[0]) == both)
        try hub.append("grid", ["1", "2"].map {
            NewEvent("case.received", "case/\($0)", at: "2026-01-0\($0)T08:00:00Z", #"{"address":"东昌路135弄9号","building":"map:2"}"#)
        })
        #expect(try told(nil) == both)
    }

    private static let square = #"[{"type":"Polygon","coordinates":[[[121.5,31.2],[121.5001,31.2],[121.5001,31.2001],[121.5,31.2001],[121.5,31.2]]]}]"#

    /// Each of the two agrees with what a third says; what they say themselves is another trouble each.
    @Test func aThirdReportDoesNotBringTogetherWhatContradictsEachOther() throws {
        let hub = try TestHub()
        try hub.append("hotline", [
            received("1", at: "08:00:00", #""category":"噪声扰民","subcategory":"夜间施工",\#(Self.place)"#),
            received("2", at: "15:00:00", #""category":"噪声扰民","subcategory":"邻里噪声",\#(Self.place)"#),
        ])
        try hub.append("police", [received("3", at: "11:30:00", #""category":"noise",\#(Self.place)"#)])
        try hub.projector().once()
        #expect(try hub.rows(incidents) == ["hotline:1|2|2|hotline:1 police:3"])
    }

    /// However long a house has been reported from, a report is compared with those of its days: all within two days, none beyond six.
    @Test func aHouseOfManyReportsIsComparedWithinItsDays() {
        var pairs = IncidentPairs(StewardDecisions()), reader = ReportReader()
        let count = 3_000, hours = 8
        for number in 0..<count {
            pairs.add(
                IncidentReport(
                    .init(id: "s:\(number)", received_us: Int64(number * hours) * 3_600_000_000 + 1_780_000_000_000_000, category: "c", building: "map:1"), &reader))
        }
        var near = 0, all = 0, furthest = 0
        pairs.forEachCandidate { left, right in
            all += 1
            furthest = max(furthest, abs(left - right))
            if abs(left - right) * hours <= 48 { near += 1 }
        }
        let each = 48 / hours
        #expect(near == count * each - each * (each + 1) / 2)
        #expect(furthest * hours < 96 && all < count * 96 / hours)
    }

    /// In another home a leak is another one; a lift is not.
    @Test func aTroubleOfAHomeIsAnotherOneNextDoor() throws {
        func level(_ category: String, _ one: String, _ other: String) -> Int? {
            var pairs = IncidentPairs(StewardDecisions()), reader = ReportReader()
            for (id, address) in [("s:1", one), ("s:2", other)] {
                pairs.add(IncidentReport(.init(id: id, received_us: 0, category: category, address: address), &reader))
            }
            return pairs.judgement("s:1", "s:2")?.evidence.first { $0.attribute == "place" }?.level
        }
        #expect(level("房屋漏水", "东昌路135弄9号601室", "东昌路135弄9号302室") == 5)
        #expect(level("房屋漏水", "东昌路135弄9号601室", "东昌路135弄9号601室") == 1)
        #expect(level("房屋漏水", "东昌路135弄9号601室", "东昌路135弄9号") == 5, "nobody says in which home")
        #expect(level("电梯故障", "东昌路135弄9号601室", "东昌路135弄9号302室") == 2)
    }

    @Test func addressesOfOneHouseAgreeInTheirPlace() {
        var reader = ReportReader()
        let street = reader.address("上海市浦东新区东昌路135弄9号601室"), short = reader.address("东昌路135弄9号")
        #expect(street.door == short.door && street.door != nil && street.room == "601" && short.room == nil)
        #expect(reader.address("银杏花园5幢2单元102室").house == reader.address("银杏花园五栋1门301户").house)
        #expect(reader.address("Not associated with a specific address").door == nil)
        #expect(reader.address("12 A St").door == "12 A ST")
    }
}
