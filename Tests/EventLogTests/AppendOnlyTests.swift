import EventLog
import PostgresClient
import Testing

@Suite("Nobody forges, nobody changes")
struct AppendOnlyTests {
    @Test("An adapter cannot write in another's name, nor choose position or time")
    func forgery() throws {
        let hub = try HubFixture()
        let (_, adapter) = try hub.source("honest")
        for column in ["source_id", "position", "recorded_at"] {
            let value = column == "recorded_at" ? "now()" : "1"
            let error = #expect(throws: PostgresError.self) {
                try adapter.execute(
                    "INSERT INTO hub.event (\(column), type_id, subject, batch_id, payload) VALUES (\(value), 1, 'building/1', 1, '{}')")
            }
            #expect(error?.sqlState == "42501", "\(column)")
        }
        try adapter.execute("INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/1', 1, '{}')")
        #expect(try hub.count("SELECT count(*) FROM hub.event e JOIN hub.source s ON s.id = e.source_id WHERE s.name = 'honest'") == 1)
    }

    @Test("Change, deletion and truncation are refused to adapter and owner, on the log and on every leaf, also as a replica")
    func refusals() throws {
        let hub = try HubFixture()
        let (_, adapter) = try hub.source("writer")
        try adapter.execute("INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/1', 1, '{}')")
        let leaves = try hub.owner.query("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'hub.event'::regclass")
        #expect(leaves.count >= 3)
        let tables = ["hub.event", "hub.batch"] + (0..<leaves.count).compactMap { leaves.text($0, 0) }
        for table in tables {
            let set = table == "hub.batch" ? "input = 'x'" : "subject = 'x'"
            for statement in ["UPDATE \(table) SET \(set)", "DELETE FROM \(table)", "TRUNCATE \(table)"] {
                let forbidden = #expect(throws: PostgresError.self) { try adapter.execute(statement) }
                #expect(forbidden?.sqlState == "42501")
                for role in ["origin", "replica"] {
                    try hub.owner.execute("SET session_replication_role = \(role)")
                    let refused = #expect(throws: PostgresError.self) { try hub.owner.execute(statement) }
                    #expect(refused?.sqlState == "TH002", "\(statement) as \(role)")
                }
            }
        }
        try hub.owner.execute("SET session_replication_role = origin")
        #expect(try hub.count("SELECT count(*) FROM hub.event") == 1)
    }

    @Test("Every leaf announces and refuses by triggers of its own")
    func leafTriggers() throws {
        let hub = try HubFixture()
        let unguarded = try hub.count(
            """
            SELECT count(*) FROM pg_inherits i
             WHERE i.inhparent = 'hub.event'::regclass
               AND (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = i.inhrelid AND t.tgenabled = 'A' AND t.tgname IN ('announce', 'refuse')) <> 2
            """)
        #expect(unguarded == 0)
    }

    @Test("An adapter sees its own cursor, fingerprints and refused records only")
    func ownRows() throws {
        let hub = try HubFixture()
        let (_, first) = try hub.source("first")
        let (_, second) = try hub.source("second")
        let writer = try BatchWriter(first)
        try writer.acquireLease(holder: "test")
        var mine = batch([])
        mine.cursors = ["s": "{\"at\":1}"]
        mine.fingerprints = [FingerprintBlock(stream: "s", entries: [UInt8](repeating: 1, count: 24))]
        _ = try writer.commit(mine)
        #expect(try second.query("SELECT count(*) FROM hub.cursor").int(0, 0) == 0)
        #expect(try second.query("SELECT count(*) FROM hub.fingerprint").int(0, 0) == 0)
        #expect(throws: PostgresError.self) { try second.query("SELECT raw FROM hub.quarantine") }
        #expect(throws: PostgresError.self) { try second.query("SELECT payload FROM hub.event") }
        #expect(throws: PostgresError.self) { try second.query("SELECT pg_advisory_lock(1)") }
        #expect(try writer.loadCursor(stream: "s") == "{\"at\":1}")
    }
}
