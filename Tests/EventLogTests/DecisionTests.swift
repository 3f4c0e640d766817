import EventLog
import PostgresClient
import PrivateServer
import Testing

@Suite("The hub's own decisions")
struct DecisionTests {
    private func decision(_ subject: String, _ payload: String, _ expected: Decision.Expectation, causedBy: Int64? = nil) -> Decision {
        Decision(NewEvent(type: "alert.raised", subject: subject, causedBy: causedBy, payload: Array(payload.utf8)), expected: expected)
    }

    private func writer(_ hub: HubFixture, _ name: String) throws -> DecisionWriter {
        let writer = try DecisionWriter(hub.source(name, decides: true).connection)
        try writer.acquireLease(holder: "test")
        return writer
    }

    @Test("Every item has an outcome; a repetition adds nothing; a failed expectation is an error of its own, or a refusal")
    func outcomes() throws {
        let hub = try HubFixture()
        let writer = try writer(hub, "stewards")
        let first = try writer.append([decision("alert/1", "{\"a\":1}", .nothing), decision("alert/2", "{}", .nothing)], rule: "steward/1", input: "test")
        #expect(first == [.new(1), .new(2)])
        #expect(try writer.lastPosition(of: "alert/1") == 1 && writer.lastPosition(of: "alert/3") == nil)
        let second = try writer.append([decision("alert/1", "{\"a\":1}", .nothing), decision("alert/2", "{\"b\":2}", .position(2))], rule: "steward/1", input: "test")
        #expect(second == [.unchanged(1), .changed(3)])
        // Nothing new: not even a batch.
        #expect(try writer.append([decision("alert/1", "{\"a\":1}", .whatever)], rule: "steward/1", input: "test") == [.unchanged(1)])
        #expect(try hub.count("SELECT count(*) FROM hub.batch") == 2)

        let late = [decision("alert/2", "{\"c\":3}", .position(2)), decision("alert/4", "{}", .nothing)]
        let error = #expect(throws: LogError.self) { try writer.append(late, rule: "steward/1", input: "test") }
        #expect(error?.code == .expectedPosition)
        #expect(try hub.count("SELECT count(*) FROM hub.event") == 3)
        #expect(try writer.append(late, rule: "steward/1", input: "test", onConflict: .refuse) == [.refused(last: 3), .new(4)])
        let unknown = #expect(throws: LogError.self) {
            try writer.append([Decision(NewEvent(type: "no.type", subject: "x", payload: [123, 125]), expected: .whatever)], rule: "r", input: "t")
        }
        #expect(unknown?.code == .unknownEventType)
        #expect(try hub.owner.query("SELECT rows_added, rows_changed, rows_unchanged, rows_refused FROM hub.batch ORDER BY id DESC LIMIT 1").int(0, 3) == 1)
        #expect(try ChainVerifier(hub.owner).verify().findings == [])
    }

    @Test("8 writers decide about one subject at once, 20 times each: every decision follows on the one it was made upon")
    func race() throws {
        let hub = try HubFixture()
        let roles = try (0..<8).map { try hub.source("steward-\($0)", decides: true).source.role }
        let conninfo = hub.conninfo
        let conflicts = InParallel.run(8) { index -> Int in
            do {
                let writer = try DecisionWriter(Connection("\(conninfo) user='\(roles[index])'"))
                try writer.acquireLease(holder: "test")
                var conflicts = 0
                for round in 0..<20 {
                    while true {
                        let last = try writer.lastPosition(of: "alert/1")
                        let made = Decision(
                            NewEvent(type: "alert.raised", subject: "alert/1", causedBy: last, payload: Array("{\"n\":\"\(index)-\(round)\"}".utf8)),
                            expected: last.map { .position($0) } ?? .nothing)
                        do {
                            _ = try writer.append([made], rule: "race/1", input: "test")
                            break
                        } catch let error as LogError where error.code == .expectedPosition {
                            conflicts += 1
                        }
                    }
                }
                return conflicts
            } catch {
                return -1
            }
        }
        #expect(conflicts.allSatisfy { $0 >= 0 } && conflicts.reduce(0, +) > 0, "\(conflicts)")
        // One line of decisions: each was made upon the one before it.
        var last: Int64?
        var count = 0
        try SettledReader(hub.owner).read(after: 0) { event in
            #expect(event.causedBy == last)
            last = event.position
            count += 1
        }
        #expect(count == 160)
        #expect(try ChainVerifier(hub.owner).verify().findings == [])
    }

    @Test("An adapter that is no steward cannot take part, nor a steward who is no source")
    func strangers() throws {
        let hub = try HubFixture()
        let (_, adapter) = try hub.source("plain")
        let steward = try hub.connection(as: Roles.makeLogin("wang", .steward, on: hub.owner))
        for connection in [adapter, steward] {
            let error = #expect(throws: PostgresError.self) { try connection.query("SELECT hub.lock_subject('alert/1')") }
            #expect(error?.sqlState == "42501")
        }
        // A head can only be a fact of one's own open batch.
        let (_, own) = try hub.source("own", decides: true)
        try own.execute("SELECT hub.lock_subject('alert/1')")
        let forged = #expect(throws: PostgresError.self) { try own.query("SELECT hub.note_decision('alert/1', 1, 0, '')") }
        #expect(forged?.sqlState == "42501")
    }

    @Test("Nobody else's source takes the name or the department of the hub itself") func theHubsOwn() throws {
        let hub = try HubFixture()
        _ = try Sources.register(ErasureLog.source, on: hub.owner, decides: true)
        for (name, department) in [(ErasureLog.source.name, "police"), ("police", Sources.hubsOwn)] {
            let error = #expect(throws: LogError.self) { try Sources.register(.init(name: name, uri: "urn:x", department: department), on: hub.owner) }
            #expect(error?.code == .badName)
        }
        #expect(try hub.count("SELECT count(*) FROM hub.source WHERE name = 'stewards' AND department = 'hub'") == 1)
    }
}
