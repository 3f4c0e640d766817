import EventLog
import PostgresClient
import Testing

@Suite("Roles and what they may do")
struct RoleTests {
    /// Who tries. The second adapter's rows are what the first one must not reach.
    private enum Who: String, CaseIterable { case adapter, analyst, projector, steward, consumer, stranger }

    /// A statement, and who may run it; `zero` where it runs but must reach no row.
    private struct Attempt {
        let statement: String
        var allowed: Set<Who> = []
        var zero: Set<Who> = []

        init(_ statement: String, _ allowed: Set<Who> = [], zero: Set<Who> = []) {
            self.statement = statement
            self.allowed = allowed
            self.zero = zero
        }
    }

    private static let columns = "(type_id, subject, batch_id, payload)"
    private static let readers: Set<Who> = [.projector, .steward, .consumer]
    private static let seers: Set<Who> = [.analyst, .steward]

    private static let attempts: [Attempt] = [
        // What each is there for.
        Attempt("INSERT INTO hub.event \(columns) VALUES (1, 'building/1', 1, '{}')", [.adapter]),
        Attempt("SELECT payload FROM hub.event", readers),
        Attempt("SELECT payload FROM hub.event_0"),
        Attempt("SELECT hub.settled()", [.analyst, .projector, .steward, .consumer]),
        Attempt("SELECT hub.record_tick()", [.projector]),
        Attempt("SELECT name FROM hub.event_type", Set(Who.allCases).subtracting([.stranger])),
        Attempt("SELECT id, name, uri, department FROM hub.source", readers.union([.analyst])),
        Attempt("SELECT * FROM hub.source_status", seers),
        Attempt("SELECT * FROM hub.run_status", seers),
        Attempt("SELECT * FROM hub.projector_status", seers),
        Attempt("SELECT * FROM hub.scenario_status", seers), Attempt("SELECT rules FROM hub.scenario_state", zero: [.adapter]),
        Attempt("DELETE FROM hub.scenario_state"),
        Attempt("SELECT epoch FROM hub.log", readers.union([.analyst])),
        Attempt("SELECT * FROM hub.tick", readers.union([.analyst])),
        Attempt("SELECT header FROM hub.batch_header", [.steward]),
        // An office's limits and calendars are the owner's.
        Attempt("SELECT * FROM hub.case_limit", seers.union([.projector])), Attempt("SELECT * FROM hub.case_scheme", seers.union([.projector])),
        Attempt("SELECT * FROM hub.calendar", seers.union([.projector])), Attempt("SELECT * FROM hub.calendar_day", seers.union([.projector])),
        Attempt("SELECT * FROM hub.working_day", seers.union([.projector])), Attempt("SELECT * FROM hub.satisfaction", seers.union([.projector])),
        Attempt("SELECT * FROM hub.case_verdict", seers.union([.projector])), Attempt("DELETE FROM hub.case_verdict"),
        Attempt("SELECT * FROM hub.population_list", seers.union([.projector])), Attempt("UPDATE hub.population_list SET alive_within = '1 day'"),
        Attempt("UPDATE hub.case_limit SET amount = 99"), Attempt("DELETE FROM hub.calendar_day"), Attempt("UPDATE hub.satisfaction SET weight = 1"),
        Attempt("INSERT INTO hub.case_scheme VALUES ('*', 'mine', 'cn')"),
        Attempt("SELECT body FROM hub.event_canonical", [.steward]),
        Attempt("SELECT * FROM twin.thing", seers.union([.projector])),
        Attempt("SELECT * FROM twin_g1.thing", [.projector]),
        Attempt("SELECT rule, message FROM hub.quarantine", [.steward]),
        Attempt("UPDATE hub.checkpoint SET position = 1", [.projector]),
        Attempt("SELECT position FROM hub.checkpoint", [.projector]),
        Attempt("SELECT pg_advisory_lock(29802, 1)", [.projector]),
        Attempt("CREATE TEMP TABLE mine (a int)", [.projector]),
        Attempt("CREATE SCHEMA mine", [.projector]),
        Attempt("CREATE OR REPLACE VIEW twin.thing AS SELECT 2 AS id", [.projector]),
        Attempt("SELECT hub.wake_readers()", [.adapter, .projector]), Attempt("UPDATE hub.wake SET at = now()"),
        Attempt("SELECT hub.stream_end('twin')", [.analyst, .projector, .steward, .consumer]),
        Attempt("SELECT payload FROM hub.twin_change", [.projector, .consumer]), Attempt("SELECT hub.forget_changes()", [.projector]),
        Attempt("INSERT INTO hub.twin_change (position, type, subject, payload) VALUES (99, 'a.b', 'a/1', '{}')", [.projector]),
        Attempt("SELECT hub.tell_rebuild('twin_g1', 1)", [.projector]), Attempt("SELECT hub.next_change()", [.projector]),
        Attempt("SELECT * FROM hub.overdue_clock", [.projector]), Attempt("DELETE FROM hub.overdue_clock", [.projector]),
        Attempt("DELETE FROM hub.twin_change"), Attempt("UPDATE hub.twin_change SET type = 'a.c'"),
        Attempt("SELECT hub.acquire_lease('me', 1)", [.adapter]),
        Attempt("SELECT hub.ensure_leaves()", [.adapter]),
        Attempt("INSERT INTO hub.cursor (stream, value) VALUES ('own', '1')", [.adapter]),
        Attempt("INSERT INTO hub.fingerprint (stream, batch_id, entries) VALUES ('own', 1, '')", [.adapter]),
        Attempt("INSERT INTO hub.run (adapter_version) VALUES ('1') RETURNING id", [.adapter]),

        // Sealed values: nobody reads a key but of his own source, and a steward only one whose opening stands in the log already.
        Attempt("SELECT wrapped FROM hub.subject_key", zero: [.adapter]),
        Attempt("SELECT hub.sealing_generation('')", [.adapter]), Attempt("SELECT hub.confirm_sealing(1)", [.adapter]),
        Attempt("SELECT hub.add_subject_keys('{a}', '{b}', ARRAY[repeat('00', 60)])", [.adapter]),
        Attempt("SELECT subject FROM hub.erasure WHERE readmitted_at IS NULL", [.adapter, .steward]),
        Attempt("SELECT subject, keys, position FROM hub.erasure", readers), Attempt("SELECT who, reason FROM hub.subject_access", [.steward]),
        Attempt("SELECT hub.request_access('show', 'p', 'to ring up')", [.steward]),
        Attempt("SELECT hub.keys_of_access(hub.request_access('show', 'p', 'to ring up'))"),
        Attempt("SELECT hub.keys_of_access(1)"), Attempt("SELECT hub.row_of_access(1)"), Attempt("SELECT hub.granted_access(1, 'show')"),
        Attempt("SELECT hub.erase_subject('p', 'asked for it', '{}')", [.steward]), Attempt("SELECT hub.readmit_subject('p', 'came back')", [.steward]),
        Attempt("SELECT hub.note_erasure(1, 1, 1)"), Attempt("SELECT hub.expire_quarantine()", [.steward]),
        Attempt("INSERT INTO hub.subject_key (id, source_id, subject, wrapped) VALUES ('a', 1, 'b', '')"), Attempt("DELETE FROM hub.subject_key"),
        Attempt("UPDATE hub.sealing SET generation = 9"), Attempt("SELECT generation FROM hub.sealing"), Attempt("DELETE FROM hub.erasure"),
        Attempt("INSERT INTO hub.erasure (subject, keys) VALUES ('p', '{}')"), Attempt("UPDATE hub.erasure SET readmitted_at = now()"),
        Attempt("INSERT INTO hub.subject_access (action, subject, reason) VALUES ('show', 'p', 'x')"),
        Attempt("UPDATE hub.subject_access SET reason = 'another'"), Attempt("DELETE FROM hub.subject_access"),
        Attempt("SELECT folder FROM hub.key_backup"), Attempt("SELECT name FROM twin.resident", [.projector, .steward]),

        // Whose word stands: everybody who reads the twin may see the rules, stewards set them.
        Attempt("SELECT rule FROM hub.survivorship_now", seers.union([.projector])), Attempt("SELECT set_by FROM hub.survivorship_rule", seers),
        Attempt("SELECT hub.survivor('{majority}', null, 'a', '{a}', '{2024-01-01}', '{1}', '{x}')", seers.union([.projector])),
        Attempt("SELECT hub.surviving_text('{union}', null, 'a', '{a}', '{2024-01-01}', '{1}', '{x}')", seers.union([.projector])),
        Attempt("SELECT hub.set_survivorship('building', 'floors', 'majority')", [.steward]),
        Attempt("INSERT INTO hub.survivorship_rule (kind, attribute, rule) VALUES ('a', 'b', 'majority')"),
        Attempt("UPDATE hub.survivorship_rule SET rule = 'majority'"), Attempt("DELETE FROM hub.survivorship_rule"),

        // Forging.
        Attempt("INSERT INTO hub.run (source_id, adapter_version) VALUES (2, '1')"),
        Attempt("INSERT INTO hub.run (adapter_version, started_at) VALUES ('1', '2020-01-01')"),
        Attempt("UPDATE hub.run SET started_at = '2020-01-01'"), Attempt("DELETE FROM hub.run"),
        Attempt("INSERT INTO hub.event (source_id, type_id, subject, batch_id, payload) VALUES (2, 1, 'building/1', 1, '{}')"),
        Attempt("INSERT INTO hub.event (position, type_id, subject, batch_id, payload) VALUES (9, 1, 'building/1', 1, '{}')"),
        Attempt("INSERT INTO hub.event (recorded_at, type_id, subject, batch_id, payload) VALUES (now(), 1, 'building/1', 1, '{}')"),
        Attempt("INSERT INTO hub.event_0 \(columns) VALUES (1, 'building/1', 1, '{}')"),
        Attempt("COPY hub.event (source_id, type_id, subject, batch_id, payload) FROM STDIN"),
        Attempt("INSERT INTO hub.batch SELECT * FROM hub.batch"),
        Attempt("SELECT hub.finish_batch(77, 1, '', '', null, 0, 0, 0, 0, 0, 0, 0, 0, null, null, '', '')"),
        Attempt("SELECT setval('hub.event_position', 1)"),
        Attempt("ALTER SEQUENCE hub.event_position RESTART"),
        Attempt("INSERT INTO hub.tick VALUES (now(), 1)"),
        Attempt("INSERT INTO hub.event_type (name) VALUES ('a.b')"),
        Attempt("UPDATE hub.source SET lease_token = 1"),
        Attempt("UPDATE hub.log SET epoch = 'x'"),
        Attempt("SELECT hub.renew_epoch()"),
        Attempt("SELECT hub.renew_epoch_of_copy()"),
        Attempt("UPDATE hub.leaf SET archived_at = now()"),
        Attempt("INSERT INTO hub.subject_head VALUES ('x', 1)"),
        Attempt("UPDATE hub.key_check SET digest = ''"), Attempt("DELETE FROM hub.key_check"),
        Attempt("UPDATE hub.backup SET rehearsed_at = now()"), Attempt("SELECT folder FROM hub.backup"),

        // Changing and deleting.
        Attempt("UPDATE hub.event SET subject = 'x'"), Attempt("DELETE FROM hub.event"), Attempt("TRUNCATE hub.event"),
        Attempt("UPDATE hub.event_0 SET subject = 'x'"), Attempt("DELETE FROM hub.event_0"), Attempt("TRUNCATE hub.event_0"),
        Attempt("UPDATE hub.batch SET events = 0"), Attempt("DELETE FROM hub.batch"), Attempt("DELETE FROM hub.tick"),
        Attempt("DELETE FROM hub.checkpoint"), Attempt("DELETE FROM hub.quarantine"), Attempt("DELETE FROM hub.fingerprint"),
        Attempt("SELECT cursor FROM hub.stream_state"), Attempt("SELECT subjects FROM hub.stream_state_block"), Attempt("DELETE FROM hub.stream_state"),
        Attempt("SELECT hub.reset_stream('police', 's', 'me', '')"), Attempt("SELECT hub.restore_stream('police', 1, 'me', '')"),
        Attempt("DELETE FROM hub.cursor"), Attempt("DELETE FROM hub.source"), Attempt("DELETE FROM hub.subject_head"),
        Attempt("ALTER TABLE hub.event DISABLE TRIGGER refuse"), Attempt("DROP TRIGGER announce ON hub.event"),
        Attempt("ALTER TABLE hub.event DETACH PARTITION hub.event_0"), Attempt("ALTER TABLE hub.event_0 ADD a int"),
        Attempt("DROP TABLE hub.event"), Attempt("DROP SCHEMA hub CASCADE"), Attempt("CREATE INDEX ON hub.event_0 (subject)"),
        Attempt("CREATE OR REPLACE FUNCTION hub.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"),

        // Others' things. The second adapter has a cursor, fingerprints and a refused record.
        Attempt("UPDATE hub.cursor SET value = '9'", zero: [.adapter]),
        Attempt("SELECT value FROM hub.cursor", zero: [.adapter]),
        // Its own run has ended, the other's has not.
        Attempt("UPDATE hub.run SET ended_at = now(), outcome = 'done'", zero: [.adapter]),
        Attempt("SELECT message FROM hub.run"),
        Attempt("SELECT entries FROM hub.fingerprint", zero: [.adapter]),
        Attempt("INSERT INTO hub.cursor (source_id, stream, value) VALUES (2, 'x', '1')"),
        Attempt("INSERT INTO hub.fingerprint (source_id, stream, batch_id, entries) VALUES (2, 'x', 1, '')"),
        Attempt("INSERT INTO hub.quarantine (source_id, batch_id, stream, input, rule, message, adapter_version, raw, sealed) VALUES (2, 1, '', '', '', '', '', '', false)"),
        Attempt("SELECT raw FROM hub.quarantine"), Attempt("SELECT * FROM hub.quarantine"),
        Attempt("SELECT lease_holder FROM hub.source"),

        // Standing in the way.
        Attempt("SELECT pg_advisory_lock(1)"), Attempt("SELECT pg_advisory_lock_shared(1)"), Attempt("SELECT pg_try_advisory_lock(1)"),
        Attempt("SELECT pg_advisory_xact_lock(1)"), Attempt("SELECT pg_advisory_xact_lock_shared(1)"), Attempt("SELECT pg_advisory_xact_lock(1, 2)"),
        Attempt("SELECT pg_advisory_lock(hub.position_key(0))"),
        Attempt("LOCK TABLE hub.event IN SHARE MODE"), Attempt("LOCK TABLE hub.fingerprint IN SHARE MODE"),
        Attempt("LOCK TABLE hub.cursor IN SHARE MODE"), Attempt("LOCK TABLE hub.leaf IN ROW EXCLUSIVE MODE"), Attempt("LOCK TABLE hub.log IN ROW EXCLUSIVE MODE"),
        Attempt("SELECT lo_create(0)"), Attempt("CREATE TABLE public.mine (a int)"), Attempt("CREATE TABLE hub.mine (a int)"),
        Attempt("SET session_replication_role = replica"), Attempt("SET log_statement = 'none'"), Attempt("CREATE ROLE friend"),
        Attempt("COPY (SELECT 1) TO PROGRAM 'true'"), Attempt("SELECT pg_read_file('PG_VERSION')"),
    ]

    @Test("Every role does what it is there for, and is refused everything else, on a connection of its own")
    func table() throws {
        let hub = try HubFixture()
        let roles = try people(of: hub)
        for who in Who.allCases {
            guard let role = roles[who] else { continue }
            // A stranger is refused at the door.
            if who == .stranger {
                let refused = #expect(throws: PostgresError.self) { try hub.connection(as: role) }
                #expect(refused?.message.contains("permission denied for database") == true)
                continue
            }
            let connection = try hub.connection(as: role)
            for attempt in Self.attempts {
                let (state, reached) = Self.run(attempt.statement, on: connection)
                let statement = "\(who): \(attempt.statement)"
                if attempt.zero.contains(who) {
                    #expect(state == nil && reached == 0, "\(statement): \(state ?? "reached \(reached)")")
                } else if attempt.allowed.contains(who) {
                    #expect(state == nil, "\(statement): \(state ?? "")")
                } else {
                    #expect(state == "42501" || state == "55000", "\(statement): \(state ?? "was allowed")")
                }
            }
        }
    }

    /// The SQLSTATE where it failed, and how many rows it reached; undone afterwards.
    private static func run(_ statement: String, on connection: Connection) -> (state: String?, reached: Int) {
        do {
            return try (nil, connection.transaction { connection in
                let rows = try connection.execute(statement)
                throw Undo(reached: max(rows.affected, rows.count))
            })
        } catch let undo as Undo {
            return (nil, undo.reached)
        } catch {
            return ((error as? PostgresError)?.sqlState ?? "none", -1)
        }
    }

    private struct Undo: Error { let reached: Int }

    /// A login role of each kind, with things to reach for.
    private func people(of hub: HubFixture) throws -> [Who: String] {
        let first = try hub.source("first").source.role
        let writer = try hub.writer("second")
        var full = batch([event("building/1")])
        full.cursors = ["s": "1"]
        full.fingerprints = [FingerprintBlock(stream: "s", entries: [UInt8](repeating: 1, count: 24))]
        full.quarantined = [QuarantinedRecord(stream: "s", input: "a", line: 1, rule: "ragged", message: "short", raw: [1], sealed: false)]
        full.sealing = 1
        full.subjectKeys = [NewSubjectKey(id: "k", subject: "p", wrapped: [UInt8](repeating: 1, count: 60))]
        _ = try writer.commit(full)
        _ = try Runs.begin(adapterVersion: "1", on: hub.connection(as: hub.source("second").source.role))
        let own = try hub.connection(as: first)
        try Runs.finish(Runs.begin(adapterVersion: "1", on: own), Runs.End(.done), on: own)
        var roles: [Who: String] = [.adapter: first]
        for (who, kind) in [(Who.analyst, Roles.Kind.analyst), (.projector, .projector), (.steward, .steward), (.consumer, .consumer)] {
            roles[who] = try Roles.makeLogin("wang", kind, on: hub.owner)
        }
        let stranger = "stranger_\(try Migrations.hubName(on: hub.owner))"
        try hub.owner.execute("CREATE ROLE \(stranger) LOGIN")
        roles[.stranger] = stranger
        // As a projector does it.
        let projector = try hub.connection(as: roles[.projector] ?? "")
        try projector.execute(
            """
            INSERT INTO hub.checkpoint (projector, position) VALUES ('twin', 0);
            CREATE SCHEMA twin_g1; CREATE TABLE twin_g1.thing (id int); CREATE VIEW twin.thing AS SELECT id FROM twin_g1.thing;
            CREATE VIEW twin.resident AS SELECT 'x' AS name; REVOKE ALL ON twin.resident FROM "\(try Migrations.hubName(on: hub.owner))_analyst";
            GRANT SELECT ON twin.resident TO "\(try Migrations.hubName(on: hub.owner))_steward"
            """)
        return roles
    }

    @Test("What a rebuild makes in the twin, by the owner or by a projector, analysts can read without a grant")
    func newViews() throws {
        let hub = try HubFixture()
        let analyst = try hub.connection(as: Roles.makeLogin("li", .analyst, on: hub.owner))
        // Today the owner projects.
        try hub.owner.execute("CREATE SCHEMA twin_g1; CREATE TABLE twin_g1.pipe AS SELECT 1 AS id; CREATE VIEW twin.pipe AS SELECT id FROM twin_g1.pipe")
        #expect(try analyst.query("SELECT id FROM twin.pipe").int(0, 0) == 1)
        #expect(throws: PostgresError.self) { try analyst.query("SELECT id FROM twin_g1.pipe") }
        // Later a projector of its own takes over, replaces the view and drops the old generation.
        let projector = try hub.connection(as: Roles.makeLogin("twin", .projector, on: hub.owner))
        try projector.execute(
            """
            CREATE SCHEMA twin_g2; CREATE TABLE twin_g2.pipe AS SELECT 2 AS id; CREATE OR REPLACE VIEW twin.pipe AS SELECT id FROM twin_g2.pipe;
            CREATE VIEW twin.valve AS SELECT id FROM twin_g2.pipe; DROP SCHEMA twin_g1 CASCADE
            """)
        #expect(try analyst.query("SELECT id FROM twin.pipe").int(0, 0) == 2)
        #expect(try analyst.query("SELECT id FROM twin.valve").int(0, 0) == 2)
        // Another projector can go on where this one stopped.
        let other = try hub.connection(as: Roles.makeLogin("twin2", .projector, on: hub.owner))
        try other.execute("CREATE OR REPLACE VIEW twin.valve AS SELECT 3 AS id")
        #expect(try analyst.query("SELECT id FROM twin.valve").int(0, 0) == 3)
    }

    @Test("A grant that the files no longer give is gone with the next migration; names that could be mistaken are refused")
    func leastPrivilege() throws {
        let hub = try HubFixture()
        let name = try Migrations.hubName(on: hub.owner)
        try hub.owner.execute("GRANT SELECT ON hub.quarantine TO \"\(name)_analyst\"; COMMENT ON SCHEMA hub IS 'The log'")
        #expect(try Migrations.apply(on: hub.owner) == ["functions and privileges"])
        #expect(try hub.owner.query("SELECT has_any_column_privilege($1, 'hub.quarantine', 'SELECT')", [.text("\(name)_analyst")]).bool(0, 0) == false)
        for (bad, kind) in [("adapter", Roles.Kind.analyst), ("Wang", .analyst), ("", .consumer), ("x", .adapter), ("a_adapter_1", .steward)] {
            let error = #expect(throws: LogError.self) { try Roles.makeLogin(bad, kind, on: hub.owner) }
            #expect(error?.code == .badName)
        }
    }
}
