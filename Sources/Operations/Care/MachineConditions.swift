import EventLog
import Foundation
import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Doctor {
    /// This machine: disk, clock, keys; and what would be left of them after a fire.
    static let machineConditions: [Condition] = [
        Condition(
            name: "disk-space", needs: .nothing,
            remedy: "Free some room, archive old partitions (`twinhub log archive LEAF --to DIR --drop`), or move the hub to a larger disk."
        ) { exam in
            guard exam.isEmbedded, let space = DiskSpace(at: exam.home.state) else { return .skipped("The server's disk is not this machine's.") }
            let reserve = space.reserve(exam.environment)
            let seen = "\(sizeText(space.free)) of \(sizeText(space.total)) are free; adapters pause below \(sizeText(reserve))"
            return space.free < reserve ? .critical(seen) : space.free < 2 * reserve ? .warning(seen) : .ok(seen)
        },
        Condition(
            name: "disk-days", needs: .log,
            remedy: "Plan for a larger disk, or archive old partitions now: `twinhub log archive LEAF --to DIR --drop`."
        ) { exam in
            guard exam.isEmbedded, let space = DiskSpace(at: exam.home.state) else { return .skipped("The server's disk is not this machine's.") }
            // What a fact takes with everything around it, times the facts a day of the last week.
            let rows = try exam.server().query(
                """
                SELECT pg_database_size(current_database()) / greatest(b.facts - a.facts, 1)::float8 * b.recent
                       / greatest(extract(epoch FROM least(now() - b.since, interval '7 days')) / 86400, 1)
                  FROM (SELECT sum(events) AS facts, coalesce(sum(events) FILTER (WHERE recorded_at > now() - interval '7 days'), 0) AS recent,
                               min(recorded_at) AS since FROM hub.batch) b,
                       (SELECT coalesce(sum(rows), 0) AS facts FROM hub.leaf_status WHERE NOT is_here) a
                """)
            guard let growth = rows.double(0, 0), growth >= 1 else { return .ok("nothing was added in the last week") }
            let days = Double(max(space.free - space.reserve(exam.environment), 0)) / growth
            let seen = "at \(sizeText(Int(growth))) a day, as in the last week, the disk lasts for \(days > 3650 ? "more than ten years" : "\(Int(days)) days")"
            let limits = exam.limits.daysOfDisk
            return days < limits.critical ? .critical(seen) : days < limits.warning ? .warning(seen) : .ok(seen)
        },
        Condition(
            name: "clock", needs: .server,
            remedy: "Set both clocks by NTP (timedatectl set-ntp true)."
        ) { exam in
            let before = exam.clock()
            let server = try exam.server().query("SELECT extract(epoch FROM clock_timestamp())").double(0, 0) ?? 0
            let middle = (before.timeIntervalSince1970 + exam.clock().timeIntervalSince1970) / 2
            let offset = server - middle
            let limits = exam.limits.clock_s
            return .rising(
                abs(offset), warning: limits.warning, critical: limits.critical,
                String(format: "the server's clock and this machine's are %.1f s apart", abs(offset)))
        },
        Condition(
            name: "future-times", needs: .log,
            remedy: "The server's clock was put back. Facts keep their order; times noted meanwhile are wrong, and none are noted until the clock has caught up."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT greatest((SELECT max(recorded_at) FROM (SELECT recorded_at FROM hub.batch ORDER BY id DESC LIMIT 1000) b),
                                (SELECT max(at) FROM hub.tick)), clock_timestamp()
                """)
            guard let latest = rows.timestamp(0, 0), let now = rows.timestamp(0, 1) else { return .ok("nothing was recorded yet") }
            let ahead = Double(latest.microseconds - now.microseconds) / 1e6
            return ahead > exam.limits.clock_s.warning
                ? .warning("The latest time that was recorded lies \(duration(ahead)) in the future.") : .ok("no recorded time lies in the future")
        },
        Condition(name: "keys", needs: .log, remedy: KeyFiles.remedy) { exam in
            let noted = try KeyFiles.noted(on: try exam.server())
            let problems = try KeyFiles(exam.home).problems(with: noted)
            if !problems.isEmpty { return .critical("\(problems.joined(separator: ", ")) (\(exam.home.keys))") }
            return .ok(noted.isEmpty ? "none were used yet" : "\(noted.count) keys are there, the same as ever")
        },
        Condition(name: "secrets", needs: .nothing, remedy: "Run chmod 600 on the files and chmod 700 on the folders named.") { exam in
            var open: [String] = []
            for folder in [exam.home.keys, exam.home.roles] {
                let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
                for path in [folder] + files.sorted().map({ "\(folder)/\($0)" }) {
                    var facts = stat()
                    if lstat(path, &facts) == 0, facts.st_mode & 0o077 != 0 { open.append(path) }
                }
            }
            return open.isEmpty ? .ok("keys and passwords can be read by their owner alone") : .critical("Others may read \(open.joined(separator: ", ")).")
        },
        Condition(
            name: "backup", needs: .log,
            remedy: "Run `twinhub backup --to DIR` every day, on another disk, and carry it to another machine."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT b.name, extract(epoch FROM now() - b.taken_at) / 86400, EXISTS (SELECT FROM hub.batch)
                  FROM (VALUES (1)) one LEFT JOIN hub.backup b ON true ORDER BY b.taken_at DESC LIMIT 1
                """)
            guard let name = rows.text(0, 0), let days = rows.double(0, 1) else {
                return rows.bool(0, 2) ? .warning("There is no backup.") : .ok("there is nothing to back up yet")
            }
            return .rising(
                days, warning: exam.limits.backupDays.warning, critical: exam.limits.backupDays.critical, "\(name) was taken \(duration(days * 86400)) ago")
        },
        Condition(
            name: "rehearsal", needs: .log,
            remedy: "Run `twinhub restore --rehearse --from DIR`: a backup that was never restored is a hope."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT count(*), extract(epoch FROM now() - max(rehearsed_at)) / 86400, max(rehearsal_seconds) FILTER (WHERE rehearsed_at = latest)
                  FROM hub.backup, (SELECT max(rehearsed_at) AS latest FROM hub.backup) l
                """)
            if rows.int(0, 0) == 0 { return .skipped("There is no backup.") }
            guard let days = rows.double(0, 1) else { return .warning("No backup was ever tried.") }
            let seen = "a backup was restored as a rehearsal \(duration(days * 86400)) ago, in \(duration(rows.double(0, 2) ?? 0))"
            return days > exam.limits.rehearsalDays ? .warning(seen) : .ok(seen)
        },
    ]
}
