import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Testing

@testable import Operations

@Suite struct LeafSealingTests {
    /// What the thread said.
    private final class Heard: @unchecked Sendable {
        private let lock = NSLock()
        private var lines: [String] = []
        func add(_ line: String) { lock.withLock { lines.append(line) } }
        var all: [String] { lock.withLock { lines } }
    }

    private func hub() throws -> (conninfo: String, owner: Connection, writer: BatchWriter) {
        let conninfo = try PrivateServer.shared().freshDatabase(migrated: false)
        let owner = try Connection(conninfo)
        try Migrations.apply(on: owner, leafSize: 100)
        let source = try Sources.register(.init(name: "a", uri: "urn:a", department: "test"), on: owner)
        let writer = try BatchWriter(Connection(PrivateServer.shared().conninfo(of: conninfo, user: source.role)))
        try writer.acquireLease(holder: "test")
        return (conninfo, owner, writer)
    }

    private func batch(of count: Int) -> Batch {
        var batch = Batch(adapterVersion: "1", input: "test")
        batch.events = (0..<count).map { NewEvent(type: "building.described", subject: "building/\($0)", occurredAt: nil, payload: Array("{}".utf8)) }
        return batch
    }

    private func sealed(_ owner: Connection) throws -> Int64? { try owner.query("SELECT count(*) FROM hub.leaf WHERE sealed_at IS NOT NULL").int(0, 0) }

    @Test func besideALongProcess() throws {
        let hub = try hub()
        for _ in 0..<5 { _ = try hub.writer.commit(batch(of: 90)) }
        let heard = Heard()
        let sealing = LeafSealing(hub.conninfo, every: 0.02) { heard.add($0) }
        defer { sealing.stop() }
        #expect(waitUntil(seconds: 20) { heard.all.count == 3 })
        #expect(heard.all == ["sealed the partition event_0", "sealed the partition event_1", "sealed the partition event_2"])
        _ = try hub.writer.commit(batch(of: 90))
        #expect(waitUntil(seconds: 20) { heard.all.last == "sealed the partition event_3" })
    }

    /// A partition that somebody holds is left; appends and readers do not wait for the sealing meanwhile.
    @Test func waitsForNobody() throws {
        let hub = try hub()
        for _ in 0..<5 { _ = try hub.writer.commit(batch(of: 90)) }
        let blocker = try Connection(hub.conninfo)
        try blocker.execute("BEGIN; LOCK TABLE hub.event_0 IN ROW EXCLUSIVE MODE")
        let started = ContinuousClock.now
        #expect(try Leaves(hub.owner).sealDue() == [])
        #expect(ContinuousClock.now - started < .seconds(10))
        try blocker.execute("ROLLBACK; BEGIN; SELECT pg_advisory_xact_lock(29801, 3)")
        #expect(try Leaves(hub.owner).sealDue() == [], "somebody else is sealing")
        try blocker.execute("ROLLBACK")
        // As long as the indexes are being built.
        try hub.owner.execute("BEGIN; CREATE INDEX being_built ON hub.event_0 (subject)")
        #expect(try hub.writer.commit(batch(of: 90)).events == 90)
        let reader = try Connection(hub.conninfo)
        try reader.execute("SET statement_timeout = '5s'")
        #expect(try SettledReader(reader).read(after: 0) { _ in }.count == 540)
        let writer = try Connection(hub.conninfo)
        try writer.execute("SET statement_timeout = '5s'; SELECT hub.ensure_leaves(5)")
        try hub.owner.execute("ROLLBACK")
        #expect(try Leaves(hub.owner).sealDue() == ["event_0", "event_1", "event_2", "event_3"])
    }

    @Test func withTheCommands() throws {
        let clone = try HubClone(adapters: ["sf-police"])
        let (hub, owner) = try clone.connect()
        defer { withExtendedLifetime(hub) {} }
        try Migrations.apply(on: owner, leafSize: 200)
        let run = try clone.run("adapter", "run", "sf-police", "--batch", "50")
        #expect(run.status == 0 && run.errors.contains("sealed the partition event_0"), "\(run.errors)")
        #expect(try sealed(owner) == 3)
        let quiet = try clone.run("adapter", "run", "sf-police")
        #expect(quiet.status == 0 && !quiet.errors.contains("sealed"))
        try owner.execute("UPDATE hub.leaf SET sealed_at = NULL WHERE name = 'event_1'")
        let projected = try clone.run("project", "--once")
        #expect(projected.status == 0 && projected.errors.contains("sealed the partition event_1"), "\(projected.errors)")
        try owner.execute("UPDATE hub.leaf SET sealed_at = NULL WHERE name = 'event_2'")
        let following = try clone.start(["project", "--follow"])
        #expect(waitUntil(seconds: 60) { HubClone.text(following.errors).contains("sealed the partition event_2") })
        following.process.send(signal: SIGTERM)
        #expect(following.process.wait() == 143)
    }
}
