import EventLog
import Foundation
import PostgresClient

extension Doctor {
    /// What flows in, and what is made of it.
    static let flowConditions: [Condition] = [
        Condition(
            name: "stale-source", needs: .log,
            remedy: "Run `twinhub adapter run NAME` and read what it says; `twinhub status` shows each source's last run."
        ) { exam in
            let rows = try exam.server().query(
                """
                WITH pull AS (
                    SELECT source_id, ended_at, ended_at - lag(ended_at) OVER (PARTITION BY source_id ORDER BY ended_at) AS gap
                      FROM hub.run WHERE outcome = 'done' AND ended_at > now() - interval '90 days'
                )
                SELECT s.name, extract(epoch FROM now() - coalesce(max(p.ended_at), s.created_at)) AS silence, count(p.ended_at),
                       extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY p.gap)) AS usual,
                       (SELECT r.outcome FROM hub.run_status r WHERE r.source_id = s.id ORDER BY r.id DESC LIMIT 1) AS attempt
                  FROM hub.source s LEFT JOIN pull p ON p.source_id = s.id
                 WHERE NOT EXISTS (SELECT FROM hub.scenario_state c WHERE c.source_id = s.id) GROUP BY s.id ORDER BY silence DESC
                """)
            let limits = exam.limits
            let stale: [String] = (0..<rows.count).compactMap { row in
                let silence = rows.double(row, 1) ?? 0
                let usual = rows.double(row, 3)
                let limit = usual.map { max(limits.sourceIntervals * $0, limits.sourceSilence_s_min) } ?? limits.sourceSilence_days * 86400
                guard silence > limit else { return nil }
                var words = [rows.int(row, 2) == 0 ? "never pulled in the last 90 days" : "not pulled for \(duration(silence))"]
                if let usual { words.append("usually every \(duration(usual))") }
                if let attempt = rows.text(row, 4), attempt != "done" { words.append("last attempt \(attempt)") }
                return "\(rows.text(row, 0) ?? "") (\(words.joined(separator: ", ")))"
            }
            return stale.isEmpty ? .ok("\(rows.count) sources were pulled as usual") : .warning(stale.joined(separator: "; "))
        },
        Condition(
            name: "quarantine", needs: .log,
            remedy: "See which rule: SELECT rule, message, count(*) FROM hub.quarantine GROUP BY 1, 2 in `twinhub psql`. Mend the manifest, or ask the source's owner."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT s.name, sum(b.rows_refused)::float8, sum(b.rows_refused) / greatest(sum(b.rows_read), 1)::float8 AS share
                  FROM hub.batch b JOIN hub.source s ON s.id = b.source_id WHERE b.recorded_at > now() - interval '1 day'
                 GROUP BY s.name HAVING sum(b.rows_refused) >= $1::float8 ORDER BY share DESC LIMIT 1
                """, [.double(exam.limits.refusedRows_min)])
            guard let name = rows.text(0, 0), let share = rows.double(0, 2) else { return .ok("few records were refused in the last day") }
            return .rising(
                share, warning: exam.limits.refusedShare.warning, critical: exam.limits.refusedShare.critical,
                "of \(name) \(Int(rows.double(0, 1) ?? 0)) records were refused in the last day, \(Int((share * 100).rounded())) %")
        },
        Condition(
            name: "projector", needs: .log,
            remedy: "Run `twinhub project`, or keep `twinhub project --follow` running; if it fails, it says why."
        ) { exam in
            let connection = try exam.server()
            let rows = try connection.query(
                """
                SELECT projector, lag_positions, least(lag_seconds, extract(epoch FROM now() - updated_at)) AS stuck, lag_seconds
                  FROM hub.projector_status ORDER BY stuck DESC LIMIT 1
                """)
            guard let name = rows.text(0, 0), let lag = rows.int(0, 1) else {
                let any = try connection.query("SELECT EXISTS (SELECT FROM hub.batch)").bool(0, 0)
                return any ? .warning("Nobody has folded the log yet.") : .ok("there is nothing to fold yet")
            }
            if lag == 0 { return .ok("\(name) is up to date") }
            let stuck = rows.double(0, 2) ?? 0
            return .rising(
                stuck, warning: exam.limits.projector_s.warning, critical: exam.limits.projector_s.critical,
                "\(name) is \(lag) positions behind, its oldest fact waits for \(duration(rows.double(0, 3) ?? 0)); it has not moved for \(duration(stuck))")
        },
        Condition(
            name: "scenarios", needs: .log,
            remedy: "`twinhub up` keeps them running, or `twinhub scenario run --follow`; if it fails, `twinhub status` and its own output say why."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT c.rules, c.lag_positions, c.lag_seconds, least(c.lag_seconds, extract(epoch FROM now() - c.evaluated_at)) AS stuck,
                       (SELECT CASE WHEN r.outcome IN ('failed', 'lost') THEN r.outcome || coalesce(': ' || r.message, '') END
                          FROM hub.run_status r JOIN hub.source s ON s.id = r.source_id WHERE s.name = c.source ORDER BY r.id DESC LIMIT 1)
                  FROM hub.scenario_status c
                """)
            guard rows.count > 0 else { return .ok("no scenario was ever evaluated here") }
            if let failure = rows.text(0, 4) { return .warning("their last run \(failure)") }
            let lag = rows.int(0, 1) ?? 0
            guard lag > 0 else { return .ok("\(rows.int(0, 0) ?? 0) rules are up to date") }
            return .rising(
                rows.double(0, 3) ?? 0, warning: exam.limits.projector_s.warning, critical: exam.limits.projector_s.critical,
                "\(rows.int(0, 0) ?? 0) rules are \(lag) positions behind, the oldest fact waits for \(duration(rows.double(0, 2) ?? 0))")
        },
        Condition(
            name: "log-rewound", needs: .log,
            remedy: "The log was restored from an older backup. Run `twinhub project --rebuild`, and bring the facts back by running the adapters."
        ) { exam in
            let rows = try exam.server().query(
                "SELECT c.projector, c.position, s.last_value FROM hub.checkpoint c, hub.event_position s WHERE c.position > s.last_value LIMIT 1")
            guard let name = rows.text(0, 0) else { return .ok("no projector is beyond the log's end") }
            return .critical("\(name) has folded up to position \(rows.int(0, 1) ?? 0), but the log ends at \(rows.int(0, 2) ?? 0).")
        },
    ]
}
