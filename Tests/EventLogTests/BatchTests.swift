import EventLog
import PostgresClient
import Testing

@Suite("Batches and leases")
struct BatchTests {
    @Test("A batch commits facts, cursor, fingerprints, refused records and counters together, and reads back byte for byte")
    func wholeBatch() throws {
        let hub = try HubFixture()
        let (source, connection) = try hub.source("whole")
        let writer = try BatchWriter(connection)
        try writer.acquireLease(holder: "test")
        let moment = Timestamp(microseconds: 1_700_000_000_123_456)
        let payload = #"{"height_m":1.10,"name":"上海 \"塔\""}"#
        var one = batch([event("building/1", payload: payload, at: moment), event("building/2")])
        one.quarantined = [QuarantinedRecord(stream: "s", input: "a.csv", line: 7, rule: "ragged", message: "8 columns, not 9", raw: [0, 255], sealed: false)]
        one.counters.read = 3
        one.counters.added = 2
        one.counters.refused = 1
        let committed = try writer.commit(one)
        #expect(committed.events == 2)
        #expect(committed.lastPosition == committed.firstPosition.map { $0 + 1 })

        var seen: [String] = []
        let result = try SettledReader(hub.owner).read(after: 0) { stored in
            seen.append(String(decoding: stored.payload, as: UTF8.self))
            #expect(stored.sourceID == source.id)
            #expect(stored.batchID == committed.id)
            #expect(stored.occurredAt == (seen.count == 1 ? moment : nil))
        }
        #expect(seen == [payload, "{}"])
        #expect(result.count == 2)
        let row = try hub.owner.query("SELECT rows_read, rows_added, rows_refused, events FROM hub.batch")
        #expect((0..<4).map { row.int(0, $0) } == [3, 2, 1, 2])
        #expect(try hub.owner.query("SELECT raw FROM hub.quarantine").bytes(0, 0) == [0, 255])
    }

    @Test("Payloads of every size around the pieces that are sent and hashed read back byte for byte, and the chain fits")
    func sizes() throws {
        let hub = try HubFixture()
        let writer = try hub.writer("sizes")
        let sizes = [2, 8_190, 8_193, 16_383, 16_385, 65_535, 65_537, 300_000, 3]
        let payloads = sizes.map { "\"" + String(repeating: "x", count: $0 - 2) + "\"" }
        _ = try writer.commit(batch(payloads.enumerated().map { event("building/\($0)", payload: $1, at: $0 % 2 == 0 ? nil : Timestamp(microseconds: Int64($0) - 5)) }))
        var seen: [String] = []
        try SettledReader(hub.owner).read(after: 0) { seen.append(String(decoding: $0.payload, as: UTF8.self)) }
        #expect(seen == payloads)
        #expect(try ChainVerifier(hub.owner).verify().findings == [])
    }

    @Test("A batch that fails leaves nothing behind")
    func nothingOfAFailedBatch() throws {
        let hub = try HubFixture()
        let (_, connection) = try hub.source("failing")
        let writer = try BatchWriter(connection)
        try writer.acquireLease(holder: "test")
        var bad = batch([event("building/1"), event("building/2", payload: "{not json")])
        bad.cursors = ["s": "1"]
        #expect(throws: PostgresError.self) { try writer.commit(bad) }
        #expect(try hub.count("SELECT count(*) FROM hub.event") == 0)
        #expect(try hub.count("SELECT count(*) FROM hub.cursor") == 0)
        #expect(try hub.count("SELECT count(*) FROM hub.batch") == 0)
        #expect(try writer.commit(batch([event("building/1")])).events == 1)
    }

    @Test("PostgreSQL's error about a row does not carry the row")
    func errorsWithoutValues() throws {
        let hub = try HubFixture()
        let (_, connection) = try hub.source("secretive")
        let writer = try BatchWriter(connection)
        try writer.acquireLease(holder: "test")
        let error = #expect(throws: PostgresError.self) {
            try writer.commit(batch([event("building/1", payload: #"{"id":"310101199001011234"#)]))
        }
        #expect(error.map { "\($0)" }?.contains("3101") == false)
        #expect(error?.sqlState?.hasPrefix("22") == true)
    }

    @Test("A source has one writer; a writer that slept past its lease commits nothing")
    func fence() throws {
        let hub = try HubFixture()
        let (source, connection) = try hub.source("fenced")
        let sleeper = try BatchWriter(connection)
        try sleeper.acquireLease(holder: "sleeper", seconds: 3600)
        let other = try BatchWriter(Connection("\(hub.conninfo) user='\(source.role)'"))
        let held = #expect(throws: LogError.self) { try other.acquireLease(holder: "other") }
        #expect(held?.code == .leaseHeld)
        let since = try hub.owner.query("SELECT lease_start::timestamptz(0) FROM hub.source WHERE name = 'fenced'").text(0, 0) ?? "nothing"
        #expect(held?.message.hasPrefix("This source is being written by sleeper, since \(since); its lease holds until ") == true)
        // The lease runs out while the first writer sleeps.
        try hub.owner.execute("UPDATE hub.source SET lease_until = now() - interval '1 second'")
        try other.acquireLease(holder: "other")
        let lost = #expect(throws: LogError.self) { try sleeper.commit(batch([event("building/1")])) }
        #expect(lost?.code == .leaseLost)
        #expect(try other.commit(batch([event("building/2")])).events == 1)
        #expect(try hub.owner.query("SELECT string_agg(subject, ',') FROM hub.event").text(0, 0) == "building/2")
    }

    @Test("A lease whose holder was killed passes on at once")
    func killedHolder() throws {
        let hub = try HubFixture()
        let (source, _) = try hub.source("killed")
        var pid: Int32 = 0
        do {
            let connection = try Connection("\(hub.conninfo) user='\(source.role)'")
            pid = connection.backendPID
            try BatchWriter(connection).acquireLease(holder: "killed", seconds: 3600)
        }
        // The server notices the end of a session on its own; here nothing else can be waited for.
        while try hub.count("SELECT count(*) FROM pg_stat_activity WHERE pid = \(pid)") > 0 {}
        let next = try BatchWriter(Connection("\(hub.conninfo) user='\(source.role)'"))
        #expect(try next.acquireLease(holder: "next").token == 2)
    }

    @Test("Neither a new source nor a new leaf waits for an analyst's open transaction, and appends go on")
    func openAnalyst() throws {
        let hub = try HubFixture()
        let (_, connection) = try hub.source("early")
        let writer = try BatchWriter(connection)
        try writer.acquireLease(holder: "test")
        _ = try writer.commit(batch([event("building/1")]))
        let analyst = try Connection(hub.conninfo)
        try analyst.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM hub.event; SELECT count(*) FROM hub.source")
        for connection in [hub.owner, connection] { try connection.execute("SET lock_timeout = '2s'") }
        let leaves = try hub.count("SELECT count(*) FROM pg_inherits WHERE inhparent = 'hub.event'::regclass")
        // The sequence moves by ten million at once, while this source is silent.
        try hub.owner.execute("SELECT setval('hub.event_position', 10000000)")
        let (_, late) = try hub.source("late")
        let second = try BatchWriter(late)
        try second.acquireLease(holder: "test")
        #expect(try second.commit(batch([event("building/2")])).firstPosition == 10_000_001)
        _ = try writer.commit(batch([event("building/3")]))
        #expect(try hub.count("SELECT count(*) FROM pg_inherits WHERE inhparent = 'hub.event'::regclass") > leaves)
        #expect(try analyst.execute("SELECT count(*) FROM hub.event").int(0, 0) == 1)
        try analyst.execute("COMMIT")
    }
}
