import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Testing

@testable import Operations

@Suite struct DoctorTests {
    typealias Examination = Doctor.Examination

    /// How one condition comes about, what is then found, and how it is put right again.
    private struct Case {
        let condition: String
        let state: Doctor.State
        /// Part of what was seen.
        let seen: String
        /// Returns the cure.
        let provoke: (Ward, inout Examination) throws -> () throws -> Void

        init(_ condition: String, _ state: Doctor.State, _ seen: String, _ provoke: @escaping (Ward, inout Examination) throws -> () throws -> Void) {
            self.condition = condition
            self.state = state
            self.seen = seen
            self.provoke = provoke
        }

        /// By statements of the hub's owner.
        static func sql(_ condition: String, _ state: Doctor.State, _ seen: String, _ provoke: String, cure: String) -> Case {
            Case(condition, state, seen) { ward, _ in
                try ward.owner.execute(provoke)
                return { try ward.owner.execute(cure) }
            }
        }

        /// By another session, and its end.
        static func session(
            _ condition: String, _ state: Doctor.State, _ seen: String, _ statement: String, _ limit: @escaping (inout Doctor.Limits) -> Void = { _ in }
        ) -> Case {
            Case(condition, state, seen) { ward, exam in
                let session = try Connection(ward.scratch.server.conninfo(user: statement.contains("INSERT") ? ward.source.role : "twinhub"))
                try session.execute(statement)
                limit(&exam.limits)
                return { try session.execute("ROLLBACK; SELECT pg_advisory_unlock_all()") }
            }
        }

        /// By what the examination is told.
        static func told(_ condition: String, _ state: Doctor.State, _ seen: String, _ change: @escaping (inout Examination) -> Void) -> Case {
            Case(condition, state, seen) { _, exam in
                change(&exam)
                return {}
            }
        }
    }

    private let cases: [Case] = [
        Case("server", .critical, "could not connect|No such file") { _, exam in
            exam.connection = nil
            do throws(PostgresError) { _ = try Connection("host=/nonexistent") } catch { exam.refusal = error.description }
            return {}
        },
        .sql("schema", .critical, "Use a newer twinhub", "INSERT INTO public.twinhub_migration VALUES (999, '0999_later.sql', 'x')",
             cure: "DELETE FROM public.twinhub_migration WHERE number = 999"),
        .sql("schema", .critical, "twinhub migrate", "CREATE TABLE aside AS SELECT * FROM public.twinhub_migration WHERE number > 16; DELETE FROM public.twinhub_migration WHERE number > 16",
             cure: "INSERT INTO public.twinhub_migration SELECT * FROM aside; DROP TABLE aside"),
        .sql("versions", .warning, "postgis 3.0.0 is in the database",
             "CREATE TABLE aside AS SELECT extversion FROM pg_extension WHERE extname = 'postgis'; UPDATE pg_extension SET extversion = '3.0.0' WHERE extname = 'postgis'",
             cure: "UPDATE pg_extension SET extversion = (SELECT extversion FROM aside) WHERE extname = 'postgis'; DROP TABLE aside"),
        .told("versions", .warning, "libpq is of version 14") { $0.libraryVersion = 140_007 },
        Case("durability", .critical, "off: full_page_writes") { ward, _ in
            try ward.setting("full_page_writes = off")
            return { try ward.setting("full_page_writes = on") }
        },
        Case("wraparound", .warning, "autovacuum is off") { ward, _ in
            try ward.setting("autovacuum = off")
            return { try ward.setting("autovacuum = on") }
        },
        .told("wraparound", .critical, "oldest transaction") { $0.limits.transactionAge = (1, 2) },
        Case("replication-slots", .warning, "forgotten, which nobody reads,") { ward, exam in
            try ward.owner.execute("SELECT pg_create_physical_replication_slot('forgotten', true); CREATE TABLE wal AS SELECT generate_series(1, 1000) n")
            exam.limits.slotBytes.warning = 1000
            return { try ward.owner.execute("DROP TABLE wal; SELECT pg_drop_replication_slot('forgotten')") }
        },
        Case("connections", .warning, "of 300 are in use") { ward, _ in
            var crowd: [Connection] = []
            for _ in 0..<245 { crowd.append(try Connection(ward.conninfo)) }
            return { crowd = [] }
        },
        .session("idle-transaction", .warning, "of twinhub (twinhub) has been idle", "BEGIN; SELECT 1") { $0.idle_s.warning = 0 },
        .told("disk-space", .critical, "adapters pause below 999999999 MB|adapters pause below 1000000.0 GB") { $0.environment["TWINHUB_DISK_RESERVE_MB"] = "1000000000" },
        .told("disk-days", .critical, "the disk lasts for 0 days") { $0.environment["TWINHUB_DISK_RESERVE_MB"] = "1000000000" },
        .told("clock", .critical, "are 12|are 119") { $0.clock = { Date(timeIntervalSinceNow: 120) } },
        .sql("future-times", .warning, "min in the future", "INSERT INTO hub.tick VALUES (now() + interval '1 hour', 0)", cure: "DELETE FROM hub.tick"),
        Case("keys", .critical, "pseudonym.key is missing") { ward, _ in
            let aside = ward.home.state + "/aside"
            try FileManager.default.moveItem(atPath: ward.keyFile, toPath: aside)
            return { try FileManager.default.moveItem(atPath: aside, toPath: ward.keyFile) }
        },
        Case("keys", .critical, "is not the key that this hub has used") { ward, _ in
            try writePrivateText(String(repeating: "x", count: 32), to: ward.keyFile)
            return { try writePrivateText(String(repeating: "k", count: 32), to: ward.keyFile) }
        },
        Case("secrets", .critical, "pseudonym.key") { ward, _ in
            chmod(ward.keyFile, 0o640)
            return { chmod(ward.keyFile, 0o600) }
        },
        .sql("backup", .warning, "There is no backup", "CREATE TABLE aside AS SELECT * FROM hub.backup; DELETE FROM hub.backup",
             cure: "INSERT INTO hub.backup SELECT * FROM aside; DROP TABLE aside"),
        .sql("backup", .critical, "was taken 40 days ago", "UPDATE hub.backup SET taken_at = now() - interval '40 days'", cure: "UPDATE hub.backup SET taken_at = now()"),
        .sql("rehearsal", .warning, "No backup was ever tried", "UPDATE hub.backup SET rehearsed_at = NULL", cure: "UPDATE hub.backup SET rehearsed_at = now()"),
        .sql("key-backup", .warning, "of which there is no copy", """
             INSERT INTO hub.subject_key (id, source_id, subject, wrapped) VALUES ('k', 1, 'p', decode(repeat('00', 60), 'hex'))
             """, cure: "DELETE FROM hub.subject_key"),
        .sql("key-backup", .warning, "No backup of the keys was ever checked", """
             INSERT INTO hub.subject_key (id, source_id, subject, wrapped) VALUES ('k', 1, 'p', decode(repeat('00', 60), 'hex'));
             INSERT INTO hub.key_check (name, digest) VALUES ('sealing.key', sha256('x'));
             INSERT INTO hub.key_backup (name, expires_at, folder, sealing) VALUES ('b', now() + interval '1 day', '/b', sha256('x'))
             """, cure: "DELETE FROM hub.subject_key; DELETE FROM hub.key_check WHERE name = 'sealing.key'; DELETE FROM hub.key_backup"),
        .sql("key-backup", .warning, "was changed since the last backup of the keys", """
             INSERT INTO hub.subject_key (id, source_id, subject, wrapped) VALUES ('k', 1, 'p', decode(repeat('00', 60), 'hex'));
             INSERT INTO hub.key_check (name, digest) VALUES ('sealing.key', sha256('y'));
             INSERT INTO hub.key_backup (name, expires_at, folder, sealing) VALUES ('b', now() + interval '1 day', '/b', sha256('x'))
             """, cure: "DELETE FROM hub.subject_key; DELETE FROM hub.key_check WHERE name = 'sealing.key'; DELETE FROM hub.key_backup"),
        .sql("expired-keys", .warning, "past their day: /b", """
             INSERT INTO hub.key_backup (name, taken_at, expires_at, folder) VALUES ('b', now() - interval '9 days', now() - interval '1 day', '/b')
             """, cure: "DELETE FROM hub.key_backup"),
        .sql("expired-quarantine", .warning, "1 refused records with personal data are older", """
             INSERT INTO hub.quarantine (source_id, batch_id, stream, input, rule, message, adapter_version, raw, sealed, recorded_at)
             VALUES (1, 1, 's', 'i', 'type', 'm', '1', 'x', true, now() - interval '100 days')
             """, cure: "SELECT hub.expire_quarantine()"),
        .sql("unfinished-erasure", .critical, "The erasure of p was cut off", """
             INSERT INTO hub.erasure (subject, keys, erased_at) VALUES ('p', '{}', now() - interval '1 hour')
             """, cure: "DELETE FROM hub.erasure"),
        .sql("leaf-headroom", .critical, "ready for 0 more", """
             ALTER TABLE hub.event DETACH PARTITION hub.event_5; DROP TABLE hub.event_5; SELECT setval('hub.event_position', 499)
             """, cure: "SELECT hub.ensure_leaves()"),
        .sql("unsealed-leaves", .warning, "event_0, event_1, event_2", "UPDATE hub.leaf SET sealed_at = NULL", cure: "UPDATE hub.leaf SET sealed_at = now()"),
        .sql("interrupted-archive", .warning, "cut off: event_1", "UPDATE hub.leaf SET archived_at = now() WHERE name = 'event_1'",
             cure: "UPDATE hub.leaf SET archived_at = NULL"),
        .sql("chain", .critical, "of a, which was in order", """
             CREATE TABLE aside AS SELECT id, digest FROM hub.batch ORDER BY id DESC LIMIT 1; ALTER TABLE hub.batch DISABLE TRIGGER refuse;
             UPDATE hub.batch b SET digest = sha256(b.digest) FROM aside a WHERE b.id = a.id
             """, cure: """
             UPDATE hub.batch b SET digest = a.digest FROM aside a WHERE b.id = a.id; DROP TABLE aside; ALTER TABLE hub.batch ENABLE ALWAYS TRIGGER refuse
             """),
        .sql("epoch", .critical, "began on another server", "UPDATE hub.log SET place = 'elsewhere'", cure: "SELECT hub.renew_epoch_of_copy()"),
        .session("open-appender", .warning, "of source a, twinhub_adapter_1 (twinhub), open since",
                 "BEGIN; INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/1', 1, '{}')") { $0.appender_s.warning = 0 },
        .session("horizon-key", .critical, "nobody reads past position 3", "SELECT pg_advisory_lock(hub.position_key(3))"),
        .session("horizon-key", .critical, "nobody reads past position 4", "SELECT pg_advisory_lock_shared(hub.position_key(4))"),
        .sql("stale-source", .warning, "forgotten (never pulled",
             "INSERT INTO hub.source (name, uri, department, created_at) VALUES ('forgotten', 'urn:f', 'test', now() - interval '8 days')",
             cure: "DELETE FROM hub.source WHERE name = 'forgotten'"),
        .told("stale-source", .warning, "a (not pulled for ") { $0.limits.sourceSilence_days = 0 },
        Case("stale-source", .warning, " s, last attempt failed)") { ward, exam in
            for outcome in [Runs.End.Outcome.done, .failed] { try ward.run(outcome) }
            exam.limits.sourceSilence_s_min = 0
            exam.limits.sourceIntervals = 0
            return {}
        },
        Case("quarantine", .critical, "of a 60 records were refused in the last day, 60 %") { ward, _ in
            _ = try ward.writer.commit(Ward.batch(of: 0, read: 100, refused: 60))
            return { _ = try ward.writer.commit(Ward.batch(of: 0, read: 10_000)) }
        },
        Case("projector", .warning, "twin is 449 positions behind") { ward, exam in
            try ward.owner.execute("UPDATE hub.checkpoint SET position = 1, updated_at = now() - interval '2 hours'")
            exam.limits.projector_s.warning = 0
            return { try ward.owner.execute("UPDATE hub.checkpoint SET position = hub.settled()") }
        },
        .sql("projector", .warning, "Nobody has folded", "DELETE FROM hub.checkpoint", cure: "INSERT INTO hub.checkpoint SELECT 'twin', hub.settled()"),
        Case("scenarios", .warning, "3 rules are 449 positions behind") { ward, exam in
            try ward.run(.done)
            try ward.owner.execute(
                """
                INSERT INTO hub.scenario_state (source_id, format, rules, position, state, evaluated, evaluated_at)
                SELECT id, 1, '[1,2,3]', 1, '', 1, now() - interval '2 hours' FROM hub.source WHERE name = 'a'
                """)
            exam.limits.projector_s.warning = 0
            return { try ward.owner.execute("UPDATE hub.scenario_state SET evaluated = hub.settled()") }
        },
        Case("scenarios", .warning, "their last run failed") { ward, _ in
            try ward.run(.failed)
            return {
                try ward.run(.done)
                try ward.owner.execute("DELETE FROM hub.scenario_state")
            }
        },
        .sql("log-rewound", .critical, "twin has folded up to position 1000000", "UPDATE hub.checkpoint SET position = 1000000",
             cure: "UPDATE hub.checkpoint SET position = hub.settled()"),
        Case("door", .warning, "is open to 0.0.0.0/0 for twinhub_analyst") { ward, _ in
            let file = ServerDoor.file(in: ward.home.server.folder)
            let role = try Roles.makeLogin("visitor", .analyst, on: ward.owner)
            let door = try ServerDoor(address: "*", port: 5432, networks: ["0.0.0.0/0"])
            try JSONEncoder().encode(door).write(to: URL(filePath: file))
            return {
                try FileManager.default.removeItem(atPath: file)
                try Roles.dropLogin(role, on: ward.owner)
            }
        },
        Case("consumer", .warning, " facts behind, the oldest of ") { ward, exam in
            try ward.owner.execute("SELECT hub.subscribe('map')")
            exam.limits.consumer_s.warning = 0
            return { try ward.owner.execute("SELECT hub.unsubscribe('map')") }
        },
        .sql("webhook", .warning, "map (paused: the receiver answered with status 404)",
             """
             SELECT hub.subscribe('webhook.map', after => hub.settled()); INSERT INTO hub.webhook (name, consumer, url) VALUES ('map', 'webhook.map', 'https://map.example/');
             UPDATE hub.webhook SET paused_at = now(), pause_reason = 'the receiver answered with status 404'
             """, cure: "UPDATE hub.webhook SET paused_at = NULL, pause_reason = NULL"),
        .sql("webhook", .warning, "map (failed 7 times: the connection was refused)", "UPDATE hub.webhook SET attempts = 7, last_failure = 'the connection was refused'",
             cure: "UPDATE hub.webhook SET attempts = 0"),
        .sql("webhook", .warning, "map (1 dead letters)",
             "INSERT INTO hub.dead_letter (webhook, position, event_id, attempts, reason) VALUES ('map', 1, 'x-1', 1, 'refused')",
             cure: "DELETE FROM hub.dead_letter"),
    ]

    @Test func everyConditionIsFoundAndPutRight() throws {
        #expect(Set(cases.map(\.condition)) == Set(Doctor.conditions.map(\.name)), "every condition has a case")
        #expect(Set(Doctor.conditions.map(\.name)).count == Doctor.conditions.count)
        let ward = try Ward()
        for finding in Doctor.examine(ward.examination) {
            #expect(finding.state == .ok && finding.remedy == nil, "\(finding.condition): \(finding.seen)")
        }
        for item in cases {
            var exam = ward.examination
            let cure = try item.provoke(ward, &exam)
            #expect(waitUntil(seconds: 20) { ward.look(at: item.condition, exam)?.state == item.state }, "\(item.condition)")
            let finding = try #require(ward.look(at: item.condition, exam))
            #expect(item.seen.split(separator: "|").contains { finding.seen.contains($0) }, "\(item.condition): \(finding.seen)")
            #expect(finding.state == item.state && finding.remedy?.isEmpty == false, "\(item.condition): \(finding.seen)")
            try cure()
            #expect(
                waitUntil(seconds: 20) { ward.look(at: item.condition, ward.examination)?.state == .ok },
                "\(item.condition) after the cure: \(ward.look(at: item.condition, ward.examination)?.seen ?? "")")
        }
    }

    @Test func whatCannotBeLookedAtIsSaid() throws {
        let database = try PrivateServer.shared().freshDatabase(migrated: false)
        let ward = try HubClone(adapters: [])
        var exam = Examination(ward.home, connection: try Connection(database), isEmbedded: false, environment: [:])
        let early = Doctor.examine(exam)
        #expect(early.first { $0.condition == "schema" }?.state == .critical)
        #expect(early.first { $0.condition == "chain" } == Doctor.Finding(condition: "chain", state: .skipped, seen: "The database has no log yet.", remedy: nil))
        #expect(early.first { $0.condition == "disk-space" }?.state == .skipped)
        // The tests' shared server is not durable.
        #expect(early.first { $0.condition == "durability" }?.state == .critical)
        exam.connection = nil
        #expect(Doctor.examine(exam).allSatisfy { [.skipped, .ok].contains($0.state) || $0.condition == "server" })
    }

    @Test func asACommand() throws {
        struct Report: Decodable {
            struct Finding: Decodable {
                let condition: String
                let state: String
                let seen: String
                let remedy: String?
            }
            let state: String
            let conditions: [Finding]
        }
        let clone = try HubClone(adapters: ["sf-police"])
        #expect(try clone.run("migrate").status == 0)
        let fresh = try clone.run("doctor")
        #expect(fresh.status == 0 && fresh.output.hasSuffix("All is well.\n"), "\(fresh.output)")
        #expect(try clone.run("adapter", "run", "sf-police").status == 0)
        let warned = try clone.run("doctor", "--json")
        let report = try JSONDecoder().decode(Report.self, from: Data(warned.output.utf8))
        #expect(warned.status == 1 && report.state == "warning")
        #expect(report.conditions.filter { $0.remedy != nil }.map(\.condition).sorted() == ["backup", "chain", "projector"], "\(warned.output)")
        #expect(try clone.run("project").status == 0)
        #expect(try clone.run("verify").status == 0)
        let after = try clone.run("doctor")
        #expect(after.status == 1 && after.output.contains("backup (warning): Run `twinhub backup"), "\(after.output)")

        // Another key would give other pseudonyms: nothing is pulled.
        let key = clone.home.keys + "/pseudonym.key"
        try FileManager.default.removeItem(atPath: key)
        let refused = try clone.run("adapter", "run", "sf-police")
        #expect(refused.status == 3 && refused.errors.contains("pseudonym.key is missing"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: key), "none was made in its place")
        #expect(try clone.run("psql", "-Atc", "SELECT outcome, error_kind FROM hub.run ORDER BY id DESC LIMIT 1").output == "failed|configuration\n")
        let lost = try clone.run("doctor")
        #expect(lost.status == 3 && lost.output.contains("keys (critical): Bring the key files back"), "\(lost.output)")

        let away = try clone.run("doctor", environment: ["TWINHUB_DATABASE": "host=/nonexistent password=hidden123"])
        #expect(away.status == 3 && away.output.contains("server (critical)") && !away.output.contains("hidden123"), "\(away.output)")
    }
}

extension Ward {
    /// A setting of the whole server; holds a moment later.
    func setting(_ text: String) throws {
        try owner.execute("ALTER SYSTEM SET \(text)")
        try owner.execute("SELECT pg_reload_conf()")
    }
}
