import EventLog
import PostgresClient

extension Doctor {
    /// Who reads, and whether they come along.
    static let streamConditions: [Condition] = [
        Condition(
            name: "consumer", needs: .log,
            remedy: "See SELECT * FROM hub.consumers in `twinhub psql`. Start the service again; what nobody reads any more: SELECT hub.unsubscribe(NAME)."
        ) { exam in
            let rows = try exam.server().query("SELECT name, lag_facts, lag_seconds, cardinality(members) FROM hub.consumers ORDER BY lag_seconds DESC LIMIT 1")
            guard let name = rows.text(0, 0) else { return .ok("nobody has subscribed") }
            let lag = rows.double(0, 2) ?? 0
            guard rows.int(0, 1) != 0 else { return .ok("every consumer is up to date") }
            return .rising(
                lag, warning: exam.limits.consumer_s.warning, critical: exam.limits.consumer_s.critical,
                "\(name) is \(rows.int(0, 1) ?? 0) facts behind, the oldest of \(duration(lag)) ago; \(rows.int(0, 3) ?? 0) processes read it")
        },
        Condition(
            name: "webhook", needs: .log,
            remedy: "See `twinhub webhook list`. Mend the receiver, then `twinhub webhook resume NAME`, and `twinhub webhook replay NAME` for dead letters."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT w.name, coalesce('paused: ' || w.pause_reason, CASE WHEN w.attempts >= 5 THEN format('failed %s times: %s', w.attempts, w.last_failure) END,
                       format('%s dead letters', d.letters))
                  FROM hub.webhook w
                 CROSS JOIN LATERAL (SELECT count(*) AS letters FROM hub.dead_letter l WHERE l.webhook = w.name AND l.replayed_at IS NULL) d
                 WHERE w.paused_at IS NOT NULL OR w.attempts >= 5 OR d.letters > 0 ORDER BY w.name
                """)
            guard rows.count > 0 else { return .ok("every webhook is taken") }
            return .warning((0..<rows.count).map { "\(rows.text($0, 0) ?? "") (\(rows.text($0, 1) ?? ""))" }.joined(separator: "; "))
        },
    ]
}
