import EventLog
import Testing

@testable import DigitalTwin
@testable import Projections

/// Which of several facts holds, where some have a date and some have none.
@Suite struct LastWordTests {
    private func described(_ name: String, at date: String? = nil) -> NewEvent {
        NewEvent("building.described", "building/1", at: date, #"{"name":"\#(name)"}"#)
    }

    private func removed(at date: String? = nil) -> NewEvent { NewEvent("building.removed", "building/1", at: date) }

    private static let may1 = "2024-05-01T00:00:00Z", may2 = "2024-05-02T00:00:00Z", may3 = "2024-05-03T00:00:00Z"

    /// The names of the building after each fact, folded one by one and all at once.
    private func names(_ facts: [NewEvent]) throws -> [String] {
        let hub = try TestHub()
        let projector = try hub.projector()
        var seen: [String] = []
        for fact in facts {
            try hub.append("map", [fact])
            try projector.once()
            seen.append(try hub.rows("SELECT name FROM twin.building").joined())
        }
        try projector.rebuild()
        #expect(try hub.rows("SELECT name FROM twin.building").joined() == seen.last)
        return seen
    }

    @Test func anUndatedFactDoesNotOutliveADatedOneToldLater() throws {
        #expect(try names([described("a"), described("b", at: Self.may1), described("c", at: Self.may2)]) == ["a", "b", "c"])
        #expect(try names([described("a", at: Self.may2), described("b"), described("c", at: Self.may1)]) == ["a", "b", "c"])
    }

    @Test func ofTwoDatedFactsTheLaterDateStands() throws {
        #expect(try names([described("a", at: Self.may2), described("b", at: Self.may1), described("c", at: Self.may2)]) == ["a", "a", "c"])
    }

    @Test func aThingThatReturnsIsBack() throws {
        #expect(try names([described("a", at: Self.may2), removed(), described("b", at: Self.may1)]) == ["a", "", "b"])
        #expect(try names([described("a"), removed(at: Self.may2), described("b", at: Self.may1), described("c", at: Self.may3)]) == ["a", "", "", "c"])
    }

    @Test func aCaseWithoutDatesIsWhatWasToldLast() throws {
        let hub = try TestHub()
        let projector = try hub.projector()
        func tell(_ step: String, at date: String? = nil) throws -> String {
            try hub.append("hotline", [NewEvent("case.\(step)", "case/1", at: date)])
            try projector.once()
            return try hub.rows(#"SELECT status, is_open, closed_at FROM twin."case""#).joined()
        }
        #expect(try tell("received", at: Self.may1) == "received|t|∅")
        #expect(try tell("dispatched") == "dispatched|t|∅")
        #expect(try tell("closed", at: Self.may2) == "closed|f|2024-05-02 00:00:00+00")
        // Happened before the closing, whenever it was told.
        #expect(try tell("accepted", at: Self.may1) == "closed|f|2024-05-02 00:00:00+00")
        #expect(try tell("reopened") == "reopened|t|∅")
        #expect(try tell("closed") == "closed|f|∅")
        #expect(try tell("reopened", at: Self.may3) == "reopened|t|∅")
        #expect(try tell("merged", at: Self.may3) == "merged|f|∅")
    }

    @Test func theLastTellingOfAReadingStands() throws {
        let hub = try TestHub()
        func tell(_ value: Double, at date: String?) throws {
            try hub.append("meters", [
                NewEvent("observations.recorded", "sensor/1", at: date, #"{"times":["2024-05-02T06:00:00Z"],"values":[\#(value)]}"#)
            ])
            try hub.projector().once()
        }
        try tell(1.5, at: nil)
        try tell(2.5, at: Self.may2)
        #expect(try hub.rows("SELECT value FROM twin.observation") == ["2.5"])
        // The window began at midnight, the reading is of six.
        #expect(try hub.rows("SELECT kind, last_occurred_at FROM twin.freshness") == ["observation|2024-05-02 06:00:00+00"])
    }

    @Test func freshnessSaysWhenASourceWasPulledThoughItSaidNothingNew() throws {
        let hub = try TestHub()
        try hub.append("map", [described("a", at: Self.may1)])
        try hub.projector().once()
        try hub.append("map", [])
        #expect(try hub.rows(
            """
            SELECT f.last_occurred_at, f.last_pulled_at > f.last_recorded_at, f.last_pulled_at = max(b.recorded_at)
              FROM twin.freshness f, hub.batch b GROUP BY 1, 2, f.last_pulled_at
            """) == ["2024-05-01 00:00:00+00|t|t"])
    }
}
