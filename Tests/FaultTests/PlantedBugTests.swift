import Foundation
import Operations
import PostgresClient
import Testing

@testable import TwinReference

/// The suite's own eyes: bugs that are planted into a hub on purpose must be seen, and named as what they break.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["TWINHUB_FAULTS"] != nil, "set TWINHUB_FAULTS to run the faults")) struct PlantedBugTests {
    private func expect(_ invariants: Set<Invariant>, _ world: FaultWorld, line: Int = #line) throws {
        let found = try world.look()
        #expect(Set(found.map(\.invariant)) == invariants, "line \(line): \(found.map(\.description).joined(separator: "\n"))")
    }

    /// Inflicts a fault again and again, until something does not hold: not every moment is a bad one.
    private func insist(_ world: FaultWorld, _ inflict: () throws -> Fault.Outcome) throws {
        for _ in 0..<12 {
            _ = try inflict()
            if try !world.look().isEmpty { return }
        }
    }

    /// One delivery, pulled by every adapter.
    private func pull(_ world: FaultWorld, _ random: inout SeededGenerator, only name: String? = nil) throws {
        try world.changeInputs(&random)
        #expect(try world.finish(world.sources.filter { name == nil || $0.name == name }.map { try world.pull($0) }).allSatisfy { $0 == 0 })
    }

    /// Changes a function of the hub's as a mistake would.
    private func change(_ function: String, _ text: String, to other: String, _ world: FaultWorld) throws {
        let definition = try #require(try world.connection.query("SELECT pg_get_functiondef($1::regproc)", [.text(function)]).text(0, 0))
        #expect(definition.contains(text), "\(function) is another one now: plant the bug anew")
        try world.connection.execute(definition.replacing(text, with: other))
    }

    private static let unguarded = "ALTER TABLE hub.event DISABLE TRIGGER refuse; ALTER TABLE hub.event_0 DISABLE TRIGGER refuse; ALTER TABLE hub.batch DISABLE TRIGGER refuse"

    @Test("Every accepted record once: a batch without its fence, a cursor that counts one row too many, a memory that is lost")
    func everyRecordOnce() throws {
        var random = SeededGenerator(seed: 1)
        let fenceless = try FaultWorld()
        try change("hub.begin_batch", "s.lease_token = begin_batch.token", to: "begin_batch.token IS NOT NULL", fenceless)
        try insist(fenceless) {
            try fenceless.changeInputs(&random)
            return try fenceless.pausePastLease(fenceless.sources[2], &random)
        }
        try expect([.everyRecordOnce], fenceless)

        let ahead = try FaultWorld()
        try ahead.connection.execute(
            """
            CREATE FUNCTION hub.one_too_many() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                NEW.value := jsonb_set(NEW.value::jsonb, '{files,-1,outcomes}', to_jsonb((NEW.value #>> '{files,-1,outcomes}')::integer + 1))::json;
                RETURN NEW;
            END $$;
            CREATE TRIGGER one_too_many BEFORE INSERT OR UPDATE ON hub.cursor FOR EACH ROW WHEN (NEW.stream = 'readings') EXECUTE FUNCTION hub.one_too_many()
            """)
        try insist(ahead) {
            try ahead.changeInputs(&random)
            let outcome = try ahead.killAdapter(ahead.sources[2], &random)
            ahead.finish([try ahead.pull(ahead.sources[2])])
            return outcome
        }
        try expect([.everyRecordOnce], ahead)

        let forgetful = try FaultWorld()
        try pull(forgetful, &random, only: "boxes")
        try expect([], forgetful)
        try forgetful.connection.execute("DELETE FROM hub.fingerprint")
        try pull(forgetful, &random, only: "boxes")
        try expect([.everyRecordOnce], forgetful)
    }

    @Test("Positions in order: a sequence that steps back")
    func positionsInOrder() throws {
        var random = SeededGenerator(seed: 2)
        // A reader beside it would be shown less, too.
        let world = try FaultWorld(isFollowed: false)
        try pull(world, &random, only: "readings")
        try expect([], world)
        let before = try #require(try world.connection.query("SELECT last_value FROM hub.event_position").int(0, 0))
        try world.connection.query("SELECT setval('hub.event_position', $1)", [.int(before + 100_000)])
        try pull(world, &random, only: "readings")
        try world.connection.query("SELECT setval('hub.event_position', $1)", [.int(before)])
        try pull(world, &random, only: "readings")
        try world.connection.query("SELECT setval('hub.event_position', $1)", [.int(before + 200_000)])
        try expect([.positionsInOrder], world)
    }

    @Test("No reader skips a fact: a horizon that is the last position drawn")
    func noFactSkipped() throws {
        var random = SeededGenerator(seed: 3)
        let world = try FaultWorld()
        try pull(world, &random)
        // Without the bug nothing is skipped.
        try overtake(world, &random)
        try expect([], world)
        try world.connection.execute("CREATE OR REPLACE FUNCTION hub.settled() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT last_value FROM hub.event_position'")
        try overtake(world, &random)
        try expect([.noFactSkipped], world)
    }

    /// One source's batch is held open when its facts have their positions, and another one commits above them.
    private func overtake(_ world: FaultWorld, _ random: inout SeededGenerator) throws {
        try world.changeInputs(&random)
        let slow = try held(world) { _ in
            world.finish([try world.pull(world.sources[0])])
            let drawn = try #require(try world.connection.query("SELECT last_value FROM hub.event_position").int(0, 0))
            // The horizon stays below the open batch, or it does not: then the reader has passed it.
            _ = world.follower?.reaches(drawn, seconds: 1)
        }
        world.finish([slow])
        world.finish([try world.pull(world.sources[1])])
        let drawn = try #require(try world.connection.query("SELECT last_value FROM hub.event_position").int(0, 0))
        #expect(world.follower?.reaches(drawn) == true)
    }

    /// A pull of readings, held open behind its cursor's row while something else is done.
    private func held(_ world: FaultWorld, while body: (FaultWorld.Running) throws -> Void) throws -> FaultWorld.Running {
        let holder = try Connection(world.clone.home.server.conninfo())
        try holder.execute("BEGIN; SELECT FROM hub.cursor WHERE stream = 'readings' FOR UPDATE")
        let slow = try world.pull(world.sources[2])
        let isHeld = waitUntil(seconds: 30, every: 5) {
            world.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'twinhub adapter ' || $1 AND wait_event_type = 'Lock'", "readings") == 1
        }
        #expect(isHeld)
        try body(slow)
        try holder.execute("ROLLBACK")
        return slow
    }

    @Test("The chain: another version of the adapter, a flipped byte, a batch that is gone")
    func chainValid() throws {
        var random = SeededGenerator(seed: 4)
        let world = try FaultWorld()
        try pull(world, &random)
        #expect(world.finish([try world.start(["project", "--once"])]) == [0])
        let horizon = try #require(try world.connection.query("SELECT hub.settled()").int(0, 0))
        #expect(world.follower?.reaches(horizon) == true)
        try expect([], world)

        try world.connection.execute("\(Self.unguarded); UPDATE hub.batch SET adapter_version = '1.0.1' WHERE id = 3")
        try expect([.chainValid], world)
        try world.connection.execute("UPDATE hub.batch SET adapter_version = '1.0.0' WHERE id = 3")
        try expect([], world)

        try world.connection.execute(
            """
            UPDATE hub.event SET payload = replace(payload::text, '"kind 1"', '"kind 7"')::json
             WHERE position = (SELECT min(position) FROM hub.event WHERE payload::text LIKE '%"kind 1"%')
            """)
        try expect([.chainValid, .everyRecordOnce, .twinEqual], world)
        try world.connection.execute("UPDATE hub.event SET payload = replace(payload::text, '\"kind 7\"', '\"kind 1\"')::json WHERE payload::text LIKE '%\"kind 7\"%'")
        try expect([], world)

        // As a crash would take it that lost what was committed.
        try world.connection.execute(
            """
            DELETE FROM hub.event WHERE batch_id = (SELECT max(id) FROM hub.batch WHERE events > 0);
            DELETE FROM hub.batch WHERE id >= (SELECT max(id) FROM hub.batch WHERE events > 0)
            """)
        try expect([.chainValid, .everyRecordOnce, .noFactSkipped, .twinEqual], world)
    }

    @Test("The twin: a checkpoint that moved without its rows, a row that is gone")
    func twinEqual() throws {
        var random = SeededGenerator(seed: 5)
        let world = try FaultWorld()
        try pull(world, &random)
        #expect(world.finish([try world.start(["project", "--once"])]) == [0])
        try expect([], world)
        try pull(world, &random)
        try world.connection.execute("UPDATE hub.checkpoint SET position = hub.settled()")
        try expect([.twinEqual], world)
        #expect(world.finish([try world.start(["project", "--rebuild"])]) == [0])
        try expect([], world)
        try world.connection.execute("DELETE FROM twin_g2.case_step WHERE position = (SELECT max(position) FROM twin_g2.case_step)")
        try expect([.twinEqual], world)
    }

    @Test("Every run ends: one that waits for ever, one that fails with nothing wrong around it")
    func everyRunEnds() throws {
        var random = SeededGenerator(seed: 6)
        let world = try FaultWorld()
        try pull(world, &random)
        try world.changeInputs(&random)
        let waiting = try FaultWorld()
        try pull(waiting, &random)
        try waiting.changeInputs(&random)
        _ = try held(waiting) { waiting.finish([$0], seconds: 0.5) }
        #expect(waiting.violations.map(\.invariant) == [.everyRunEnds])

        try world.connection.execute("ALTER FUNCTION hub.finish_batch RENAME TO finish_no_batch")
        try world.conclude()
        #expect(Set(world.violations.map(\.invariant)) == [.everyRunEnds])
    }
}
