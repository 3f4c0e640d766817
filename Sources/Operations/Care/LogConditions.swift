import EventLog
import Foundation
import PostgresClient

extension Doctor {
    /// Who holds keys of the settled horizon: writers that have announced themselves, and whoever should not.
    private static let horizonKeys = """
        SELECT l.pid, l.mode, ((l.classid::bigint & 65535) << 32) | l.objid::bigint AS position, coalesce(a.usename, '') AS role,
               coalesce(a.application_name, '') AS application, a.xact_start, extract(epoch FROM clock_timestamp() - a.xact_start) AS age,
               l.mode <> 'ShareLock' OR a.xact_start IS NULL AS is_foreign
          FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid::bigint >> 16 = 29800
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """

    /// The log itself: its partitions, its order, its chain.
    static let logConditions: [Condition] = [
        Condition(
            name: "leaf-headroom", needs: .log,
            remedy: """
                Run `SELECT hub.ensure_leaves()` in `twinhub psql`. Every run of an adapter does so: look for who holds hub.event \
                or hub.leaf locked (pg_locks).
                """
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT greatest(coalesce(max(v.last_position), -1) - s.last_value, 0), l.leaf_size FROM hub.log l CROSS JOIN hub.event_position s
                  LEFT JOIN hub.leaf_status v ON v.is_attached GROUP BY s.last_value, l.leaf_size
                """)
            let (free, size) = (rows.double(0, 0) ?? 0, rows.double(0, 1) ?? 1)
            let seen = "partitions are ready for \(Int(free)) more positions"
            let limits = exam.limits.headroom
            return free < limits.critical * size ? .critical(seen) : free < limits.warning * size ? .warning(seen) : .ok(seen)
        },
        Condition(
            name: "unsealed-leaves", needs: .log,
            remedy: "Run `twinhub log seal`. `twinhub project` and `twinhub adapter run` do it: look into what they say at their end."
        ) { exam in
            let due = try Leaves(exam.server()).due()
            let seen = due.isEmpty ? "every full partition has its indexes" : "full and without indexes: \(due.map(\.name).joined(separator: ", "))"
            // One may have become full just now.
            return due.count > 1 ? .warning(seen) : .ok(seen)
        },
        Condition(
            name: "interrupted-archive", needs: .log,
            remedy: "Run `twinhub log archive LEAF --to DIR` again, which goes on where it was cut off, or `twinhub log restore-leaf LEAF`."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT string_agg(name, ', ' ORDER BY first_position) FROM hub.leaf_status WHERE archived_at IS NOT NULL AND (is_attached OR sha256 IS NULL)
                """)
            return rows.text(0, 0).map { .warning("An archiving was cut off: \($0).") } ?? .ok("none")
        },
        Condition(
            name: "chain", needs: .log,
            remedy: "Run `twinhub verify`, if need be with --pinned and heads from another machine: it names the batch. Then compare with a backup."
        ) { exam in
            let connection = try exam.server()
            guard let last = try LastVerification.read(exam.home, on: connection) else {
                let any = try connection.query("SELECT EXISTS (SELECT FROM hub.batch)").bool(0, 0)
                return any ? .warning("The log was never verified from here.") : .ok("there is nothing to verify yet")
            }
            let missing = try last.missing(on: connection)
            if let first = missing.first {
                return .critical(
                    "Batch \(first.batch) of \(first.source), which was in order at the last verification, is gone or has another digest"
                        + (missing.count > 1 ? ", and \(missing.count - 1) others." : "."))
            }
            let seconds = exam.clock().timeIntervalSince(last.at)
            let seen = "verified \(duration(seconds)) ago; \(last.heads.count) heads stand as they did"
            return seconds > exam.limits.verifiedDays * 86400 ? .warning(seen) : .ok(seen)
        },
        Condition(
            name: "epoch", needs: .log,
            remedy: "This log is a copy. Run `twinhub migrate` before anything is appended: it renews the epoch, by which consumers notice."
        ) { exam in
            let rows = try exam.server().query("SELECT epoch, place IS NULL OR place = hub.log_place() FROM hub.log")
            return rows.bool(0, 1)
                ? .ok("\(rows.text(0, 0) ?? ""), begun on this server")
                : .critical("The epoch \(rows.text(0, 0) ?? "") began on another server, timeline or database.")
        },
        Condition(
            name: "open-appender", needs: .log,
            remedy: "See what the writer waits for, or end it: SELECT pg_terminate_backend(pid). Until then nobody reads past it; its batch is pulled again."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT k.pid, coalesce('source ' || s.name || ', ', '') || k.role, k.application, k.xact_start, k.age, k.position FROM (\(horizonKeys)) k
                  LEFT JOIN hub.source s ON s.id = substring(k.role FROM '_adapter_(\\d+)$')::integer
                 WHERE NOT k.is_foreign ORDER BY k.xact_start LIMIT 1
                """)
            guard let pid = rows.int(0, 0), let age = rows.double(0, 4) else { return .ok("none") }
            return .rising(
                age, warning: exam.limits.appender_s.warning, critical: exam.limits.appender_s.critical,
                "process \(pid) of \(rows.text(0, 1) ?? "") (\(rows.text(0, 2) ?? "")), open since \(rows.timestamp(0, 3)?.description ?? "?") "
                    + "(\(duration(age))), holds the horizon at \(rows.int(0, 5) ?? 0)")
        },
        Condition(
            name: "horizon-key", needs: .log,
            remedy: "End the session: SELECT pg_terminate_backend(pid). Only hub.announce() may take these keys; see whose role it is, and why it may take locks."
        ) { exam in
            let rows = try exam.server().query("SELECT pid, role, application, position FROM (\(horizonKeys)) k WHERE is_foreign ORDER BY position LIMIT 1")
            guard let pid = rows.int(0, 0) else { return .ok("nobody holds a key of the horizon but writers") }
            return .critical(
                "Process \(pid) of \(rows.text(0, 1) ?? "") (\(rows.text(0, 2) ?? "")) holds an advisory key of the horizon: nobody reads past position \(rows.int(0, 3) ?? 0).")
        },
    ]
}
