import EventLog
import PostgresClient

extension Doctor {
    /// What the hub owes to people: keys that can be found again, copies that end, erasures that were finished.
    static let personalConditions: [Condition] = [
        Condition(
            name: "key-backup", needs: .log,
            remedy: "Run `twinhub keys backup --to DIR` on another medium than the data's backups, and `twinhub keys check --from DIR/NAME` where it is kept."
        ) { exam in
            let rows = try exam.server().query(
                """
                SELECT (SELECT count(*) FROM hub.subject_key), count(b.name), count(*) FILTER (WHERE c.current), count(*) FILTER (WHERE c.current AND b.checked_at IS NOT NULL)
                  FROM (VALUES (1)) one LEFT JOIN hub.key_backup b ON b.expires_at > now()
                  LEFT JOIN LATERAL (SELECT b.sealing = k.digest AS current FROM hub.key_check k WHERE k.name = 'sealing.key') c ON true
                """)
            let keys = rows.int(0, 0) ?? 0
            if keys == 0 { return .ok("nothing is sealed") }
            if rows.int(0, 1) == 0 { return .warning("\(keys) keys of people hang on sealing.key, of which there is no copy.") }
            if rows.int(0, 2) == 0 { return .warning("sealing.key was changed since the last backup of the keys: no copy of the one that holds now.") }
            return rows.int(0, 3) == 0 ? .warning("No backup of the keys was ever checked.") : .ok("the keys have a checked copy")
        },
        Condition(
            name: "expired-keys", needs: .log,
            remedy: "Destroy them where they are kept: `twinhub keys destroy --from DIR/NAME`. Until then they can bring back what was erased."
        ) { exam in
            let rows = try exam.server().query("SELECT string_agg(folder, ', ' ORDER BY taken_at) FROM hub.key_backup WHERE expires_at < now()")
            return rows.text(0, 0).map { .warning("Backups of keys are past their day: \($0)") } ?? .ok("no backup of keys is past its day")
        },
        Condition(
            name: "expired-quarantine", needs: .log, remedy: "Run `twinhub project` or any adapter: both destroy refused records with personal data after 90 days."
        ) { exam in
            let rows = try exam.server().query("SELECT count(*) FROM hub.quarantine WHERE sealed AND recorded_at < now() - interval '91 days'")
            let count = rows.int(0, 0) ?? 0
            return count > 0 ? .warning("\(count) refused records with personal data are older than 90 days.") : .ok("no refused record is kept too long")
        },
        Condition(
            name: "unfinished-erasure", needs: .log, remedy: "Run `twinhub subject erase` again for each of them: it goes on where it was cut off."
        ) { exam in
            let rows = try exam.server().query(
                "SELECT string_agg(subject, ', ' ORDER BY id) FROM hub.erasure WHERE finished_at IS NULL AND readmitted_at IS NULL AND erased_at < now() - interval '10 minutes'")
            return rows.text(0, 0).map { .critical("The erasure of \($0) was cut off.") } ?? .ok("every erasure was finished")
        },
    ]
}
