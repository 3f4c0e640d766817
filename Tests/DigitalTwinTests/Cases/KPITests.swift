import EventLog
import Testing

@testable import DigitalTwin
@testable import Projections

/// The figures of cases against worked examples.
@Suite struct KPITests {
    /// 670 called back, 614 satisfied and 34 basically satisfied, which count 0.6: 94.69 %.
    @Test func thePublishedSatisfaction() throws {
        let hub = try TestHub()
        let words = Array(repeating: "满意", count: 614) + Array(repeating: "基本满意", count: 34) + Array(repeating: "不满意", count: 22)
        try hub.append("hotline", words.enumerated().flatMap { number, word in
            [
                NewEvent("case.received", "case/\(number)", at: "2025-03-03T10:00:00+08:00"),
                NewEvent("case.called_back", "case/\(number)", at: "2025-03-09T10:00:00+08:00", #"{"reached":true,"satisfaction":"\#(word)"}"#),
            ]
        } + [
            // Nobody took the phone, and nobody was called: neither is in the sample.
            NewEvent("case.received", "case/x"), NewEvent("case.called_back", "case/x", #"{"reached":false}"#), NewEvent("case.received", "case/y"),
        ])
        try hub.projector().once()
        let satisfaction = "SELECT numerator, n, round(100 * rate, 2), low, high FROM twin.kpi WHERE kpi = 'satisfaction' AND dimension = 'all' AND month IS NULL"
        #expect(try hub.rows(satisfaction) == ["634.4|670|94.69|0.9272|0.9614"])
        // The weight is the office's to set.
        try hub.connection.execute("UPDATE hub.satisfaction SET weight = 1 WHERE grade = 'basically_satisfied'")
        #expect(try hub.rows(satisfaction).first?.hasPrefix("648|670|96.72|") == true)
    }

    /// Wilson's interval against values worked out by hand from the formula: 8 of 10 (Agresti and Coull's example: 0.490 to 0.943), none, all.
    @Test func wilson() throws {
        let hub = try TestHub()
        try hub.projector().once()
        #expect(try hub.rows("SELECT low, high FROM (VALUES (8, 10), (0, 10), (10, 10), (0, 0)) v (k, n), twin.wilson(v.k, v.n)")
            == ["0.4902|0.9433", "0.0000|0.2775", "0.7225|1.0000", "∅|∅"])
    }

    /// Four cases of two companies under one department, worked out by hand.
    @Test func fourCasesByHand() throws {
        let hub = try TestHub()
        try hub.connection.execute(
            """
            INSERT INTO hub.case_scheme VALUES ('*', 'office', 'cn');
            INSERT INTO hub.case_limit (scheme, clock, runs_for, starts_at, met_by, amount, unit, basis) VALUES
                ('office', 'clear', 'handler', 'dispatched', '{closed}', 24, 'hour', 'test'), ('office', 'watch', 'department', 'received', '{closed}', 3, 'day', 'test')
            """)
        func day(_ day: Int, _ hour: Int = 10) -> String { "2025-03-\(day < 10 ? "0" : "")\(day)T\(hour < 10 ? "0" : "")\(hour):00:00+08:00" }
        func received(_ number: Int, _ street: String) -> NewEvent {
            NewEvent("case.received", "case/\(number)", at: day(3), #"{"street":"\#(street)","department":"traffic"}"#)
        }
        func step(_ number: Int, _ step: String, _ at: String, _ payload: String = "{}") -> NewEvent { NewEvent("case.\(step)", "case/\(number)", at: at, payload) }
        let blue = #"{"handler":"blue bikes"}"#, red = #"{"handler":"red bikes"}"#
        try hub.append("hotline", [
            // All of the loop: cleared after 24 hours, 14 from the dispatch.
            received(1, "north"), step(1, "dispatched", day(3, 20), blue), step(1, "contacted", day(4, 9)), step(1, "closed", day(4), #"{"solved":true}"#),
            step(1, "called_back", day(5), #"{"solved":true,"satisfaction":"satisfied"}"#),
            // Closed is not fixed: late, the reporter says no, reopened.
            received(2, "north"), step(2, "dispatched", day(3, 20), blue), step(2, "closed", day(9), #"{"solved":true}"#),
            step(2, "called_back", day(10), #"{"solved":false,"satisfaction":"dissatisfied"}"#), step(2, "reopened", day(11)),
            // Given back, then to the other company, which closes in time; nobody called.
            received(3, "south"), step(3, "dispatched", day(3, 11), blue), step(3, "returned", day(3, 12)), step(3, "dispatched", day(3, 13), red),
            step(3, "closed", day(4)),
            // Open.
            received(4, "south"), step(4, "dispatched", day(3, 13), red),
        ])
        try hub.projector().once()
        func kpi(_ dimension: String, _ name: String) throws -> [String] {
            try hub.rows(
                "SELECT kpi, trim_scale(numerator), n, rank FROM twin.kpi WHERE dimension = '\(dimension)' AND name = '\(name)' AND month IS NULL ORDER BY kpi")
        }
        // Clocks of 1: both met; of 2: handler's and department's late, the reopened case's department's overdue; of 3: red's met, department's
        // met (blue's stopped); of 4: both overdue.
        #expect(try kpi("all", "all") == [
            "closed_loop|1|3|1", "on_time|4|9|1", "reopened|1|3|1", "response|1|2|1", "returned|1|4|1", "satisfaction|1|2|1", "solved_claimed|2|2|1",
            "solved_confirmed|1|2|1",
        ])
        #expect(try kpi("street", "south") == [
            "closed_loop|0|1|2", "on_time|2|4|1", "reopened|0|1|1", "response|0|0|∅", "returned|1|2|2", "satisfaction|0|0|∅", "solved_claimed|0|0|∅",
            "solved_confirmed|0|0|∅",
        ])
        #expect(try hub.rows("SELECT DISTINCT month FROM twin.kpi WHERE month IS NOT NULL") == ["2025-03-01"])
        #expect(try hub.rows("SELECT * FROM twin.kpi_clearance ORDER BY handler") == [
            "blue bikes|traffic|2|1|1|24.0|24.0|1|2|1|3", "red bikes|traffic|2|1|1|24.0|24.0|1|2|1|2",
        ])
        // In dispatched: 14-hour-long 13 (contacted next morning), 134, 1 (given back), 21; and one that still is.
        #expect(try hub.rows("SELECT stages, n, median_hours, p90_hours FROM twin.kpi_stage WHERE handler IS NULL AND stage = 'dispatched'") == ["5|4|17.0|100.1"])
        #expect(try hub.rows("SELECT stage, n FROM twin.kpi_stage WHERE handler = 'red bikes' ORDER BY 1") == ["closed|0", "dispatched|1"])
    }
}
