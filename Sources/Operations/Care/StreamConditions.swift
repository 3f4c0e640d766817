import EventLog
import PostgresClient

extension Doctor {
    /// Who reads, whether they come along, and who may come from elsewhere.
    static let streamConditions: [Condition] = [
        Condition(
            name: "door", needs: .server,
            remedy: "Name only the networks that need it: `twinhub server expose --address A --from CIDR`; `twinhub server expose --off` closes it."
        ) { exam in
            guard exam.isEmbedded else { return .ok("the server is not the hub's own: see to its pg_hba.conf") }
            guard let door = try ServerDoor.open(in: exam.home.server.folder) else { return .ok("nobody reaches the server from another machine") }
            let rows = try exam.server().query(
                """
                SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_roles r
                 WHERE r.rolcanlogin AND EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                                                  WHERE m.member = r.oid AND g.rolname IN (current_database() || '_analyst', current_database() || '_consumer'))
                """)
            let seen = "\(door.address), port \(door.port), is open to \(door.networks.joined(separator: ", ")) for \(rows.text(0, 0) ?? "nobody yet")"
            return door.isForEveryone ? .warning(seen + ": that is everyone on the net") : .ok(seen)
        },
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
