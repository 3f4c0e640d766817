import Foundation
import PostgresClient
import PrivateServer
import Testing
@testable import AdapterKit

/// Tables read from a cursor on: ties, interruptions, deletes.
@Suite struct TableCursorTests {
    private struct Stop: Error {}

    private func world(_ stream: String) throws -> (hub: TestHub, folder: SourceFolder, source: Connection, run: ((inout RunOptions) -> Void) throws -> RunReport) {
        let database = try PrivateServer.shared().freshDatabase(migrated: false)
        let source = try Connection(database)
        try source.execute("CREATE TABLE cases (no int, n text, changed timestamptz, kind text DEFAULT 'a')")
        let hub = try TestHub()
        let folder = try SourceFolder(
            """
            { adapter: "test-table", version: "1", department: "d", source: "urn:x",
              input: { kind: "postgres", connection: { secret: "env:SOURCE" }, table: "cases" },
              streams: [{ name: "s", mode: "incremental", key: ["no"], \(stream)
                facts: [{ event: "case.received", subject: "case/{no}", payload: { note: "n" } }] }] }
            """)
        return (hub, folder, source, { change in
            try hub.run(folder) {
                $0.environment = ["SOURCE": database]
                change(&$0)
            }
        })
    }

    private let cursor = "cursor: { column: 'changed', type: 'datetime', tie_breaker: 'no' },"

    /// A million rows changed by one statement have one time: without a tie-breaker each pull would read them all again.
    @Test func theNextPullBeginsBehindTheLastRow() throws {
        let (hub, _, source, run) = try world(cursor)
        try source.execute("INSERT INTO cases SELECT n, 'x', '2024-01-01 08:00:00.123456+00' FROM generate_series(1, 50) n")
        #expect(try run { _ in }.counts == [50, 50, 0, 0, 0, 0, 0])
        #expect(try run { _ in }.counts == [0, 0, 0, 0, 0, 0, 0])
        try source.execute("INSERT INTO cases VALUES (51, 'x', '2024-01-01 08:00:00.123456+00'), (52, 'x', '2024-01-02'), (60, 'no date', NULL)")
        #expect(try run { _ in }.counts == [3, 3, 0, 0, 0, 0, 0])
        // A row without a cursor value comes each time, and says nothing new.
        #expect(try run { _ in }.counts == [1, 0, 0, 1, 0, 0, 0])
        try source.execute("UPDATE cases SET n = 'later' WHERE no = 60")
        #expect(try run { _ in }.counts == [1, 0, 1, 0, 0, 0, 0])
        #expect(Set(try hub.facts("e.subject").filter { $0.hasPrefix("case/") }).count == 53)
    }

    @Test(arguments: ["tie_breaker: 'no'", "lag: '1h'", ""]) func anInterruptedPullGoesOnWhereItsLastBatchEnded(_ extra: String) throws {
        let (hub, _, source, run) = try world("cursor: { column: 'changed', type: 'datetime', \(extra) },")
        try source.execute("INSERT INTO cases SELECT n, 'x', timestamptz '2024-01-01' + n / 7 * interval '1 day' FROM generate_series(1, 100) n")
        var read: [Int] = []
        for _ in 0..<3 {
            let batches = Counter()
            #expect(throws: Stop.self) {
                _ = try run {
                    $0.batchFacts = 10
                    $0.committed = { _ in if batches.next() == 3 { throw Stop() } }
                }
            }
        }
        read.append(try run { $0.batchFacts = 10 }.counters.read)
        // Not from the beginning.
        #expect(read[0] < 40)
        let subjects = try hub.facts("e.subject").filter { $0.hasPrefix("case/") }
        #expect(subjects.count == 100 && Set(subjects).count == 100)
    }

    @Test func aScanOfTheKeysTellsWhatIsGone() throws {
        let (hub, folder, source, run) = try world(
            "where: { equals: { kind: 'a' } }, \(cursor) removed: { event: 'case.withdrawn', max_ratio: 0.1, key_scan: true },")
        try source.execute("INSERT INTO cases SELECT n, 'x', '2024-01-01' FROM generate_series(1, 50) n")
        #expect(try run { _ in }.counts == [50, 50, 0, 0, 0, 0, 0])
        // One is deleted, one is no longer of this stream, one is new.
        try source.execute("DELETE FROM cases WHERE no = 7; UPDATE cases SET kind = 'b' WHERE no = 8; INSERT INTO cases VALUES (51, 'x', '2024-01-02')")
        #expect(try run { _ in }.counts == [1, 1, 0, 0, 2, 0, 0])
        #expect(try hub.facts().filter { $0.hasPrefix("case.withdrawn") } == ["case.withdrawn case/7", "case.withdrawn case/8"])
        // More than the guard lets pass.
        try source.execute("DELETE FROM cases WHERE no BETWEEN 10 AND 29")
        let held = try run { _ in }
        #expect(held.counts == [0, 0, 0, 0, 0, 0, 20] && held.streams[0].heldBackReason != nil)
        #expect(try run { $0.acceptRemovals = true }.counts == [0, 0, 0, 0, 20, 0, 0])
        // Now and then only.
        try folder.write(try String(contentsOfFile: folder.path + "/adapter.json5", encoding: .utf8).replacing("key_scan: true", with: "key_scan: '6h'"), to: "adapter.json5")
        try source.execute("DELETE FROM cases WHERE no = 30")
        #expect(try run { _ in }.counters.removed == 0)
        #expect(try run { $0.acceptRemovals = true }.counters.removed == 1)
    }

    @Test func timeoutsAndErrorsSayWhatToDoAndNoValue() throws {
        let (_, folder, source, run) = try world("cursor: { column: 'changed', type: 'datetime' },")
        let text = try String(contentsOfFile: folder.path + "/adapter.json5", encoding: .utf8)
        func error(_ input: String) throws -> AdapterError? {
            try folder.write(text.replacing("table: \"cases\"", with: input), to: "adapter.json5")
            do {
                _ = try run { _ in }
                return nil
            } catch {
                return error as? AdapterError
            }
        }
        try source.execute("INSERT INTO cases VALUES (1, 'secret-value', '2024-01-01')")
        let slow = try error("query: 'SELECT *, pg_sleep(60)::text AS s FROM cases', statement_timeout: '1s'")
        #expect(slow?.kind == .transient && slow?.message.contains("57014") == true && slow?.hint?.contains("statement_timeout") == true)
        let missing = try error("table: 'no_such_table'")
        #expect(missing?.kind == .configuration && missing?.message.contains("42P01") == true)
        for query in ["SELECT no, n::int AS n, changed FROM cases", "SELECT no, 1 / (no - 1) AS n, changed FROM cases", "SELECT no, (n || no)::date AS n, changed FROM cases"] {
            let bad = try error("query: '\(query)'")
            #expect(bad?.kind == .data && bad?.description.contains("SQLSTATE 22") == true)
            #expect(bad?.description.contains("secret-value") == false)
        }
    }

    /// What a database has beside the table that is read; of what the login may not read nothing is said.
    @Test func theOtherTablesAreOffered() throws {
        let (_, folder, source, _) = try world(cursor)
        try source.execute(
            """
            CREATE TABLE people (id int, "姓名" text, born date);
            CREATE SCHEMA tax; CREATE TABLE tax.secret (id int); CREATE VIEW tax.open AS SELECT 1 AS n;
            DROP ROLE IF EXISTS twinhub_test_reader; CREATE ROLE twinhub_test_reader LOGIN;
            GRANT SELECT ON cases, people TO twinhub_test_reader; GRANT USAGE ON SCHEMA tax TO twinhub_test_reader; GRANT SELECT ON tax.open TO twinhub_test_reader
            """)
        defer { _ = try? source.execute("DROP OWNED BY twinhub_test_reader; DROP ROLE twinhub_test_reader") }
        let name = try source.query("SELECT current_database()").text(0, 0) ?? ""
        let reader = try PrivateServer.shared().conninfo(of: PrivateServer.shared().server.conninfo(database: name), user: "twinhub_test_reader")
        let offered = try AdapterDiscover.others(folder.manifest(), environment: ["SOURCE": reader])
        #expect(offered.map { "\($0.name): \($0.columns.map { "\($0.name) \($0.type)\($0.personal.map { " (\($0))" } ?? "")" }.joined(separator: ", "))" } == [
            "people: id integer, 姓名 text (name), born date", "tax.open: n integer",
        ])
    }
}
