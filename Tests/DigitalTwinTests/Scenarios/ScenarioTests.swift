import EventLog
import PostgresClient
import PrivateServer
import Testing

@testable import DigitalTwin
@testable import Projections
@testable import TwinReference

/// Rules on readings: what raises an alert, what ends it, and that nothing is told twice.
@Suite struct ScenarioTests {
    private func scenario(_ condition: String, _ more: String = "") throws -> Scenario {
        try Scenario.parse(
            #"{"scenario":"s","version":1,"title":"t","title_zh":"题","watch":{"properties":["p"]},"condition":\#(condition),"severity":"high","to":"x"\#(more)}"#,
            file: "test")
    }

    /// Minutes at which an alert begins (positive) and ends (negative), for readings `[minute, value]`.
    private func signals(_ scenario: Scenario, _ readings: [(Int, Double)]) throws -> [Int] {
        let rule = try ScenarioRule(scenario)
        var series = ScenarioSeries()
        return readings.enumerated().compactMap { position, reading in
            series.take(reading.1, at: Int64(reading.0) * 60_000_000, position: Int64(position + 1), rule).map { $0.isRaised ? reading.0 : -reading.0 }
        }
    }

    @Test func aThresholdMustHold() throws {
        let held = try scenario(#"{"kind":"above","value":3,"for_minutes":10}"#)
        #expect(try signals(held, [(0, 1), (5, 3), (10, 4), (14, 3), (15, 3), (20, 9), (25, 2)]) == [15, -25])
        // One dip, and the time begins again.
        #expect(try signals(held, [(5, 3), (10, 2), (12, 3), (20, 3), (22, 3)]) == [22])
        // What is older than the last reading, or of the same moment, says nothing.
        #expect(try signals(held, [(5, 3), (5, 0), (3, 0), (15, 3)]) == [15])
    }

    @Test func hysteresisKeepsAnAlertFromFlapping() throws {
        let rule = try scenario(#"{"kind":"above","value":3,"for_minutes":0}"#, #","clear":{"value":2,"for_minutes":10}"#)
        #expect(try signals(rule, [(1, 3), (2, 2.5), (3, 3), (4, 1), (9, 1), (10, 2.5), (11, 1), (20, 1), (21, 1), (22, 3)]) == [1, -21, 22])
        let below = try scenario(#"{"kind":"below","value":1}"#, #","clear":{"value":2}"#)
        #expect(try signals(below, [(1, 1.5), (2, 1), (3, 2), (4, 2.1)]) == [2, -4])
    }

    @Test func dropsAndRisesWithinAWindow() throws {
        let drop = try scenario(#"{"kind":"drop","value":2,"within_minutes":30}"#)
        #expect(try signals(drop, [(0, 10), (20, 9), (40, 8), (45, 7), (80, 7)]) == [45, -80])
        #expect(try signals(scenario(#"{"kind":"rise","value":2,"within_minutes":30}"#), [(0, 1), (29, 3), (60, 3)]) == [29, -60])
    }

    @Test func quietHoursPutAnAlertOff() throws {
        let rule = try scenario(#"{"kind":"above","value":1}"#, #","quiet":{"from":"22:00","to":"06:00","zone":"Asia/Shanghai"}"#)
        // 1970-01-01T00:00Z is 08:00 in Shanghai; quiet from minute 840 to 1320.
        #expect(try signals(rule, [(839, 0), (840, 2), (1000, 2), (1319, 2), (1320, 2)]) == [1320])
    }

    @Test func unlikeTheSameHourOfOtherDays() throws {
        let rule = try scenario(#"{"kind":"unusual","value":5,"days":14}"#)
        // Ten at noon, fifty at one; on the sixth day it is the other way round at one.
        var readings: [(Int, Double)] = []
        for day in 0..<5 { readings += [(day * 1440 + 720, 10 + Double(day % 2) / 10), (day * 1440 + 780, 50)] }
        readings += [(7920, 10), (7980, 10), (9360, 10)]
        #expect(try signals(rule, readings) == [7980, -9360])
        // Nothing is unusual before there is a usual.
        #expect(try signals(rule, [(720, 10), (2160, 900)]) == [])
    }

    @Test(arguments: [
        (#"{"kind":"above"}"#, "", "above needs a value"), (#"{"kind":"drop","value":1}"#, "", "drop needs value and within_minutes"),
        (#"{"kind":"above","value":1}"#, #","clear":{"value":2}"#, "clear.value must not lie above"),
        (#"{"kind":"above","value":1}"#, #","quiet":{"from":"22","to":"6:00","zone":"UTC"}"#, "quiet needs from and to"),
        (#"{"kind":"around"}"#, "", "is no scenario"),
    ])
    func aMistakeIsNamed(_ condition: String, _ more: String, _ message: String) {
        let error = #expect(throws: ScenarioError.self) { try scenario(condition, more) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func theShippedOnesAreInOrder() throws {
        let all = try Scenario.shipped()
        #expect(all.count >= 12)
        #expect(Set(all.map(\.scenario)).count == all.count)
    }

    /// From readings to alert, case and twin, with the fact that caused them; told once, whatever is run again.
    @Test func fromReadingToCaseOnce() throws {
        let hub = try TestHub()
        func reading(_ sensor: String, _ time: String, _ value: Double, _ property: String = "gas_concentration") -> NewEvent {
            NewEvent("observations.recorded", "sensor/\(sensor)", at: "2024-05-01T\(time):00Z", #"{"property":"\#(property)","times":["2024-05-01T\#(time):00Z"],"values":[\#(value)]}"#)
        }
        try hub.append("sensors", [NewEvent("sensor.described", "sensor/g1", #"{"observed_property":"gas_concentration","building":"map:7"}"#), reading("g1", "08:00", 1)])
        let run = try scenarios(on: hub)
        try run.once()
        #expect(try told(hub) == [])
        try hub.append("sensors", [reading("g1", "08:05", 12), reading("g1", "08:06", 13), reading("c1", "08:00", 25, "camera_frames")])
        try run.once()
        let cause = try hub.rows("SELECT position FROM hub.event WHERE payload::text LIKE '%[12.0]%'").joined()
        let gas = "gas-1-sensors:g1-\(cause)"
        #expect(try told(hub) == ["alert.raised|alert/\(gas)|\(cause)|2024-05-01 08:05:00+00", "case.received|case/\(gas)|\(cause)|2024-05-01 08:05:00+00"])
        // Twenty minutes on by another sensor's reading: the gas is gone, the camera silent.
        try hub.append("sensors", [reading("g1", "08:10", 1), reading("g1", "08:20", 1)])
        try run.once()
        #expect(try told(hub).map { $0.split(separator: "|")[0] } == ["alert.raised", "case.received", "alert.cleared", "alert.raised"])
        try run.end()
        let before = try told(hub)
        // Restarted.
        try scenarios(on: hub).once()
        #expect(try told(hub) == before)
        try hub.projector().once()
        #expect(try hub.rows(#"SELECT id, channel, category, subcategory, status FROM twin."case""#) == ["scenarios:\(gas)|sensor|燃气|gas/1|received"])
        try hub.projector().rebuild()
        try scenarios(on: hub).once()
        #expect(try told(hub) == before)
    }

    /// Random readings, told in batches that are cut anywhere and with restarts: the same facts as in one go.
    @Test(arguments: 0..<6) func cutsAndRestartsChangeNothing(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let properties = ["gas_concentration", "smoke_density", "facade_tilt", "camera_frames", "pressure"]
        let facts = (0..<240).map { minute -> NewEvent in
            let property = random.pick(properties), at = Timestamp(microseconds: 1_700_000_000_000_000 + Int64(minute - random.below(4)) * 600_000_000)
            let value = property == "gas_concentration" ? Double(random.below(20)) : Double(random.below(20)) / 20
            return NewEvent("observations.recorded", "sensor/\(property)-\(random.below(2))", #"{"property":"\#(property)","times":["\#(at)"],"values":[\#(value)]}"#)
        }
        let inOneGo = try TestHub()
        try inOneGo.append("sensors", facts)
        try scenarios(on: inOneGo).once()
        let whole = try told(inOneGo)
        #expect(whole.contains { $0.hasPrefix("alert.cleared") } && whole.contains { $0.hasPrefix("case.received") })
        let hub = try TestHub()
        try hub.append("sensors", facts)
        // Ends in the midst, at once after a batch was told, and begins again.
        for _ in 0..<4 {
            var batches = 1 + random.below(3)
            let run = try scenarios(on: hub)
            try run.once(batch: 7 + random.below(40)) { batches -= 1; return batches < 0 }
            // As if it was killed, now and then: what it knew is as old as the last time it was kept.
            try run.end(keeps: random.chance(50))
        }
        let last = try scenarios(on: hub)
        try last.once()
        try last.end()
        #expect(try told(hub) == whole)
        // What it knows is kept: the next one reads nothing of the log but what came since, and that is what it told itself.
        let next = try scenarios(on: hub)
        try next.once()
        #expect(next.factsRead <= whole.count)
        try next.end()
        #expect(try told(hub) == whole)
        // A kept state of another make is not read: the log is, and nothing is told again.
        try hub.connection.execute("UPDATE hub.scenario_state SET format = 0")
        let anew = try scenarios(on: hub)
        try anew.once()
        #expect(anew.factsRead > facts.count)
        try anew.end()
        #expect(try told(hub) == whole)
    }

    private func observed(_ sensor: String, _ property: String, _ minute: Int, _ value: Double) -> NewEvent {
        let at = Timestamp(microseconds: 1_700_000_000_000_000 + Int64(minute) * 60_000_000)
        return NewEvent("observations.recorded", "sensor/\(sensor)", #"{"property":"\#(property)","times":["\#(at)"],"values":[\#(value)]}"#)
    }

    /// A rule that comes later knows the time before, tells nothing of it, and raises what holds still; one that goes ends what it raised.
    @Test func rulesComeAndGo() throws {
        let hub = try TestHub()
        let gas = try scenario(#"{"kind":"above","value":10}"#)
        let drop = try Scenario.parse(
            #"{"scenario":"drop","version":1,"title":"t","title_zh":"题","watch":{"properties":["p"]},"condition":{"kind":"drop","value":5,"within_minutes":60},"severity":"low","to":"x"}"#,
            file: "test")
        try hub.append("s", [observed("a", "p", 0, 20), observed("a", "p", 1, 12)])
        let first = try scenarios(on: hub, [gas])
        try first.once()
        try first.end()
        #expect(try told(hub).map { $0.split(separator: "|")[0] } == ["alert.raised"])
        let both = try scenarios(on: hub, [gas, drop])
        try both.once()
        #expect(try told(hub).count == 1)
        // It has fallen by 8 within the hour still.
        try hub.append("s", [observed("a", "p", 2, 12)])
        try both.once()
        try both.end()
        let position = try hub.rows("SELECT max(position) FROM hub.event e JOIN hub.source s ON s.id = e.source_id WHERE s.name = 's'").joined()
        #expect(try told(hub).last?.hasPrefix("alert.raised|alert/drop-1-s:a-\(position)|") == true)
        // A restart forgets no alert of a rule that came later.
        try hub.append("s", [observed("a", "p", 3, 12)])
        let again = try scenarios(on: hub, [gas, drop])
        try again.once()
        try again.end()
        #expect(try told(hub).count == 2)
        let other = try Scenario.parse(
            #"{"scenario":"s","version":2,"title":"t","title_zh":"题","watch":{"properties":["p"]},"condition":{"kind":"above","value":99},"severity":"low","to":"x"}"#, file: "test")
        try scenarios(on: hub, [other, drop]).end()
        #expect(try told(hub).count == 3)
        #expect(try told(hub).last?.hasPrefix("alert.cleared|alert/s-1-s:a-") == true)
        #expect(try hub.rows("SELECT payload::json ->> 'reason' FROM hub.event ORDER BY position DESC LIMIT 1") == ["the rule is no longer in force"])
    }

    /// Killed before it kept its state, a rule that then goes leaves no alert standing and ends none twice; nor does it when the state cannot be read any more.
    @Test(arguments: [false, true]) func whatAKilledRuleToldIsEndedOnce(isOfAnotherFormat: Bool) throws {
        let hub = try TestHub()
        let gas = try scenario(#"{"kind":"above","value":10}"#)
        let stays = try Scenario.parse(
            #"{"scenario":"stays","version":1,"title":"t","title_zh":"题","watch":{"properties":["p"]},"condition":{"kind":"above","value":15},"severity":"low","to":"x"}"#, file: "test")
        try hub.append("s", [observed("a", "p", 0, 12), observed("b", "p", 0, 12)])
        let first = try scenarios(on: hub, [gas, stays])
        try first.once()
        try first.end()
        // Behind what is kept: one of the alerts clears, a third one and one of the rule that stays are raised.
        try hub.append("s", [observed("a", "p", 1, 1), observed("c", "p", 1, 20)])
        let killed = try scenarios(on: hub, [gas, stays])
        try killed.once()
        try killed.end(keeps: false)
        let before = try told(hub).map { $0.split(separator: "|").prefix(2).joined(separator: "|") }
        #expect(before.count == 5)
        if isOfAnotherFormat { try hub.connection.execute("UPDATE hub.scenario_state SET format = 0") }

        let other = try scenario(#"{"kind":"above","value":99}"#)
        let next = try scenarios(on: hub, [other, stays])
        #expect(try told(hub).count == 5, "nothing is ended before all is read that was told")
        try next.once()
        try next.end()
        let ended = try told(hub).dropFirst(5).map { $0.split(separator: "|").prefix(2).joined(separator: "|") }
        let standing = before.filter { $0.hasPrefix("alert.raised|alert/s-1-s:b-") || $0.hasPrefix("alert.raised|alert/s-1-s:c-") }
        #expect(standing.count == 2)
        #expect(ended.sorted() == standing.map { $0.replacing("raised", with: "cleared") }.sorted())
        // Started again it has nothing left to say, and the alert of the rule that stays clears by itself.
        try scenarios(on: hub, [other, stays]).end()
        #expect(try told(hub).count == 7)
        try hub.append("s", [observed("c", "p", 2, 1)])
        let last = try scenarios(on: hub, [other, stays])
        try last.once()
        #expect(try told(hub).last?.hasPrefix("alert.cleared|alert/stays-1-s:c-") == true)
    }

    /// A fact's position is the alert's key: a day of readings in one fact raises one alert, and the next fact what still holds.
    @Test func aFactRaisesOneAlert() throws {
        let hub = try TestHub()
        func day(_ first: Int, _ values: String) -> NewEvent {
            let times = (first..<first + 3).map { "\"2026-03-01T10:0\($0):00Z\"" }.joined(separator: ",")
            return NewEvent("observations.recorded", "sensor/a", #"{"property":"p","times":[\#(times)],"values":\#(values)}"#)
        }
        try hub.append("s", [day(0, "[20,1,20]")])
        let run = try scenarios(on: hub, [try scenario(#"{"kind":"above","value":10}"#)])
        try run.once()
        #expect(try told(hub).map { $0.split(separator: "|")[0] } == ["alert.raised", "alert.cleared"])
        // One of a year to come would make all that follow it old.
        try hub.append("s", [day(3, "[20,20,20]"), NewEvent("observations.recorded", "sensor/a", #"{"property":"p","times":["2199-01-01T00:00:00Z"],"values":[1]}"#), day(6, "[20,1,1]")])
        try run.once()
        #expect(try told(hub).map { $0.split(separator: "|")[0] } == ["alert.raised", "alert.cleared", "alert.raised", "alert.cleared"])
        try run.end()
    }

    /// What was declared of a rule may change without its number: then it is another one.
    @Test func titlesDoNotMakeAnotherRule() throws {
        let a = try scenario(#"{"kind":"above","value":3}"#), b = try scenario(#"{"kind":"above","value":4}"#)
        let c = try Scenario.parse(
            #"{"scenario":"s","version":1,"title":"another","title_zh":"题","watch":{"properties":["p"]},"condition":{"kind":"above","value":3},"severity":"low","to":"y"}"#, file: "test")
        #expect(try a.definition() == c.definition() && a.definition() != b.definition())
    }

    /// A sensor that is taken away is neither silent nor above anything.
    @Test func whatIsGoneIsNotSilent() throws {
        let hub = try TestHub()
        let rules = [try scenario(#"{"kind":"above","value":10}"#), try Scenario.parse(
            #"{"scenario":"quiet","version":1,"title":"t","title_zh":"题","watch":{"properties":[]},"condition":{"kind":"silence","for_minutes":30},"severity":"low","to":"x"}"#, file: "test")]
        try hub.append("s", [observed("a", "p", 0, 20), observed("b", "p", 0, 1), NewEvent("sensor.retired", "sensor/b", at: "2023-11-14T22:20:00Z"),
            observed("c", "p", 60, 1), NewEvent("sensor.removed", "sensor/a", at: "2023-11-14T23:20:00Z"), observed("c", "p", 200, 1)])
        try scenarios(on: hub, rules).once()
        #expect(try told(hub).filter { $0.hasPrefix("alert") }.map { $0.split(separator: "-").prefix(3).joined(separator: "-") }.map { $0.replacing("alert/", with: "") } == [
            "alert.raised|s-1-s:a", "alert.raised|quiet-1-s:a", "alert.cleared|quiet-1-s:a", "alert.cleared|s-1-s:a",
        ])
    }

    private let silence = #"{"kind":"silence","intervals":3,"for_minutes":10,"unknown_minutes":500}"#

    /// How long a silence is depends on the sensor: on what its source says, else on how it spoke so far.
    @Test func silenceByTheSensorsOwnRhythm() throws {
        let hub = try TestHub()
        let rule = try Scenario.parse(
            #"{"scenario":"silent","version":1,"title":"t","title_zh":"题","watch":{"properties":[]},"condition":\#(silence),"severity":"low","to":"x"}"#, file: "test")
        try hub.append("s", [NewEvent("sensor.described", "sensor/stated", #"{"observed_property":"p","interval_seconds":7200}"#)])
        // Every 20 minutes; as its source says; once; and one that stays.
        try hub.append("s", (0..<5).map { observed("often", "p", $0 * 20, 1) } + [observed("stated", "p", 80, 1), observed("once", "p", 80, 1)])
        func until(_ minute: Int) throws -> [String] {
            try hub.append("s", [observed("clock", "p", minute, 1)])
            let run = try scenarios(on: hub, [rule])
            try run.once()
            try run.end()
            try hub.projector().once()
            return try hub.rows("SELECT sensor_id, usual_s FROM twin.sensor_silence ORDER BY 1")
        }
        #expect(try until(139) == [])
        #expect(try until(140) == ["s:often|1200"])
        #expect(try until(439) == ["s:often|1200"])
        #expect(try until(440) == ["s:often|1200", "s:stated|7200"])
        #expect(try until(580) == ["s:often|1200", "s:once|∅", "s:stated|7200"])
        try hub.append("s", [observed("often", "p", 590, 1)])
        #expect(try until(600) == ["s:once|∅", "s:stated|7200"])
        #expect(try hub.rows("SELECT sensor_id, rule, is_open FROM twin.alert ORDER BY raised_at") == ["s:often|silent/1|f", "s:stated|silent/1|t", "s:once|silent/1|t"])
        #expect(try hub.rows("SELECT count(*) FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id WHERE t.name = 'sensor.resumed'") == ["1"])
        // The rule goes, and with it what it told.
        try scenarios(on: hub, []).end()
        try hub.projector().once()
        #expect(try hub.rows("SELECT sensor_id FROM twin.sensor_silence") == [])
        #expect(try hub.rows("SELECT count(*) FROM twin.alert WHERE is_open") == ["0"])
    }

    /// A source that tells a day at a time makes nobody silent who is told later in the same delivery.
    @Test func deliveriesOfADayAreNoSilence() throws {
        var signals = 0
        let rule = try Scenario.parse(
            #"{"scenario":"silent","version":1,"title":"t","title_zh":"题","watch":{"properties":[]},"condition":{"kind":"silence","intervals":3,"for_minutes":10,"unknown_minutes":2880},"severity":"low","to":"x"}"#, file: "test")
        let hub = try TestHub()
        for day in 0..<8 {
            try hub.append("s", ["a", "b", "c"].map { sensor in
                let times = (0..<24).map { "\"\(Timestamp(microseconds: 1_700_000_000_000_000 + Int64(day * 24 + $0) * 3_600_000_000))\"" }.joined(separator: ",")
                let values = Array(repeating: "1", count: 24).joined(separator: ",")
                return NewEvent("observations.recorded", "sensor/\(sensor)", #"{"property":"p","times":[\#(times)],"values":[\#(values)]}"#)
            })
        }
        let engine = try ScenarioEngine([rule]), reader = LogReader(hub.connection)
        engine.use(try reader.catalog())
        _ = try reader.read(after: 0, upTo: reader.horizon(), limit: .max) { engine.take($0) { _ in signals += 1 } }
        #expect(signals == 0)
    }

    /// False alarms are counted by what became of the cases, whoever tells it.
    @Test func theRateOfFalseAlarms() throws {
        let hub = try TestHub()
        let rule = try scenario(#"{"kind":"above","value":10}"#, #","opens":{"category":"c"}"#)
        try hub.append("s", (0..<4).flatMap { [observed("g\($0)", "p", 0, 20), observed("g\($0)", "p", 6, 1)] })
        let run = try scenarios(on: hub, [rule])
        try run.once()
        try hub.projector().once()
        let cases = try hub.rows("SELECT case_id FROM twin.alert ORDER BY sensor_id")
        #expect(cases.count == 4 && cases.allSatisfy { $0.hasPrefix("scenarios:s-1-s:g") })
        #expect(try hub.rows("SELECT count(*) FROM twin.alert a JOIN twin.\"case\" c ON c.id = a.case_id") == ["4"])
        try hub.append("desk", [
            NewEvent("case.closed", "case/\(cases[0])", at: "2024-05-01T08:00:00Z", #"{"outcome":"误报"}"#),
            NewEvent("case.closed", "case/\(cases[1])", at: "2024-05-01T08:00:00Z", #"{"outcome":"属实"}"#),
            NewEvent("case.answered", "case/\(cases[2])", at: "2024-05-01T08:00:00Z", #"{"outcome":"false_alarm"}"#),
            NewEvent("case.closed", "case/\(cases[2])", at: "2024-05-01T09:00:00Z", #"{"outcome":"fixed"}"#),
            NewEvent("case.closed", "case/\(cases[3])", at: "2024-05-01T09:00:00Z", #"{"outcome":"who knows"}"#),
        ])
        try hub.projector().once()
        #expect(try hub.rows("SELECT rule, alerts, open_alerts, sensors, cases, closed, judged, false_alarms, round(false_alarm_rate, 4), low, high, minutes_median FROM twin.kpi_scenario")
            == ["s/1|4|0|4|4|4|3|1|0.3333|0.0615|0.7923|6"])
    }

    private func scenarios(on hub: TestHub, _ scenarios: [Scenario]? = nil) throws -> ScenarioRun {
        let source = try Sources.register(ScenarioRun.source, on: hub.connection, reads: true)
        let connection = try hub.login(source.role)
        return try ScenarioRun(reader: LogReader(connection, notesTicks: false), connection, scenarios: scenarios ?? Scenario.shipped())
    }

    private func told(_ hub: TestHub) throws -> [String] {
        try hub.rows(
            """
            SELECT t.name, e.subject, e.caused_by, e.occurred_at FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id
              JOIN hub.source s ON s.id = e.source_id WHERE s.name = 'scenarios' ORDER BY e.position
            """)
    }
}
