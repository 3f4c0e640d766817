import EventLog
import Testing

@testable import DigitalTwin
@testable import Projections

/// Clocks of cases, computed by hand with a printed calendar beside.
@Suite struct ClockTests {
    /// number | calendar | limit | received | what else happened | due: the end of that day, else a moment.
    private static let table = """
        1 | cn | 5 working_day | 2024-02-08T10:00+08 | | 2024-02-21
        2 | cn | 1 working_day | 2024-02-09T10:00+08 | | 2024-02-18
        3 | cn | 1 working_day | 2024-02-12T10:00+08 | | 2024-02-18
        4 | cn | 2 working_day | 2024-02-02T10:00+08 | | 2024-02-05
        5 | cn | 1 working_day | 2024-02-03T10:00+08 | | 2024-02-04
        6 | cn | 1 working_day | 2023-12-29T10:00+08 | | 2024-01-02
        7 | cn | 2 working_day | 2024-04-03T10:00+08 | | 2024-04-08
        8 | cn | 5 working_day | 2024-04-26T10:00+08 | | 2024-05-07
        9 | cn | 1 working_day | 2024-05-10T10:00+08 | | 2024-05-11
        10 | cn | 1 working_day | 2024-05-11T10:00+08 | | 2024-05-13
        11 | cn | 1 working_day | 2024-06-07T10:00+08 | | 2024-06-11
        12 | cn | 3 working_day | 2024-09-13T10:00+08 | | 2024-09-19
        13 | cn | 5 working_day | 2024-09-27T10:00+08 | | 2024-10-10
        14 | cn | 2 working_day | 2024-10-11T10:00+08 | | 2024-10-14
        15 | cn | 1 working_day | 2024-12-31T10:00+08 | | 2025-01-02
        16 | cn | 3 working_day | 2025-01-24T10:00+08 | | 2025-02-05
        17 | cn | 3 working_day | 2025-02-05T10:00+08 | | 2025-02-08
        18 | cn | 1 working_day | 2025-04-03T10:00+08 | | 2025-04-07
        19 | cn | 4 working_day | 2025-04-25T10:00+08 | | 2025-04-30
        20 | cn | 1 working_day | 2025-04-30T10:00+08 | | 2025-05-06
        21 | cn | 1 working_day | 2025-05-30T10:00+08 | | 2025-06-03
        22 | cn | 5 working_day | 2025-09-26T10:00+08 | | 2025-10-10
        23 | cn | 3 working_day | 2025-10-09T10:00+08 | | 2025-10-13
        24 | cn | 2 working_day | 2025-12-31T10:00+08 | | 2026-01-05
        25 | cn | 2 working_day | 2026-02-13T10:00+08 | | 2026-02-24
        26 | cn | 2 working_day | 2026-02-27T10:00+08 | | 2026-03-02
        27 | cn | 1 working_day | 2026-04-03T10:00+08 | | 2026-04-07
        28 | cn | 5 working_day | 2026-04-30T10:00+08 | | 2026-05-11
        29 | cn | 1 working_day | 2026-06-18T10:00+08 | | 2026-06-22
        30 | cn | 7 working_day | 2026-09-18T10:00+08 | | 2026-09-29
        31 | cn | 4 working_day | 2026-09-30T10:00+08 | | 2026-10-12
        32 | cn | 1 working_day | 2026-12-31T10:00+08 | | 2027-01-01 assumed
        33 | cn | 1 working_day | 2025-03-03T23:59:59+08:00 | | 2025-03-04
        34 | cn | 1 working_day | 2025-03-04T00:00+08 | | 2025-03-05
        35 | cn | 1 working_day | 2025-03-03T17:30:00Z | | 2025-03-05
        36 | urumqi | 1 working_day | 2025-03-03T17:30:00Z | | 2025-03-04
        37 | cn | 2 hour | 2025-01-28T09:15+08 | | 2025-01-28T11:15+08
        38 | cn | 24 hour | 2025-03-03T10:00+08 | | 2025-03-04T10:00+08
        39 | new-york | 24 hour | 2025-03-08T12:00:00-05:00 | | 2025-03-09T13:00:00-04:00
        40 | new-york | 1 day | 2025-03-08T12:00:00-05:00 | | 2025-03-10T00:00:00-04:00
        41 | new-york | 1 day | 2025-11-01T12:00:00-04:00 | | 2025-11-03T00:00:00-05:00
        42 | cn | 7 day | 2025-01-28T10:00+08 | | 2025-02-04
        43 | cn | 15 day | 2024-02-20T10:00+08 | | 2024-03-06
        44 | cn | 24 hour | 2025-03-03T10:00+08 | shelved 2025-03-03T15:00+08, progressed 2025-03-05T09:00+08 | 2025-03-06T04:00+08
        45 | cn | 5 working_day | 2025-03-03T10:00+08 | shelved 2025-03-05T10:00+08, progressed 2025-03-10T09:00+08 | 2025-03-13
        46 | cn | 5 working_day | 2025-03-03T10:00+08 | shelved 2025-03-05T10:00+08, progressed 2025-03-05T16:00+08 | 2025-03-10
        47 | cn | 7 day | 2025-03-03T10:00+08 | shelved 2025-03-05T10:00+08, progressed 2025-03-08T10:00+08 | 2025-03-13
        48 | cn | 3 working_day | 2025-03-03T10:00Z | shelved 2025-03-04T10:00Z, progressed 2025-03-05T10:00Z, shelved 2025-03-06T10:00Z, accepted 2025-03-07T10:00Z | 2025-03-10
        49 | cn | 1 working_day | 2025-03-03T10:00+08 | shelved 2025-03-06T10:00+08, progressed 2025-03-10T10:00+08 | 2025-03-04
        50 | cn | 3 working_day | 2025-04-29T10:00+08 | shelved 2025-04-30T10:00+08, progressed 2025-05-07T09:00+08 | 2025-05-09
        51 | cn | 5 working_day +10 | 2025-03-03T10:00+08 | extended 2025-03-07T10:00+08 | 2025-03-24
        52 | cn | 5 working_day +10 | 2025-03-03T10:00+08 | extended 2025-03-07T10:00+08, extended 2025-03-12T10:00+08 | 2025-03-24
        53 | cn | 1 working_day +10 | 2025-03-03T10:00+08 | extended 2025-03-06T10:00+08 | 2025-03-04
        54 | cn | 5 working_day +10 | 2025-03-03T10:00+08 | extended 2025-03-07T10:00+08 2025-03-28T17:00+08 | 2025-03-28T17:00+08
        55 | cn | 5 working_day +10 | 2025-09-24T10:00+08 | extended 2025-09-30T09:00+08 | 2025-10-21
        56 | cn | 2 working_day +2 | 2025-03-03T10:00+08 | extended 2025-03-04T10:00+08, shelved 2025-03-06T10:00+08, progressed 2025-03-11T10:00+08 | 2025-03-12
        58 | new-york | 3 hour | 2025-11-01T23:30:00-04:00 | | 2025-11-02T01:30:00-05:00
        59 | new-york | 2 day +1 | 2025-03-07T12:00:00-05:00 | extended 2025-03-08T12:00:00-05:00 | 2025-03-11T00:00:00-04:00
        60 | new-york | 24 hour | 2025-11-01T12:00:00-04:00 | shelved 2025-11-02T00:30:00-04:00, progressed 2025-11-02T01:30:00-05:00 | 2025-11-02T13:00:00-05:00
        57 | cn | 3 working_day | 2025-03-03T10:00+08 | closed 2025-03-04T10:00+08, reopened 2025-03-10T10:00+08 | 2025-03-13
        """

    private struct Row {
        let number, calendar, limit, received, due: String
        let events: [[Substring]]

        init(_ line: Substring) {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0.trimmingPrefix(while: \.isWhitespace)).trimmed }
            (number, calendar, limit, received, due) = (cells[0], cells[1], cells[2], cells[3], cells[5])
            events = cells[4].split(separator: ",").map { $0.split(separator: " ") }
        }

        var facts: [NewEvent] {
            [NewEvent("case.received", "case/\(number)", at: received, #"{"category":"\#(number)"}"#)] + events.map { event in
                NewEvent("case.\(event[0])", "case/\(number)", at: String(event[1]), event.count > 2 ? #"{"due_at":"\#(event[2])"}"# : "{}")
            }
        }

        /// A limit of its own, by its category.
        var rule: String {
            let words = limit.split(separator: " ")
            return "('\(calendar)', 'answer', '\(number)', 'received', '{answered,closed}', \(words[0]), '\(words[1])', \(words.count > 2 ? String(words[2].dropFirst()) : "0"), 1, 'test')"
        }
    }

    private static let zones = ["cn": "Asia/Shanghai", "urumqi": "Asia/Urumqi", "new-york": "America/New_York"]

    /// Over holidays, make-up days, zones, changes of the clocks, times on the shelf, and extensions.
    @Test func sixtyCasesByHand() throws {
        let rows = Self.table.split(separator: "\n").map(Row.init)
        let hub = try TestHub()
        try hub.connection.execute(
            """
            INSERT INTO hub.calendar (name, zone, known_from, known_to, basis)
            SELECT 'urumqi', 'Asia/Urumqi', known_from, known_to, 'as cn' FROM hub.calendar WHERE name = 'cn' UNION ALL
            SELECT 'new-york', 'America/New_York', NULL, NULL, 'no holidays';
            INSERT INTO hub.calendar_day SELECT 'urumqi', day, is_working, name, basis FROM hub.calendar_day WHERE calendar = 'cn';
            INSERT INTO hub.case_scheme SELECT name, name, name FROM hub.calendar;
            INSERT INTO hub.case_limit (scheme, clock, category, starts_at, met_by, amount, unit, extension, extensions_max, basis)
            VALUES \(rows.map(\.rule).joined(separator: ", "))
            """)
        for (calendar, cases) in Dictionary(grouping: rows, by: \.calendar) { try hub.append(calendar, cases.flatMap(\.facts)) }
        try hub.projector().once()
        for row in rows {
            let found = try hub.rows(
                """
                SELECT CASE WHEN '\(row.due)' !~ 'T' THEN ((due_at AT TIME ZONE '\(Self.zones[row.calendar] ?? "")') - interval '1 day')::text ||
                            CASE WHEN is_assumed THEN ' assumed' ELSE '' END
                            ELSE (due_at = '\(row.due.contains("T") ? row.due : "now")')::text END
                  FROM twin.case_clock_at('2027-06-01T00:00:00Z') WHERE case_id = '\(row.calendar):\(row.number)' ORDER BY started_at DESC LIMIT 1
                """)
            let words = row.due.split(separator: " ")
            // The first year's last days are before the calendar begins.
            let assumed = words.count > 1 || row.number == "6" ? " assumed" : ""
            #expect(found == [!row.due.contains("T") ? "\(words[0]) 00:00:00\(assumed)" : "true"], "case \(row.number)")
        }
    }

    /// What was published, by what can be checked without the notices: names of the days, how many, and that days off on weekdays less
    /// make-up days are that year's statutory holidays: 11, and 13 from 2025 on.
    @Test func theChineseCalendarAddsUp() throws {
        let hub = try TestHub()
        #expect(try hub.rows(
            """
            SELECT extract(year FROM day), count(*) FILTER (WHERE NOT is_working), count(*) FILTER (WHERE is_working),
                   count(*) FILTER (WHERE NOT is_working AND extract(isodow FROM day) < 6) - count(*) FILTER (WHERE is_working)
              FROM hub.calendar_day WHERE calendar = 'cn' GROUP BY 1 ORDER BY 1
            """) == ["2024|28|8|11", "2025|28|5|13", "2026|33|6|13"])
        #expect(try hub.rows("SELECT day FROM hub.calendar_day WHERE is_working AND extract(isodow FROM day) < 6") == [])
        #expect(try hub.rows("SELECT extract(year FROM day), count(*) FROM hub.working_day WHERE calendar = 'cn' AND is_working AND is_known GROUP BY 1 ORDER BY 1")
            == ["2024|251", "2025|248", "2026|248"])
    }

    /// The State Council's notices, written down once more from their printed texts: holidays as spans, then the days of work that make up for them.
    private static let notices = """
        元旦 2024-01-01 2024-01-01 |
        春节 2024-02-10 2024-02-17 | 2024-02-04 2024-02-18
        清明节 2024-04-04 2024-04-06 | 2024-04-07
        劳动节 2024-05-01 2024-05-05 | 2024-04-28 2024-05-11
        端午节 2024-06-10 2024-06-10 |
        中秋节 2024-09-15 2024-09-17 | 2024-09-14
        国庆节 2024-10-01 2024-10-07 | 2024-09-29 2024-10-12
        元旦 2025-01-01 2025-01-01 |
        春节 2025-01-28 2025-02-04 | 2025-01-26 2025-02-08
        清明节 2025-04-04 2025-04-06 |
        劳动节 2025-05-01 2025-05-05 | 2025-04-27
        端午节 2025-05-31 2025-06-02 |
        国庆节、中秋节 2025-10-01 2025-10-08 | 2025-09-28 2025-10-11
        元旦 2026-01-01 2026-01-03 | 2026-01-04
        春节 2026-02-15 2026-02-23 | 2026-02-14 2026-02-28
        清明节 2026-04-04 2026-04-06 |
        劳动节 2026-05-01 2026-05-05 | 2026-05-09
        端午节 2026-06-19 2026-06-21 |
        中秋节 2026-09-25 2026-09-27 |
        国庆节 2026-10-01 2026-10-07 | 2026-09-20 2026-10-10
        """

    @Test func theChineseCalendarIsThatOfTheNotices() throws {
        let hub = try TestHub()
        let shipped = try hub.rows(
            """
            SELECT concat_ws(' ', name, min(day) FILTER (WHERE NOT is_working), max(day) FILTER (WHERE NOT is_working)) || ' |' ||
                   coalesce(' ' || string_agg(day::text, ' ' ORDER BY day) FILTER (WHERE is_working), '')
              FROM hub.calendar_day WHERE calendar = 'cn' GROUP BY extract(year FROM day), name ORDER BY min(day) FILTER (WHERE NOT is_working)
            """)
        #expect(shipped == Self.notices.split(separator: "\n").map(String.init))
        #expect(try hub.rows("SELECT basis LIKE '%已与刊载的通知全文核对' FROM hub.calendar WHERE name = 'cn'") == ["t"])
    }

    /// One case and its clock at several moments, also past ones; the limit that holds is that of the start's day, the urgency and the category.
    @Test func aClockAtAnyMoment() throws {
        let hub = try TestHub()
        try hub.connection.execute(
            """
            INSERT INTO hub.case_scheme VALUES ('*', 'office', 'cn');
            INSERT INTO hub.case_limit (scheme, clock, runs_for, category, urgency, starts_at, met_by, amount, unit, valid, basis) VALUES
                ('office', 'answer', 'handler', NULL, NULL, 'received', '{answered,closed}', 9, 'working_day', '(,2025-03-01)', 'test'),
                ('office', 'answer', 'handler', NULL, NULL, 'received', '{answered,closed}', 5, 'working_day', '[2025-03-01,)', 'test'),
                ('office', 'answer', 'handler', 'gas', NULL, 'received', '{answered,closed}', 2, 'working_day', '(,)', 'test'),
                ('office', 'answer', 'handler', 'gas', 'urgent', 'received', '{answered,closed}', 2, 'hour', '(,)', 'test'),
                ('office', 'accept', 'handler', NULL, NULL, 'dispatched', '{accepted}', 4, 'hour', '(,)', 'test'),
                ('office', 'close', 'department', NULL, NULL, 'received', '{closed}', 15, 'day', '(,)', 'test')
            """)
        try hub.append("hotline", [
            NewEvent("case.received", "case/1", at: "2025-03-03T10:00:00+08:00", #"{"category":"lift","department":"housing"}"#),
            NewEvent("case.dispatched", "case/1", at: "2025-03-03T11:00:00+08:00", #"{"handler":"a"}"#),
            NewEvent("case.dispatched", "case/1", at: "2025-03-03T14:00:00+08:00", #"{"handler":"b"}"#),
            NewEvent("case.accepted", "case/1", at: "2025-03-03T20:00:00+08:00"),
            NewEvent("case.shelved", "case/1", at: "2025-03-05T10:00:00+08:00"),
            NewEvent("case.progressed", "case/1", at: "2025-03-10T10:00:00+08:00"),
            NewEvent("case.answered", "case/1", at: "2025-03-14T10:00:00+08:00"),
            NewEvent("case.closed", "case/1", at: "2025-03-15T10:00:00+08:00"),
            NewEvent("case.received", "case/2", at: "2025-02-28T10:00:00+08:00", #"{"category":"lift"}"#),
            NewEvent("case.received", "case/3", at: "2025-03-03T10:00:00+08:00", #"{"category":"gas"}"#),
            NewEvent("case.received", "case/4", at: "2025-03-03T10:00:00+08:00", #"{"category":"gas","urgency":"urgent"}"#),
            NewEvent("case.received", "case/5", at: "2025-03-03T10:00:00+08:00", #"{"due_at":"2025-03-20T10:00:00+08:00"}"#),
        ])
        try hub.projector().once()
        func clocks(_ number: Int, _ clock: String, at moment: String) throws -> [String] {
            try hub.rows(
                """
                SELECT responsible, to_char(due_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI'), state, (extract(epoch FROM remaining) / 3600)::integer
                  FROM twin.case_clock_at('\(moment)')
                 WHERE case_id = 'hotline:\(number)' AND clock = '\(clock)' ORDER BY started_at
                """)
        }
        #expect(try clocks(1, "answer", at: "2025-03-03T09:00:00+08:00") == [])
        #expect(try clocks(1, "answer", at: "2025-03-04T00:00:00+08:00") == ["∅|03-11 00:00|running|168"])
        #expect(try clocks(1, "answer", at: "2025-03-06T00:00:00+08:00") == ["∅|∅|paused|134"])
        #expect(try clocks(1, "answer", at: "2025-03-13T12:00:00+08:00") == ["∅|03-14 00:00|at_risk|12"])
        #expect(try clocks(1, "answer", at: "2025-03-14T08:00:00+08:00") == ["∅|03-14 00:00|overdue|-8"])
        #expect(try clocks(1, "answer", at: "2025-03-14T12:00:00+08:00") == ["∅|03-14 00:00|late|∅"])
        // Given on before it was taken: the first handler's clock stops, the second one's began anew.
        #expect(try clocks(1, "accept", at: "2025-03-04T00:00:00+08:00") == ["a|03-03 15:00|stopped|∅", "b|03-03 18:00|late|∅"])
        // The department's clock goes beside the handler's: fifteen days, and five on the shelf.
        #expect(try clocks(1, "close", at: "2025-03-16T00:00:00+08:00") == ["housing|03-24 00:00|met|∅"])
        #expect(try clocks(2, "answer", at: "2025-03-01T00:00:00+08:00") == ["∅|03-14 00:00|running|312"])
        #expect(try clocks(3, "answer", at: "2025-03-03T11:00:00+08:00") == ["∅|03-06 00:00|running|61"])
        #expect(try clocks(4, "answer", at: "2025-03-03T13:00:00+08:00") == ["∅|03-03 12:00|overdue|-1"])
        #expect(try clocks(5, "stated", at: "2025-03-19T11:00:00+08:00") == ["∅|03-20 10:00|at_risk|23"])
        // An office's limits and calendar are its own: a rebuild of the twin leaves them as they are.
        let before = try hub.rows("SELECT * FROM twin.case_clock_at('2025-03-14T08:00:00+08:00') ORDER BY 1, 2, 5")
        try hub.projector().rebuild()
        #expect(try hub.rows("SELECT * FROM twin.case_clock_at('2025-03-14T08:00:00+08:00') ORDER BY 1, 2, 5") == before)
    }
}

extension String {
    /// Without blanks at its end.
    fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}
