import EventLog
import PostgresClient
import Testing

@testable import DigitalTwin

/// Alerts judged by what really happened.
@Suite struct ScenarioTruthTests {
    private func at(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    private func alert(_ sensor: String, _ time: String, building: String? = nil, isRaised: Bool = true) throws -> ScenarioEngine.Outcome {
        let rule = try Scenario.parse(
            #"{"scenario":"s","version":1,"title":"t","title_zh":"题","watch":{"properties":[]},"condition":{"kind":"above","value":1},"severity":"low","to":"x"}"#, file: "test")
        return ScenarioEngine.Outcome(scenario: rule, sensor: sensor, building: building, key: sensor, isRaised: isRaised, at: try at(time), events: [])
    }

    /// Two weeks, of which a half day is something: four things happened, three of them are told of, after two, one and six hours.
    @Test func foundHowSoonAndHowOftenWrong() throws {
        let truth = try ScenarioTruth(
            csv: """
                subject,from,to,scenario
                a:1,2026-05-01T00:00:00Z,2026-05-01T06:00:00Z,
                a:b7,2026-05-03T00:00:00Z,2026-05-03T02:00:00Z,s
                *,2026-05-04T00:00:00Z,2026-05-04T10:00:00Z,
                a:1,2026-05-05T00:00:00Z,2026-05-05T06:00:00Z,
                *,2026-05-06T00:00:00Z,2026-05-06T06:00:00Z,other
                *,2026-06-06T00:00:00Z,2026-06-06T06:00:00Z,
                """)
        let alerts = [
            try alert("a:1", "2026-05-01T02:00:00Z"), try alert("a:1", "2026-05-01T05:00:00Z"), try alert("a:1", "2026-05-01T06:30:00Z"),
            try alert("a:2", "2026-05-01T03:00:00Z"), try alert("a:3", "2026-05-03T01:00:00Z", building: "a:b7"), try alert("a:9", "2026-05-04T06:00:00Z"),
            try alert("a:1", "2026-05-06T01:00:00Z"), try alert("a:1", "2026-06-06T01:00:00Z"), try alert("a:1", "2026-05-07T01:00:00Z", isRaised: false),
        ]
        let figures = truth.figures(of: "s", alerts, in: try at("2026-05-01T00:00:00Z")..<at("2026-05-16T00:00:00Z"))
        // Another sensor's hour, the half hour behind, and what only another rule should tell of are false alarms.
        #expect(figures == .init(happened: 4, found: 3, hoursToDetect: [1, 2, 6], right: 4, wrong: 3, quietWeeks: 2))
        #expect(figures.detectionRate == 0.75 && figures.medianHours == 2 && figures.wrongPerWeek == 1.5)
        #expect(ScenarioTruth().figures(of: "s", [], in: try at("2026-05-01T00:00:00Z")..<at("2026-05-08T00:00:00Z")) == .init(quietWeeks: 1))
    }

    @Test func whatOverlapsIsQuietOnce() throws {
        var truth = ScenarioTruth()
        truth.add(try at("2026-05-01T00:00:00Z")...at("2026-05-03T00:00:00Z"))
        truth.add(try at("2026-05-02T00:00:00Z")...at("2026-05-04T00:00:00Z"))
        truth.add(try at("2026-05-14T00:00:00Z")...at("2026-06-04T00:00:00Z"))
        #expect(truth.figures(of: "s", [], in: try at("2026-05-01T00:00:00Z")..<at("2026-05-18T00:00:00Z")).quietWeeks == 10.0 / 7)
    }

    @Test(arguments: [
        ("from,to\n1,2\n", "must name the columns subject, from and to"), ("subject,from,to\na,2026-05-01T00:00:00Z\n", "Line 2"),
        ("subject,from,to\na,2026-05-02T00:00:00Z,2026-05-01T00:00:00Z\n", "Line 2"), ("subject,from,to\na,yesterday,2026-05-01T00:00:00Z\n", "Line 2"),
    ]) func whatIsNoTruthSaysWhere(csv: String, words: String) {
        #expect { try ScenarioTruth(csv: csv) } throws: { "\($0)".contains(words) }
    }
}
