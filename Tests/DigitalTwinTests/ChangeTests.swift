import EventLog
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections

/// What services are told of the twin, word for word; that it is right for any facts, `SeededTests` show.
@Suite struct ChangeTests {
    private static func square(_ x: Double) -> String {
        let y = 31.0, d = 0.0004
        return #"{"type":"Polygon","coordinates":[[[\#(x),\#(y)],[\#(x + d),\#(y)],[\#(x + d),\#(y + d)],[\#(x),\#(y + d)],[\#(x),\#(y)]]]}"#
    }

    private static let changes = """
        SELECT type, subject, caused_by, payload -> 'before' ->> 'name', payload -> 'after' ->> 'name', payload ->> 'district',
               (SELECT string_agg(key, ',' ORDER BY key) FROM jsonb_object_keys((payload -> 'before')::jsonb) key WHERE type LIKE '%.changed')
          FROM hub.twin_change ORDER BY position
        """

    @Test func aChangeHoldsTheRowAndWhatOfItWasOtherwise() throws {
        let hub = try TestHub()
        let projector = try hub.projector()
        try projector.once()
        try hub.append("map", [NewEvent("building.described", "building/1", #"{"name":"one","floors":3}"#)])
        try projector.once()
        // The same again, with another origin: nothing to be told.
        try hub.append("map", [NewEvent("building.described", "building/1", #"{"name":"one","floors":3}"#)])
        try projector.once()
        try hub.append("map", [
            NewEvent("building.described", "building/1", #"{"name":"uno","floors":3}"#),
            NewEvent("case.received", "case/7", #"{"district":"Lujiazui"}"#),
        ])
        try projector.once()
        try hub.append("map", [NewEvent("building.removed", "building/1"), NewEvent("case.closed", "case/7")])
        try projector.once()
        let told = try hub.rows(Self.changes)
        #expect(told == [
            "twin.rebuilt|twin/twin_g1|0|∅|∅|∅|∅", "building.created|building/map:1|1|∅|one|∅|∅", "building.changed|building/map:1|3|one|uno|∅|name,position,since",
            "case.created|case/map:7|4|∅|∅|Lujiazui|∅", "building.removed|building/map:1|5|uno|∅|∅|∅",
            "case.changed|case/map:7|6|∅|∅|Lujiazui|is_open,status,status_at",
        ])
        #expect(try hub.rows("SELECT payload -> 'before' ->> 'is_open' FROM hub.twin_change WHERE type = 'case.changed'") == ["true"])
    }

    /// A sensor that nobody has told of again belongs to a building that is new; a building loses what stood for it.
    @Test func whatChangesOnlyByItsNeighboursIsToldToo() throws {
        let hub = try TestHub()
        let projector = try hub.projector()
        try projector.once()
        try hub.append("water", [NewEvent("sensor.described", "sensor/1", #"{"location":{"type":"Point","coordinates":[121.0002,31.0002]}}"#)])
        try hub.append("police", [NewEvent("building.described", "building/9", #"{"name":"station","location":{"type":"Point","coordinates":[121.0001,31.0001]}}"#)])
        try projector.once()
        try hub.append("map", [NewEvent("building.described", "building/1", #"{"footprint":[\#(Self.square(121.0))]}"#)])
        try projector.once()
        let told = try hub.rows(
            """
            SELECT type, subject, caused_by, payload -> 'after' ->> 'building_id', payload -> 'after' ->> 'name'
              FROM hub.twin_change ORDER BY position
            """)
        #expect(told == [
            "twin.rebuilt|twin/twin_g1|0|∅|∅", "sensor.created|sensor/water:1|1|∅|∅", "building.created|building/police:9|2|∅|station",
            "building.created|building/map:1|3|∅|station", "building.removed|building/police:9|3|∅|∅", "sensor.changed|sensor/water:1|3|map:1|∅",
        ])
    }

    /// From the first word against another's to the decision and to the day on which they agree.
    @Test func conflictsAreToldAsTheyOpenAndEnd() throws {
        let hub = try TestHub()
        let projector = try hub.projector()
        try projector.once()
        func say(_ source: String, _ department: String, _ key: String, _ floors: Int) throws {
            try hub.append(source, department: department, [NewEvent("building.described", "building/\(key)", #"{"floors":\#(floors),"building":"map:1"}"#)])
            try projector.once()
        }
        func decide(_ type: String, _ payload: String) throws {
            try hub.append("stewards", department: Sources.hubsOwn, [NewEvent(type, "conflict/building/map:1/floors", payload)])
            try projector.once()
        }
        try hub.append("map", department: "survey", [NewEvent("building.described", "building/1", #"{"floors":12,"footprint":[\#(Self.square(121.0))]}"#)])
        try say("police", "police", "P", 12)
        try say("property", "housing", "B", 14)
        try say("property", "housing", "B", 15)
        try decide("conflict.resolved", #"{"entity_kind":"building","entity":"map:1","attribute":"floors","chosen":"police:P","decided_by":"wang"}"#)
        try decide("conflict.reopened", "{}")
        try say("property", "housing", "B", 12)
        let told = try hub.rows(
            """
            SELECT type, subject, caused_by, payload -> 'before' -> 'words' ->> 'housing', payload -> 'after' -> 'words' ->> 'housing', payload -> 'after' ->> 'status'
              FROM hub.twin_change WHERE subject LIKE 'conflict/%' ORDER BY position
            """)
        #expect(told == [
            "conflict.opened|conflict/building/map:1/floors|3|∅|14|open", "conflict.changed|conflict/building/map:1/floors|4|14|15|open",
            "conflict.resolved|conflict/building/map:1/floors|5|∅|15|resolved", "conflict.opened|conflict/building/map:1/floors|6|∅|15|open",
            "conflict.closed|conflict/building/map:1/floors|7|15|∅|∅",
        ])
    }

    /// Time alone makes a case overdue: told once for each date that passed, and by facts when it is over.
    @Test func casesThatBecomeOverdueAreToldOnce() throws {
        let hub = try TestHub()
        try hub.connection.execute(
            """
            INSERT INTO hub.case_scheme SELECT 'hotline', 'test', name FROM hub.calendar WHERE name = 'cn';
            INSERT INTO hub.case_limit (scheme, clock, starts_at, met_by, amount, unit, basis) VALUES ('test', 'answer', 'received', '{answered}', 1, 'hour', 'test')
            """)
        let projector = try hub.projector()
        func pass(_ events: NewEvent...) throws {
            if !events.isEmpty { try hub.append("hotline", events) }
            try projector.once()
            try projector.passTime()
        }
        let now = try #require(try hub.rows("SELECT to_json(now()) #>> '{}', to_json(now() - interval '2 hours') #>> '{}', to_json(now() + interval '2 hours') #>> '{}'").first)
            .split(separator: "|").map(String.init)
        try pass(
            NewEvent("case.received", "case/1", at: now[1], #"{"district":"Pudong"}"#), NewEvent("case.received", "case/2", at: now[0]),
            NewEvent("case.received", "case/3", at: now[1]), NewEvent("case.closed", "case/3", at: now[0]))
        try pass()
        // A new date, which has not passed.
        try pass(NewEvent("case.extended", "case/1", at: now[1], #"{"due_at":"\#(now[2])"}"#))
        #expect(try hub.rows("SELECT count(*) FROM hub.overdue_clock") == ["0"])
        try pass(NewEvent("case.extended", "case/1", at: now[1], #"{"due_at":"\#(now[0])"}"#))
        let told = try hub.rows(
            """
            SELECT subject, caused_by, payload ->> 'district', payload -> 'clock' ->> 'clock', payload -> 'before', payload -> 'after' ->> 'id',
                   (payload -> 'clock' ->> 'due_at')::timestamptz <= now()
              FROM hub.twin_change WHERE type = 'case.overdue' ORDER BY position
            """)
        #expect(told == ["case/hotline:1|4|Pudong|answer|{}|hotline:1|t", "case/hotline:1|6|Pudong|answer|{}|hotline:1|t"])
        try pass(NewEvent("case.closed", "case/1", at: now[0]))
        #expect(try hub.rows("SELECT count(*) FROM hub.overdue_clock") == ["0"])
    }

    /// What was told must never be taken back: such a commit waits for the disk, and no other does.
    @Test func aBatchThatTellsWaitsForTheDisk() throws {
        let hub = try TestHub()
        // The tests' own server waits for no disk.
        try hub.connection.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database()); END $$")
        let connection = try Connection(hub.conninfo)
        var settings: [String] = []
        let projector = Projector(connection, progress: { progress in
            if progress.phase == .folding { settings.append(try connection.query("SHOW synchronous_commit").text(0, 0) ?? "") }
        }) { TwinProjection() }
        try projector.once()
        settings = []
        try hub.append("map", [NewEvent("building.described", "building/1", "{}")])
        try projector.once()
        try hub.append("map", [NewEvent("building.described", "building/1", "{}")])
        try projector.once()
        #expect(settings == ["on", "off"])
    }

    @Test func changesAreKeptForThirtyDaysAndTheLastForEver() throws {
        let hub = try TestHub()
        let projector = try hub.projector()
        try projector.once()
        for floors in 1...3 {
            try hub.append("map", [NewEvent("building.described", "building/1", #"{"floors":\#(floors)}"#)])
            try projector.once()
            try hub.connection.execute("UPDATE hub.twin_change SET recorded_at = now() - interval '31 days'")
        }
        #expect(try hub.rows("SELECT position, type FROM hub.twin_change") == ["4|building.changed"])
    }
}
