import EventLog
import Foundation
import PostgresClient
import Testing

@Suite("Leaves: sealed, archived, brought back")
struct LeafTests {
    /// Partitions of 100 positions, 450 facts of two sources in batches of 50 (and one of 20 across a border).
    private func filledHub() throws -> HubFixture {
        let hub = try HubFixture(leafSize: 100)
        let writers = [try hub.writer("a"), try hub.writer("b")]
        var next = 1
        for (round, size) in ([50, 30, 20, 50] + [Int](repeating: 50, count: 6)).enumerated() {
            _ = try writers[round % 2].commit(batch((next..<next + size).map { event("building/\($0)", payload: "{\"n\":\($0)}") }))
            next += size
        }
        return hub
    }

    private func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.path + "/twinhub-archive-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test("A leaf is sealed when it lies below the horizon by one leaf: it gets its indexes, and is marked")
    func sealing() throws {
        let hub = try filledHub()
        let leaves = Leaves(hub.owner)
        #expect(try SettledReader(hub.owner).horizon() == 450)
        #expect(throws: LogError.self) { try leaves.seal("event_3") }
        #expect(throws: LogError.self) { try leaves.seal("event_99") }
        #expect(try leaves.sealDue() == ["event_0", "event_1", "event_2"])
        #expect(try leaves.sealDue() == [])
        let list = try leaves.list()
        #expect(list.map(\.isSealed) == [true, true, true, false, false, false, false])
        // Position 0 is drawn by the migration.
        #expect(list.prefix(3).map(\.rows) == [99, 100, 100])
        #expect(list[1].firstPosition == 100 && list[1].lastPosition == 199 && list[1].bytes > 0)
        let plan = try hub.owner.query("EXPLAIN SELECT * FROM hub.event_1 WHERE subject = 'building/150'").text(0, 0)
        #expect(try hub.count("SELECT count(*) FROM pg_indexes WHERE tablename = 'event_1'") == 3, "\(plan ?? "")")
        #expect(try hub.count("SELECT count(*) FROM pg_indexes WHERE tablename = 'event_3'") == 1)
    }

    @Test("An archived leaf leaves the log, refuses as before, verifies from its table or its file, and comes back byte for byte", arguments: [false, true])
    func archiving(drops: Bool) throws {
        let hub = try filledHub()
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let leaves = Leaves(hub.owner)
        let verifier = ChainVerifier(hub.owner)
        _ = try leaves.sealDue()
        let pinned = try verifier.heads()
        let before = try facts(hub)
        let file = try leaves.archive("event_1", to: folder, drops: drops)
        #expect(try hub.count("SELECT count(*) FROM hub.event") == 350)
        #expect(try leaves.list().first { $0.name == "event_1" }?.isHere == !drops)
        if !drops {
            for statement in ["UPDATE hub.event_1 SET subject = 'x'", "DELETE FROM hub.event_1", "TRUNCATE hub.event_1"] {
                let refused = #expect(throws: PostgresError.self) { try hub.owner.execute(statement) }
                #expect(refused?.sqlState == "TH002")
            }
        }
        #expect(try sum(of: file) == 0, "sha256sum -c agrees")

        // A reader that would skip the archived facts is told, one above them goes on.
        let gap = #expect(throws: LogError.self) { try SettledReader(hub.owner).read(after: 150) { _ in } }
        #expect(gap?.code == .archived)
        #expect(try SettledReader(hub.owner).read(after: 199) { _ in }.count == 251)

        // The chain: what cannot be read is said, and is no finding.
        let report = try verifier.verify(pinned: pinned)
        #expect(report.findings == [])
        #expect(report.unread == (drops ? 3 : 0) && report.unreadLeaves == (drops ? ["event_1"] : []))
        let whole = try verifier.verify(pinned: pinned, archives: folder)
        #expect(whole.findings == [] && whole.events == 450 && whole.unread == 0)

        try leaves.restore("event_1", from: folder)
        #expect(try facts(hub) == before)
        #expect(try verifier.verify(pinned: pinned).findings == [] && leaves.list().allSatisfy { !$0.isArchived })
        let refused = #expect(throws: PostgresError.self) { try hub.owner.execute("DELETE FROM hub.event_1") }
        #expect(refused?.sqlState == "TH002")
        #expect(try hub.count("SELECT count(*) FROM pg_indexes WHERE tablename = 'event_1'") == 3)
        // And out again.
        #expect(try leaves.archive("event_1", to: folder, drops: true) == file)
    }

    @Test("A changed or cut file is named; a leaf that a projector still needs, or that is not sealed, stays")
    func refusals() throws {
        let hub = try filledHub()
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let leaves = Leaves(hub.owner)
        _ = try leaves.sealDue()
        try hub.owner.execute("INSERT INTO hub.checkpoint (projector, position) VALUES ('twin', 150)")
        #expect(throws: LogError.self) { try leaves.archive("event_1", to: folder) }
        #expect(throws: LogError.self) { try leaves.archive("event_4", to: folder) }
        #expect(throws: LogError.self) { try leaves.archive("event_0", to: folder + "/absent") }
        let file = try leaves.archive("event_0", to: folder, drops: true)
        var bytes = try Data(contentsOf: URL(filePath: file))
        let original = bytes
        bytes[bytes.count - 5] ^= 1
        try bytes.write(to: URL(filePath: file))
        let changed = #expect(throws: LogError.self) { try leaves.restore("event_0") }
        #expect(changed?.code == .badArchive)
        #expect(try ChainVerifier(hub.owner).verify(archives: folder).findings.map(\.rule) == [.digest])
        try original.dropLast(30).write(to: URL(filePath: file))
        let cut = #expect(throws: LogError.self) { try leaves.restore("event_0") }
        #expect(cut?.code == .badArchive)
        try original.write(to: URL(filePath: file))
        try leaves.restore("event_0")
        #expect(try ChainVerifier(hub.owner).verify().findings == [])
        #expect(throws: LogError.self) { try Migrations.apply(on: hub.owner, leafSize: 200) }
    }

    @Test("Neither archiving nor sealing holds up appends")
    func besideAppends() throws {
        let hub = try filledHub()
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (_, adapter) = try hub.source("open")
        try adapter.execute("SET lock_timeout = '5s'")
        let leaves = Leaves(hub.owner)
        try adapter.execute("BEGIN; INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/1', 1, '{}')")
        _ = try leaves.sealDue()
        try adapter.execute("COMMIT")
        try leaves.archive("event_0", to: folder, drops: true)
        try adapter.execute("SELECT hub.ensure_leaves(); INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/1', 1, '{}')")
        #expect(try hub.count("SELECT count(*) FROM hub.event") == 450 - 99 + 2)
    }

    private func facts(_ hub: HubFixture) throws -> String? {
        try hub.owner.query("SELECT md5(string_agg(e::text, E'\\n' ORDER BY position)) FROM hub.event e").text(0, 0)
    }

    private func sum(of file: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "cd \"$(dirname \"$1\")\" && sha256sum -c --quiet \"$(basename \"$1\").sha256\"", "sh", file]
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
