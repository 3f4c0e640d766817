import Foundation
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import EventLog
@testable import Projections
@testable import TwinReference

/// Every shipped scenario finds what the reference finds, whatever the facts and wherever it is stopped and taken up again.
@Suite struct SeededScenarioTests {
    private static let seeds = 120

    /// No shipped rule has this kind.
    private static let drop = """
        {"scenario":"drop","version":1,"title":"t","title_zh":"题","watch":{"properties":["pressure","level"]},"severity":"low","to":"x",
         "condition":{"kind":"drop","value":4,"within_minutes":90,"for_minutes":30},"clear":{"for_minutes":20}}
        """

    @Test func everyScenarioEqualsTheReference() throws {
        let rules = try Scenario.shipped() + [Scenario.parse(Self.drop, file: "test")]
        let declared = try rules.map { Plain(json: try JSONSerialization.jsonObject(with: JSONEncoder().encode($0))) }
        let only = ProcessInfo.processInfo.environment["TWINHUB_SEED"].flatMap { Int($0) }
        var seen: Set<String> = []
        for seed in only.map({ [$0] }) ?? Array(0..<Self.seeds) {
            var generator = ScenarioFacts(seed: seed)
            let facts = generator.make()
            let expected = ReferenceScenarios(facts: facts, names: ScenarioFacts.names, rules: declared).rows()
            let found = try Self.evaluate(facts, rules, &generator.random)
            #expect(found == expected, "seed \(seed): only found \(Set(found).subtracting(expected).sorted()), only expected \(Set(expected).subtracting(found).sorted())")
            for row in expected { seen.insert(row.split(separator: "|").prefix(2).joined(separator: "|")) }
        }
        if only == nil { #expect(Set(rules.flatMap { ["true|\($0.rule)", "false|\($0.rule)"] }).subtracting(seen) == [], "The generator no longer makes these.") }
    }

    /// With three restarts from kept state, anywhere.
    private static func evaluate(_ facts: [PlainFact], _ rules: [Scenario], _ random: inout SeededGenerator) throws -> [String] {
        let reader = ListedFacts(facts, sources: ScenarioFacts.names.mapValues { Source(id: 0, name: $0, uri: "", department: "") })
        reader.end = facts.last?.position ?? 0
        let cuts = (0..<3).map { _ in Int64(random.below(facts.count)) }.sorted() + [reader.end]
        var engine = try ScenarioEngine(rules), position: Int64 = 0
        var rows: [String] = []
        for cut in cuts {
            engine.use(reader.catalog())
            position = try reader.read(after: position, upTo: cut, limit: .max) { fact in engine.take(fact) { rows.append(row($0)) } }.position
            let next = try ScenarioEngine(rules)
            next.use(reader.catalog())
            #expect(try next.restore(engine.state(), engine.kept).isEmpty)
            let isSame = next.state() == engine.state()
            #expect(isSame, "what was kept is what was known")
            engine = next
        }
        return rows.sorted()
    }

    private static func row(_ outcome: ScenarioEngine.Outcome) -> String {
        let event = outcome.events[0]
        let raisedBy = event.subject.split(separator: "-").last ?? ""
        return "\(outcome.isRaised)|\(outcome.scenario.rule)|\(outcome.sensor)|\(outcome.at.microseconds)|\(raisedBy)|\(event.causedBy ?? 0)"
    }
}

/// Facts of a few sensors, people and cases, near the limits of the shipped rules.
private struct ScenarioFacts {
    static let names: [Int32: String] = [1: "sensors", 2: "registers", 3: "hotline", 4: "scenarios"]

    /// Properties with values on both sides of their rules' limits.
    private static let values: [(property: String, values: [Double])] = [
        ("gas_concentration", [1, 5, 9, 10, 12]), ("smoke_density", [0.01, 0.05, 0.06, 0.1, 0.2]), ("cover_tilt", [1, 5, 9, 15, 40]),
        ("crowd_density", [1, 3, 3.5, 4, 6]), ("water_level", [1, 3, 3.1, 3.2, 4]), ("bicycle_presence", [0, 1, 1]), ("fire_lane_occupied", [0, 1, 1]),
        ("lift_vibration", [0.01, 0.01, 0.01, 0.05, 0.08, 0.1, 0.3]), ("facade_tilt", [0, 0.2, 0.4, 0.5, 0.9, 0.9]), ("camera_frames", [25]),
        ("care_water_hourly", [0, 0, 0, 0, 0, 0, 0, 3]), ("pressure", [40, 41, 40.5, 40]), ("flow", [12, 12.4, 12]), ("level", [2, 2.1, 2]),
    ]

    var random: SeededGenerator
    private let seed: Int
    private var facts: [PlainFact] = []
    private var now: Int64 = 1_714_500_000_000_000

    init(seed: Int) {
        self.seed = seed
        random = SeededGenerator(seed: UInt64(5_000_000 + seed))
    }

    private mutating func add(_ source: Int32, _ type: String, _ subject: String, _ payload: [String: Plain] = [:], at: Int64? = nil) {
        let position = Int64(facts.count + 1)
        facts.append(PlainFact(position: position, source: source, type: type, subject: subject, occurred: at, recorded: now + 60_000_000, payload: payload))
    }

    mutating func make() -> [PlainFact] {
        // A few properties and one pace: so that what must hold for hours, or for minutes, can.
        let minutes = [1, 5, 20, 60][seed % 4]
        // Every fifth spans days, so that there is a usual hour.
        let spansDays = seed % 5 == 4
        let watched = spansDays ? [11, 12, 13] : (0..<3).map { _ in random.below(Self.values.count) }
        // What is unusual lasts longer than a reading.
        var odd = 0
        for _ in 0..<(spansDays ? 1500 : 320) {
            now += spansDays ? 720_000_000 : Int64(random.below(4 * minutes) + 1) * 15_000_000
            if random.chance(2) { odd = random.below(spansDays ? 90 : 30) }
            odd = max(0, odd - 1)
            switch random.below(24) {
            case 0: describe(watched)
            case 1: person()
            case 2: person()
            case 3, 4, 5: report()
            case 6 where random.chance(30): add(1, random.pick(["sensor.retired", "sensor.removed"]), "sensor/s\(random.below(5))", at: now)
            default: readings(random.pick(watched), odd > 0)
            }
        }
        return facts
    }

    private func text(_ at: Int64) -> Plain { .text(Timestamp(microseconds: at).description) }

    private mutating func readings(_ number: Int, _ isOdd: Bool) {
        let (property, values) = Self.values[number]
        let sensor = number % 2 * 2 + random.below(2)
        let count = random.chance(15) ? 1 + random.below(3) : 1
        // Late and early ones, in any order, now and then without a value.
        let times = (0..<count).map { now / 1_000_000 * 1_000_000 + Int64($0) * 60_000_000 - (random.chance(5) ? 3_600_000_000 : 0) }
        var payload: [String: Plain] = ["times": .array(times.map(text))]
        // For long one value, so that it can hold.
        let value = isOdd ? values[values.count - 1] : values[Int(now / 30_000_000_000 + Int64(sensor)) % values.count]
        let shown = isOdd && ["pressure", "flow", "level"].contains(property) ? value * 2 : random.chance(8) ? random.pick(values) : value
        payload["values"] = .array(times.map { _ in random.chance(3) ? .null : .number(shown) })
        payload["property"] = .text(property)
        add(1, "observations.recorded", "sensor/s\(sensor)", payload, at: now)
    }

    private mutating func describe(_ watched: [Int]) {
        var payload: [String: Plain] = ["observed_property": .text(Self.values[random.pick(watched)].property)]
        if random.chance(50) { payload["feature_of_interest"] = .text(random.pick(["dwelling/registers:d0", "dwelling/registers:d1", "building/b1"])) }
        if random.chance(20) { payload["interval_seconds"] = .number(Double(random.below(5) + 1) * 30) }
        add(1, "sensor.described", "sensor/s\(random.below(5))", payload)
    }

    private mutating func person() {
        let subject = "person/p\(random.below(3))", at = random.chance(50) ? now - Int64(random.below(3)) * 3_600_000_000 : nil
        switch random.below(10) {
        case 0: add(2, "resident.deregistered", subject, at: at)
        case 1: add(2, random.pick(["subject.erased", "death.recorded"]), subject)
        case 2: add(2, "care.ended", subject, at: at)
        case 3...5: add(2, "resident.registered", subject, ["dwelling": .text("d\(random.below(2))")], at: at)
        default:
            add(2, "care.enrolled", subject, [
                "kind": .text(random.chance(85) ? "living_alone" : "disabled"), "birth_year": .number(Double(random.pick([1930, 1944, 1945, 1960]))),
            ], at: at)
        }
    }

    private mutating func report() {
        let subject = "case/c\(random.below(60))", at = now - Int64(random.below(3)) * 86_400_000_000
        if random.chance(10) { return add(3, "building.described", "building/b\(random.below(2))", ["building": .text("map:\(random.below(2))")]) }
        if random.chance(10) { return add(3, "case.withdrawn", subject, at: at) }
        // Months later now and then: the window is empty.
        if random.chance(2) { now += 45 * 86_400_000_000 }
        add(random.chance(90) ? 3 : 4, "case.received", subject, [
            "category": .text(random.pick(["房屋安全", "消防隐患"])), "subcategory": .text(random.pick(["外墙脱落", "电动车进楼", "空调支架松动", "噪声"])),
            "building": .text(random.pick(["b0", "b1", "map:0"])),
        ], at: at)
    }
}
