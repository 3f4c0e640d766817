import EventLog
import Foundation
import PostgresClient
import Subprocess
import Testing

@Suite("The chain of digests")
struct ChainTests {
    /// Two sources that take turns, so that batches lie between each other; some facts with times, causes and characters of several bytes.
    private func hubWithFacts() throws -> HubFixture {
        let hub = try HubFixture()
        let writers = try ["a", "b"].map { name in
            let writer = try BatchWriter(hub.source(name).connection)
            try writer.acquireLease(holder: "test")
            return writer
        }
        for round in 0..<6 {
            var facts = (0..<5).map { number in
                event("building/\(round)-\(number)", payload: #"{"name":"楼 \#(number)","h":1.10}"#, at: number % 2 == 0 ? nil : Timestamp(microseconds: Int64(number - 3) * 1_234_567))
            }
            facts[1].causedBy = 7
            var made = batch(round == 4 ? [] : facts)
            made.inputDigest = round % 2 == 0 ? nil : SHA256.digest([UInt8(round)])
            _ = try writers[round % 2].commit(made)
        }
        return hub
    }

    @Test("A log that nobody touched verifies, whole, by source and from a position; psql and sha256sum agree")
    func untouched() throws {
        let hub = try hubWithFacts()
        let verifier = ChainVerifier(hub.owner)
        let report = try verifier.verify()
        #expect(report.findings == [])
        #expect(report.batches == 6 && report.events == 25)
        #expect(try verifier.verify(source: "b").events == 15)
        let later = try verifier.verify(from: 12)
        #expect(later.findings == [] && later.events == 15)
        #expect(try verifier.verify(pinned: verifier.heads()).findings == [])
        #expect(try proof(hub).status == 0)
    }

    @Test("A batch written while another's facts came between has its positions read back")
    func interleaved() throws {
        let hub = try HubFixture()
        let writer = try BatchWriter(hub.source("a").connection)
        try writer.acquireLease(holder: "test")
        // Every other position goes to somebody else.
        try hub.owner.execute("ALTER SEQUENCE hub.event_position INCREMENT 2")
        let committed = try writer.commit(batch([event("building/1"), event("building/2"), event("building/3")]))
        #expect(committed.lastPosition == committed.firstPosition.map { $0 + 4 })
        #expect(try ChainVerifier(hub.owner).verify().findings == [])
        #expect(try proof(hub).status == 0)
    }

    /// As an owner who hides what he does: triggers off, one statement, triggers on.
    private static let tamperings: [(name: String, statement: String, rules: Set<ChainVerifier.Finding.Rule>)] = [
        ("a flipped byte", "UPDATE hub.event SET payload = replace(payload::text, '1.10', '1.11')::json WHERE position = 3", [.digest]),
        ("another subject", "UPDATE hub.event SET subject = 'building/x' WHERE position = 3", [.digest]),
        ("another time", "UPDATE hub.event SET occurred_at = occurred_at + interval '1 microsecond' WHERE position = 2", [.digest]),
        ("a deleted fact", "DELETE FROM hub.event WHERE position = 3", [.count]),
        ("an inserted fact", "INSERT INTO hub.event (position, source_id, type_id, subject, batch_id, payload) SELECT 100, source_id, type_id, subject, batch_id, payload FROM hub.event WHERE position = 3", [.count]),
        ("a fact of no batch", "INSERT INTO hub.event (position, source_id, type_id, subject, batch_id, payload) SELECT 100, source_id, type_id, subject, 999, payload FROM hub.event WHERE position = 3", [.orphans]),
        ("a moved position", "UPDATE hub.event SET position = position + 200 WHERE position = 5", [.positions]),
        ("two facts that changed places", "UPDATE hub.event SET position = CASE position WHEN 2 THEN -1 ELSE 2 END WHERE position IN (2, 3); UPDATE hub.event SET position = 3 WHERE position = -1", [.digest]),
        ("a fact of another source", "UPDATE hub.event SET source_id = 2 WHERE position = 3", [.count, .orphans]),
        ("a removed batch", "DELETE FROM hub.event WHERE batch_id = 3; DELETE FROM hub.batch WHERE id = 3", [.link]),
        ("a removed last batch", "DELETE FROM hub.event WHERE batch_id = 6; DELETE FROM hub.batch WHERE id = 6", [.head]),
        ("two batches that changed places", "UPDATE hub.batch SET id = -id WHERE id IN (1, 3); UPDATE hub.batch SET id = CASE id WHEN -1 THEN 3 ELSE 1 END WHERE id < 0", [.link, .count, .positions, .digest]),
        ("another version of the adapter", "UPDATE hub.batch SET adapter_version = '2' WHERE id = 1", [.digest]),
        ("a later recording time", "UPDATE hub.batch SET recorded_at = recorded_at + interval '1 second' WHERE id = 1", [.digest]),
    ]

    @Test("What was changed behind its back is named", arguments: tamperings.indices)
    func tampering(index: Int) throws {
        let tampering = Self.tamperings[index]
        let hub = try hubWithFacts()
        let verifier = ChainVerifier(hub.owner)
        let pinned = try verifier.heads()
        try hub.owner.execute(
            """
            ALTER TABLE hub.event DISABLE TRIGGER refuse; ALTER TABLE hub.event_0 DISABLE TRIGGER refuse; ALTER TABLE hub.batch DISABLE TRIGGER refuse;
            ALTER TABLE hub.event DISABLE TRIGGER announce; ALTER TABLE hub.event_0 DISABLE TRIGGER announce;
            ALTER TABLE hub.event DETACH PARTITION hub.event_0;
            ALTER TABLE hub.event ATTACH PARTITION hub.event_0 FOR VALUES FROM (-1000) TO (5000000)
            """)
        try hub.owner.execute(tampering.statement)
        // A fact beyond the horizon is nobody's to read: the sequence goes on, as in a living log.
        try hub.owner.execute("SELECT setval('hub.event_position', 1000)")
        let found = Set(try verifier.verify(pinned: pinned).findings.map(\.rule))
        #expect(!found.isEmpty && found.isSubset(of: tampering.rules), "\(tampering.name): \(found)")
    }

    @Test("The proof with psql and sha256sum finds a flipped byte too")
    func proofFindsIt() throws {
        let hub = try hubWithFacts()
        try hub.owner.execute(
            """
            ALTER TABLE hub.event DISABLE TRIGGER refuse; ALTER TABLE hub.event_0 DISABLE TRIGGER refuse;
            UPDATE hub.event SET payload = '{}' WHERE position = 3
            """)
        let proof = try proof(hub)
        #expect(proof.status == 1)
        #expect(proof.output == "batch 1 does not fit\n")
    }

    private func proof(_ hub: HubFixture) throws -> (status: Int32, output: String) {
        try ChildProcess.run("/bin/sh", [URL(filePath: #filePath).deletingLastPathComponent().path + "/verify-with-psql.sh", hub.conninfo])
    }
}
