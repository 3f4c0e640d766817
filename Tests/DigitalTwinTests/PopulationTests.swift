import EventLog
import Testing

@testable import DigitalTwin

/// How many people live in an area: an interval from lists that are wrong both ways, or a refusal.
@Suite struct PopulationTests {
    // MARK: The formulas

    @Test func twoListsGiveChapmansEstimateAndAnInterval() throws {
        let hub = try TestHub()
        try hub.projector().once()
        // 201 · 151 / 61 − 1; its standard error by Seber (1970) is 40.7.
        let row = try hub.rows("SELECT round(estimate::numeric, 1), low, high FROM twin.dual_system('{200}', '{150}', '{60}')")[0].split(separator: "|")
        #expect(row[0] == "496.6")
        let low = try #require(Double(row[1])), high = try #require(Double(row[2]))
        #expect((400...440).contains(low) && (555...600).contains(high), "\(row)")
        #expect(try hub.rows("SELECT low = \(low), high = \(high) FROM twin.dual_system('{200}', '{150}', '{60}')") == ["t|t"], "the same counts, the same interval")
        // Strata are added up; where there is nobody, there is nobody.
        #expect(try hub.rows("SELECT round(estimate::numeric, 1) FROM twin.dual_system('{200,0}', '{150,0}', '{60,0}')") == ["496.6"])
    }

    /// Counts as a known model gives them, without chance: what was put in comes out.
    @Test func signsOfLifeTellWhoLivesThere() throws {
        let hub = try TestHub()
        try hub.projector().once()
        let living = [[0.2, 0.7, 0.1], [0.3, 0.05, 0.65], [0.25, 0.1, 0.65]], gone = [[0.4, 0.59, 0.01], [0.9, 0.08, 0.02], [0.4, 0.57, 0.03]]
        var states: [String] = [], counts: [Double] = [], shares: [Double] = []
        for number in 1..<27 {
            let digits = [number / 9, number / 3 % 3, number % 3]
            let here = 8_000 * zip(living, digits).reduce(1) { $0 * $1.0[$1.1] }, away = 2_000 * zip(gone, digits).reduce(1) { $0 * $1.0[$1.1] }
            states.append(digits.map(String.init).joined())
            counts.append(here + away)
            shares.append(here / (here + away))
        }
        let found = try hub.rows(
            "SELECT unnest(twin.living_share('{\(states.joined(separator: ","))}', '{\(counts.map { "\($0)" }.joined(separator: ","))}'))").compactMap(Double.init)
        #expect(found.count == 26)
        for (state, pair) in zip(states, zip(found, shares)) { #expect(abs(pair.0 - pair.1) < 0.02, "\(state): \(pair)") }
    }

    // MARK: The twin

    private static let houses = [
        NewEvent("compound.described", "compound/c1", #"{"name":"海棠苑"}"#), NewEvent("compound.described", "compound/c2", #"{"name":"空苑"}"#),
        NewEvent("building.described", "building/1", #"{"compound":"c1","footprint":[\#(square(0))]}"#),
        NewEvent("building.described", "building/2", #"{"compound":"c1","footprint":[\#(square(1))]}"#),
        NewEvent("grid_cell.described", "grid_cell/g", #"{"name":"第一网格","households":40,"footprint":[\#(square(0, 0.5))]}"#),
    ]

    private static func square(_ number: Int, _ width: Double = 0.0004) -> String {
        let x = 121.5 + Double(number) * 0.001, y = 31.2
        let ring = [(x, y), (x + width, y), (x + width, y + width), (x, y + width), (x, y)].map { "[\($0.0),\($0.1)]" }.joined(separator: ",")
        return #"{"type":"Polygon","coordinates":[[\#(ring)]]}"#
    }

    private func entry(_ person: String, _ date: String, room: Int? = nil, sex: String = "male") -> NewEvent {
        NewEvent(
            "resident.registered", "person/\(person)", at: date + "T00:00:00Z",
            #"{"building":"houses:\#(room.map { $0 % 2 + 1 } ?? 1)","dwelling":"1-\#(room.map(String.init) ?? "x")","birth_year":1980,"sex":"\#(sex)"}"#)
    }

    /// 90 and 80 people with a sign of life, 60 of them in both; in one list 40 entries from long ago.
    private func filled() throws -> TestHub {
        let hub = try TestHub()
        try hub.append("houses", Self.houses)
        try hub.append("visits", (0..<90).map { entry("p\($0)", "2025-11-01") } + (200..<240).map { entry("p\($0)", "2019-05-01") })
        try hub.append("cards", (30..<110).map { entry("p\($0)", "2025-12-20") })
        return hub
    }

    private let columns = "area_kind, status, estimate, low < estimate AND estimate < high, list_a, list_b, living_a, living_b, overlap, on_any_list, lists"

    @Test func twoListsAreTrimmedToSignsOfLife() throws {
        let hub = try filled()
        try hub.projector().once()
        // 91 · 81 / 61 − 1
        let counts = #"visits|cards|90|80|60|150|{"cards": 80, "visits": 130}"#
        #expect(
            try hub.rows("SELECT \(columns) FROM twin.population_at('2026-01-01') WHERE area_id <> 'houses:c2' ORDER BY 1")
                == ["compound|estimated|120|t|\(counts)", "grid_cell|estimated|120|t|\(counts)"])
        #expect(
            try hub.rows("SELECT status, estimate, reason FROM twin.population_at('2026-01-01') WHERE area_id = 'houses:c2'") == ["refused|∅|no list has people here"])
    }

    @Test func tooSmallAnOverlapIsRefused() throws {
        let hub = try filled()
        try hub.projector().once()
        #expect(
            try hub.rows("SELECT status, estimate, low, reason FROM twin.population_at('2026-01-01', 61) WHERE area_id = 'houses:c1'")
                == ["refused|∅|∅|overlap of visits and cards is 60, less than 61"])
        // A year later nobody has shown a sign of life.
        #expect(try hub.rows("SELECT status, overlap FROM twin.population_at('2027-06-01') WHERE area_id = 'houses:c1'").first?.hasPrefix("refused|") == true)
    }

    /// What a list says is a sign of life for as long as the office says so.
    @Test func howLongASignOfLifeCountsIsData() throws {
        let hub = try filled()
        try hub.projector().once()
        try hub.connection.execute("INSERT INTO hub.population_list VALUES ('cards', '5 days')")
        #expect(try hub.rows("SELECT status FROM twin.population_at('2026-01-01') WHERE area_id = 'houses:c1'") == ["refused"])
    }

    /// The same home, age and sex under two numbers is one person with a mistyped number; a second such person makes it unsure.
    @Test func aMistypedNumberIsMended() throws {
        let hub = try filled()
        try hub.append("visits", (0..<10).map { entry("right\($0)", "2025-11-01", room: 100 + $0) } + [entry("one", "2025-11-01", room: 500)])
        try hub.append(
            "cards", (0..<10).map { entry("wrong\($0)", "2025-12-20", room: 100 + $0) } + [entry("two", "2025-12-20", room: 500), entry("three", "2025-12-20", room: 500)])
        try hub.projector().once()
        #expect(try hub.rows("SELECT living_a, living_b, overlap FROM twin.population_at('2026-01-01') WHERE area_id = 'houses:c1'") == ["101|92|70"])
    }

    @Test func whoLeftOrWasSeenElsewhereDoesNotCount() throws {
        let hub = try filled()
        try hub.append("houses", [NewEvent("building.described", "building/9", #"{"compound":"c2","footprint":[\#(Self.square(7))]}"#)])
        // Struck off by a third list; and seen later in another compound.
        try hub.append("register", (0..<5).map { NewEvent("resident.deregistered", "person/p\($0)", at: "2025-12-01T00:00:00Z") })
        try hub.append(
            "others", (40..<44).map { NewEvent("resident.registered", "person/p\($0)", at: "2025-12-30T00:00:00Z", #"{"building":"houses:9","dwelling":"9-1"}"#) })
        try hub.projector().once()
        #expect(try hub.rows("SELECT living_a, living_b, overlap FROM twin.population_at('2026-01-01') WHERE area_id = 'houses:c1'") == ["81|76|56"])
    }
}
