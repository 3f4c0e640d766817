import EventLog
import PostgresClient
import PrivateServer
import Testing

/// What the writers have done so far.
struct WriterProgress {
    var committed: Set<String> = []
    var commits = 0
    var stalled = 0
    var running = 0
}

@Suite("The settled horizon")
struct SettledHorizonTests {
    @Test("8 writers with stalls, savepoints and rollbacks: the settled reader skips none, the naive one beside it does")
    func noFactIsSkipped() throws {
        let hub = try HubFixture()
        let writers = 8
        let roles = try (0..<writers).map { try hub.source("writer-\($0)").source.role }
        let conninfo = hub.conninfo
        let progress = Locked(WriterProgress(running: writers))

        let seen = InParallel.run(writers + 2) { index -> [String] in
            do {
                switch index {
                case writers: return try Self.follow(conninfo, progress, settled: true)
                case writers + 1: return try Self.follow(conninfo, progress, settled: false)
                default:
                    defer { progress.update { $0.running -= 1 } }
                    try Self.write(Connection("\(conninfo) user='\(roles[index])'"), writer: index, progress)
                    return []
                }
            } catch {
                return ["failed: \(error)"]
            }
        }
        #expect(seen[..<writers].flatMap { $0 } == [])
        let committed = progress.value.committed
        #expect(committed.count > 2_000)
        #expect(seen[writers].count == committed.count)
        #expect(Set(seen[writers]) == committed)
        // Proof that this test can fail: commit order is not the order of positions.
        #expect(seen[writers + 1].count < committed.count)
    }

    /// 60 transactions: COPY or single INSERTs, some with a savepoint that is undone first, some rolled back, some
    /// holding their positions until others have committed past them.
    static func write(_ connection: Connection, writer: Int, _ progress: Locked<WriterProgress>) throws {
        var random = SplitMix(seed: UInt64(writer) + 7)
        for round in 0..<60 {
            let count = Int.random(in: 1...20, using: &random)
            let subjects = (0..<count).map { "building/\(writer)-\(round)-\($0)" }
            try connection.execute("BEGIN")
            if Int.random(in: 0..<4, using: &random) == 0 {
                try connection.execute("SAVEPOINT s; INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/undone', 1, '{}'); ROLLBACK TO s")
            }
            if Bool.random(using: &random) {
                let copy = try connection.copyIn("COPY hub.event (type_id, subject, batch_id, payload) FROM STDIN")
                try copy.write(Array(subjects.map { "1\t\($0)\t1\t{}\n" }.joined().utf8))
                try copy.finish()
            } else {
                for subject in subjects {
                    try connection.query("INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, $1, 1, '{}')", [.text(subject)])
                }
            }
            if Int.random(in: 0..<3, using: &random) == 0 { stall(progress) }
            if Int.random(in: 0..<6, using: &random) == 0 {
                try connection.execute("ROLLBACK")
            } else {
                try connection.execute("COMMIT")
                progress.update {
                    $0.committed.formUnion(subjects)
                    $0.commits += 1
                }
            }
        }
    }

    /// Holds the open transaction until five others have committed; never more than three writers at once.
    static func stall(_ progress: Locked<WriterProgress>) {
        let start = progress.update { state -> Int? in
            guard state.stalled < 3, state.running > 4 else { return nil }
            state.stalled += 1
            return state.commits
        }
        guard let start else { return }
        progress.wait(seconds: 10) { $0.commits >= start + 5 || $0.running <= 3 }
        progress.update { $0.stalled -= 1 }
    }

    /// Reads on from the last position seen until the writers have ended and nothing more comes.
    static func follow(_ conninfo: String, _ progress: Locked<WriterProgress>, settled: Bool) throws -> [String] {
        let connection = try Connection(conninfo)
        let reader = SettledReader(connection)
        var seen: [String] = []
        var last: Int64 = 0
        while true {
            let ended = progress.value.running == 0
            let before = seen.count
            if settled {
                last = try reader.read(after: last) { seen.append(String(decoding: $0.subject, as: UTF8.self)) }.position
            } else {
                let rows = try connection.query("SELECT position, subject FROM hub.event WHERE position > $1 ORDER BY position", [.int(last)])
                for row in 0..<rows.count {
                    last = rows.int(row, 0) ?? last
                    rows.text(row, 1).map { seen.append($0) }
                }
            }
            if ended, seen.count == before { return seen }
        }
    }

    @Test("It stands still below an open append, not below any other open transaction")
    func onlyAppendersHoldIt() throws {
        let hub = try HubFixture()
        let (_, slow) = try hub.source("slow")
        let (_, quick) = try hub.source("quick")
        let insert = "INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/1', 1, '{}')"
        let analyst = try Connection(hub.conninfo)
        try analyst.execute("BEGIN; CREATE TABLE public.unrelated (a int)")
        try quick.execute(insert)
        let reader = SettledReader(hub.owner)
        let settled = try reader.horizon()
        #expect(settled == 1)
        try slow.execute("BEGIN; \(insert)")
        try quick.execute(insert)
        #expect(try reader.horizon() == settled)
        try slow.execute("COMMIT")
        #expect(try reader.horizon() == 3)
        try analyst.execute("ROLLBACK")
    }

    @Test("30,000 single INSERTs in one transaction do not fill the lock table")
    func manySingleInserts() throws {
        let hub = try HubFixture()
        let (_, adapter) = try hub.source("patient")
        try adapter.execute("BEGIN")
        try adapter.execute(
            "DO $$ BEGIN FOR n IN 1..30000 LOOP INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/1', 1, '{}'); END LOOP; END $$")
        #expect(try hub.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint >> 16 = 29800 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 1)
        try adapter.execute("COMMIT")
        #expect(try SettledReader(hub.owner).horizon() == 30_000)
    }

    @Test("A moment is a position: a tick a second at most, and neither time nor position ever goes back")
    func ticks() throws {
        let hub = try HubFixture()
        let (_, adapter) = try hub.source("ticking")
        let insert = "INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/1', 1, '{}')"
        try adapter.execute(insert)
        #expect(try hub.count("SELECT hub.record_tick()") == 1)
        #expect(try hub.count("SELECT hub.record_tick()") == 1)
        #expect(try hub.count("SELECT count(*) FROM hub.tick WHERE position = 1") == 1)
        // The clock was put back by an hour: as if the last tick lay ahead.
        try hub.owner.execute("INSERT INTO hub.tick (at, position) VALUES (now() + interval '1 hour', 1)")
        try adapter.execute(insert)
        #expect(try hub.count("SELECT hub.record_tick()") == 2)
        #expect(try hub.count("SELECT count(*) FROM hub.tick") == 2)
    }

    @Test("It refuses a snapshot that could be older than the horizon")
    func isolation() throws {
        let hub = try HubFixture()
        try hub.owner.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        let error = #expect(throws: PostgresError.self) { try SettledReader(hub.owner).horizon() }
        #expect(error?.message.contains("READ COMMITTED") == true)
        try hub.owner.execute("ROLLBACK")
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a seed gives the same numbers everywhere.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
