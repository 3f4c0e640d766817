import EventLog
import Foundation
import PostgresClient

extension Doctor {
    /// The PostgreSQL server, whatever it serves.
    static let serverConditions: [Condition] = [
        Condition(
            name: "server", needs: .nothing,
            remedy: "Look into the server's log (`twinhub server status` says where); where TWINHUB_DATABASE is set, check that address and its account."
        ) { exam in
            guard let connection = exam.connection else { return .critical(exam.refusal ?? "The server cannot be reached.") }
            return .ok("PostgreSQL \(try connection.query("SHOW server_version").text(0, 0) ?? "") answers")
        },
        Condition(
            name: "schema", needs: .server,
            remedy: "Run `twinhub migrate`; where a newer twinhub has been at work, use that one."
        ) { exam in
            do {
                try Migrations.check(on: try exam.server())
            } catch let error as LogError {
                return .critical(error.message)
            }
            return .ok("up to date, \(Migrations.steps.count) migrations")
        },
        Condition(
            name: "versions", needs: .server,
            remedy: """
                Install the programs and libpq of the server's major version (postgresql-client). For PostGIS: \
                SELECT postgis_extensions_upgrade() in `twinhub psql`.
                """
        ) { exam in
            let connection = try exam.server()
            let server = connection.serverVersion / 10_000
            guard server >= PostgresInstallation.oldestMajorVersion else {
                return .critical("The server is PostgreSQL \(server); twinhub needs \(PostgresInstallation.oldestMajorVersion) or newer.")
            }
            var problems: [String] = []
            if exam.libraryVersion / 10_000 < server { problems.append("libpq is of version \(exam.libraryVersion / 10_000), the server of \(server)") }
            let extensions = try connection.query(
                "SELECT name, installed_version, default_version FROM pg_available_extensions WHERE name = 'postgis' AND installed_version <> default_version")
            if let name = extensions.text(0, 0) {
                problems.append("\(name) \(extensions.text(0, 1) ?? "") is in the database, \(extensions.text(0, 2) ?? "") on the disk")
            }
            return problems.isEmpty ? .ok("server, libpq and PostGIS fit together") : .warning(problems.joined(separator: "; "))
        },
        Condition(
            name: "durability", needs: .server,
            remedy: """
                Set fsync, full_page_writes and synchronous_commit to on: without them a power cut loses or destroys what was committed. \
                Checksums: stop the server and run pg_checksums --enable.
                """
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums') AND setting = 'off'
                 ORDER BY name
                """)
            let off = (0..<rows.count).compactMap { rows.text($0, 0) }
            if off.isEmpty { return .ok("fsync, full_page_writes, synchronous_commit and checksums are on") }
            let seen = "off: " + off.joined(separator: ", ")
            return off.contains("fsync") || off.contains("full_page_writes") ? .critical(seen) : .warning(seen)
        },
        Condition(
            name: "wraparound", needs: .server,
            remedy: """
                Set autovacuum to on, end what keeps old transactions open (idle sessions, replication slots, prepared transactions), \
                and run VACUUM (FREEZE) in the database named.
                """
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT datname, greatest(age(datfrozenxid), mxid_age(datminmxid)), current_setting('autovacuum')
                  FROM pg_database ORDER BY 2 DESC LIMIT 1
                """)
            let age = rows.double(0, 1) ?? 0
            let seen = "oldest transaction in \(rows.text(0, 0) ?? ""): \(Int(age / 1e6)) million ago"
            let limits = exam.limits.transactionAge
            if rows.text(0, 2) == "off" { return .rising(age, warning: 0, critical: limits.critical, "autovacuum is off; \(seen)") }
            return .rising(age, warning: limits.warning, critical: limits.critical, seen)
        },
        Condition(
            name: "replication-slots", needs: .server,
            remedy: "Bring the reader of the slot back, or drop it: SELECT pg_drop_replication_slot('…'). Until then its journal fills the disk."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT slot_name, active, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 AS held FROM pg_replication_slots
                 ORDER BY held DESC
                """)
            guard let name = rows.text(0, 0), let held = rows.double(0, 2) else { return .ok("none") }
            let seen = "\(name)\(rows.bool(0, 1) ? "" : ", which nobody reads,") holds \(sizeText(Int(held))) of journal"
            return .rising(held, warning: exam.limits.slotBytes.warning, critical: exam.limits.slotBytes.critical, seen)
        },
        Condition(
            name: "connections", needs: .server,
            remedy: "See who they are: SELECT usename, application_name, state FROM pg_stat_activity. End what is not needed, or raise max_connections."
        ) { exam in
            let rows = try exam.server().query(
                "SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity WHERE backend_type = 'client backend'")
            let (used, most) = (rows.double(0, 0) ?? 0, rows.double(0, 1) ?? 1)
            return .rising(
                used / most, warning: exam.limits.connectionShare.warning, critical: exam.limits.connectionShare.critical,
                "\(Int(used)) of \(Int(most)) are in use")
        },
        Condition(
            name: "idle-transaction", needs: .server,
            remedy: "End the session: SELECT pg_terminate_backend(pid). An open transaction keeps old rows on the disk and can hold up a rebuild's switch."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT pid, coalesce(usename, ''), coalesce(application_name, ''), extract(epoch FROM clock_timestamp() - state_change) FROM pg_stat_activity
                 WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid() ORDER BY state_change LIMIT 1
                """)
            guard let pid = rows.int(0, 0), let age = rows.double(0, 3) else { return .ok("none") }
            return .rising(
                age, warning: exam.limits.idle_s.warning, critical: exam.limits.idle_s.critical,
                "process \(pid) of \(rows.text(0, 1) ?? "") (\(rows.text(0, 2) ?? "")) has been idle in a transaction for \(duration(age))")
        },
    ]
}
