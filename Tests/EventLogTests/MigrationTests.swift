import EventLog
import PostgresClient
import PrivateServer
import Testing

@Suite("Migrations")
struct MigrationTests {
    @Test("Applied twice, the second time does nothing; changed, missing and late ones have names of their own")
    func namedErrors() throws {
        let hub = try HubFixture()
        #expect(try Migrations.apply(on: hub.owner).isEmpty)
        try Migrations.check(on: hub.owner)
        let steps = Migrations.steps
        #expect(steps.map(\.number) == Array(1...steps.count))
        let last = try #require(steps.last)

        func code(_ steps: [Migrations.Step]) -> LogError.Code? {
            do { try Migrations.apply(on: hub.owner, steps: steps) } catch { return (error as? LogError)?.code }
            return nil
        }
        #expect(code(steps.dropLast() + [.init(number: last.number, name: last.name, text: last.text + "\n-- changed")]) == .migrationChanged)
        #expect(code(steps.dropLast()) == .migrationMissing)
        // Number 1 never ran here, though 2 did.
        try hub.owner.execute("DELETE FROM public.twinhub_migration WHERE number = 1")
        #expect(code(steps) == .migrationOutOfOrder)
    }

    @Test("A step that fails leaves the database as it was")
    func atomic() throws {
        let hub = try HubFixture()
        let broken = Migrations.Step(number: 9998, name: "9998_fine", text: "CREATE TABLE hub.made (a int)")
        let fails = Migrations.Step(number: 9999, name: "9999_broken", text: "SELECT 1/0")
        #expect(throws: PostgresError.self) { try Migrations.apply(on: hub.owner, steps: Migrations.steps + [broken, fails]) }
        #expect(try hub.owner.query("SELECT to_regclass('hub.made') IS NULL").bool(0, 0) == true)
    }

    @Test("Two at once: one applies, the other finds it done")
    func concurrent() throws {
        let conninfo = try PrivateServer.shared().freshDatabase(migrated: false)
        let results = InParallel.run(2) { _ in
            let done: [String]? = try? Migrations.apply(on: Connection(conninfo))
            return done?.count ?? -1
        }
        #expect(results.sorted() == [0, Migrations.steps.count + 1])
    }

    @Test("Every table and column of the hub has a comment")
    func comments() throws {
        let hub = try HubFixture()
        let rows = try hub.owner.query(
            """
            SELECT c.oid::regclass || coalesce('.' || a.attname, '')
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE c.relnamespace = 'hub'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
               AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)
            """)
        #expect((0..<rows.count).compactMap { rows.text($0, 0) } == [])
    }
}
