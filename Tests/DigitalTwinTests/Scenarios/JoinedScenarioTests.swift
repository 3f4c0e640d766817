import EventLog
import PostgresClient
import PrivateServer
import Testing

@testable import DigitalTwin
@testable import Projections

/// Rules that join readings with registers, and rules that count reports.
@Suite struct JoinedScenarioTests {
    private static func shipped(_ name: String) throws -> Scenario { try #require(Scenario.shipped().first { $0.scenario == name }) }

    private func run(_ hub: TestHub, _ rules: [Scenario], keeps: Bool = true) throws {
        let source = try Sources.register(ScenarioRun.source, on: hub.connection, reads: true)
        let connection = try hub.login(source.role)
        let run = try ScenarioRun(reader: LogReader(connection, notesTicks: false), connection, scenarios: rules)
        try run.once()
        try run.end(keeps: keeps)
    }

    private func alerts(_ hub: TestHub) throws -> [String] {
        try hub.rows(
            """
            SELECT t.name, coalesce(e.payload ->> 'sensor', e.payload ->> 'building'), (e.payload ->> 'value')::float8, e.occurred_at FROM hub.event e
              JOIN hub.event_type t ON t.id = e.type_id WHERE t.name LIKE 'alert.%' ORDER BY e.position
            """)
    }

    private func water(_ meter: String, _ days: ClosedRange<Int>, _ litres: Double) -> [NewEvent] {
        days.flatMap { day in
            [4, 12].map { hour in
                let at = Timestamp(year: 2024, month: 5, day: day, hour: hour)?.description ?? ""
                return NewEvent("observations.recorded", "sensor/\(meter)", #"{"property":"care_water_hourly","times":["\#(at)"],"values":[\#(litres)]}"#)
            }
        }
    }

    /// The register of the police knows the home, civil affairs the care and the year of birth, the water company the meter.
    @Test func overEightyAlone() throws {
        let hub = try TestHub(), rule = try Self.shipped("no-water-used")
        try hub.append("police", (1...5).map { NewEvent("resident.registered", "person/p\($0)", #"{"dwelling":"b1-\#($0)","building":"b1"}"#) })
        try hub.append("civil", [
            NewEvent("care.enrolled", "person/p1", #"{"kind":"living_alone","birth_year":1940}"#),
            // Too young; cared for otherwise; of unknown age; not cared for.
            NewEvent("care.enrolled", "person/p2", #"{"kind":"living_alone","birth_year":1950}"#),
            NewEvent("care.enrolled", "person/p3", #"{"kind":"disabled","birth_year":1930}"#),
            NewEvent("care.enrolled", "person/p4", #"{"kind":"living_alone"}"#),
        ])
        try hub.append("water", (1...5).map { NewEvent("sensor.described", "sensor/w\($0)", #"{"observed_property":"care_water_hourly","feature_of_interest":"dwelling/police:b1-\#($0)","building":"police:b1"}"#) })
        try hub.append("water", (1...5).flatMap { water("w\($0)", 1...3, 0) })
        try run(hub, [rule])
        // 36 hours from the first dry reading at 4 o'clock; at night nothing is raised.
        #expect(try alerts(hub) == ["alert.raised|water:w1|0|2024-05-03 04:00:00+00"])
        try hub.append("water", water("w1", 4...4, 12))
        // She moves out; whoever moves in is not of that age. And p2 moves to a home where no water was used for days.
        try hub.append("police", [NewEvent("resident.deregistered", "person/p1", "{}"), NewEvent("resident.registered", "person/p9", #"{"dwelling":"b1-1"}"#)])
        try hub.append("water", water("w1", 5...9, 0))
        try run(hub, [rule], keeps: false)
        try run(hub, [rule])
        #expect(try alerts(hub).map { $0.split(separator: "|")[0] } == ["alert.raised", "alert.cleared"])
    }

    /// An erased person is in no register, also not in what is kept.
    @Test func theErasedAreForgotten() throws {
        let hub = try TestHub(), rule = try Self.shipped("no-water-used")
        try hub.append("police", [NewEvent("resident.registered", "person/p1", #"{"dwelling":"b1-1"}"#)])
        try hub.append("civil", [NewEvent("care.enrolled", "person/p1", #"{"kind":"living_alone","birth_year":1940}"#)])
        try hub.append("water", [NewEvent("sensor.described", "sensor/w1", #"{"observed_property":"care_water_hourly","dwelling":"police:b1-1"}"#)])
        try run(hub, [rule])
        #expect(try hub.rows("SELECT position('p1' IN encode(state, 'escape')) > 0 FROM hub.scenario_state") == ["t"])
        try hub.append("police", [NewEvent("subject.erased", "person/p1", #"{"keys":[]}"#)])
        try hub.append("water", water("w1", 1...5, 0))
        try run(hub, [rule])
        #expect(try alerts(hub) == [])
        #expect(try hub.rows("SELECT position('p1' IN encode(state, 'escape')) > 0 FROM hub.scenario_state") == ["f"])
    }

    private func report(_ number: String, _ day: Int, _ building: String, _ subcategory: String = "电动车进楼") -> NewEvent {
        NewEvent(
            "case.received", "case/\(number)", at: Timestamp(year: 2024, month: 5, day: day)?.description,
            #"{"category":"消防隐患","subcategory":"\#(subcategory)","building":"\#(building)"}"#)
    }

    /// Reports of several sources meet on one building, under whatever number each knows it.
    @Test func reportsOnOneBuilding() throws {
        let hub = try TestHub(), rule = try Self.shipped("bicycle-reports")
        try hub.append("police", [NewEvent("building.described", "building/p7", #"{"building":"map:7"}"#)])
        try hub.append("hotline", [
            report("a", 1, "map:7"), report("a", 1, "map:7"), report("b", 2, "map:8"), report("c", 2, "map:7", "噪声"), report("d", 3, "map:7"), report("e", 4, "map:7"),
            NewEvent("case.withdrawn", "case/e", at: "2024-05-04T01:00:00Z"),
        ])
        try run(hub, [rule])
        // What is told twice counts once, and another matter does not; that the third is withdrawn afterwards does not end it.
        #expect(try alerts(hub) == ["alert.raised|map:7|3|2024-05-04 00:00:00+00"])
        let second = try TestHub()
        try second.append("police", [NewEvent("building.described", "building/p7", #"{"building":"map:7"}"#)])
        try second.append("hotline", [report("a", 1, "map:7"), report("a", 1, "map:7"), report("d", 3, "map:7")])
        try run(second, [rule], keeps: true)
        #expect(try alerts(second) == [])
        try second.append("police", [report("k", 5, "p7")])
        try run(second, [rule])
        #expect(try alerts(second) == ["alert.raised|map:7|3|2024-05-05 00:00:00+00"])
        // Its own case is no report. Days on, by another building's report, none of them is in the window.
        try second.append("hotline", [report("z", 20, "map:9")])
        try run(second, [rule])
        #expect(try alerts(second).last?.hasPrefix("alert.cleared|") == true)
        try second.projector().once()
        #expect(try second.rows("SELECT category, subcategory, channel FROM twin.\"case\" WHERE id LIKE 'scenarios:%'") == ["消防隐患|bicycle-reports/1|sensor"])
        #expect(try second.rows("SELECT scenario, value, is_open, sensor_id FROM twin.alert") == ["bicycle-reports|3|f|∅"])
        // The rule comes back: it reads what its window reaches back to, and tells nothing of it.
        try run(second, [])
        try run(second, [rule])
        #expect(try alerts(second).count == 2)
    }
}
