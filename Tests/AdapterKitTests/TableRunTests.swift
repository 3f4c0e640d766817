import EventLog
import Foundation
import PostgresClient
import PrivateServer
import RecordFormats
import Testing
@testable import AdapterKit

@Suite struct TableRunTests {
    private func manifest(_ stream: String, input: String) -> String {
        """
        { adapter: "test-table", version: "1", department: "d", source: "urn:x",
          input: { kind: "postgres", connection: { secret: "env:CIVIL" }, \(input) }, streams: [\(stream)] }
        """
    }

    private let facts = """
        facts: [{ event: "benefit.granted", subject: "person/{id}", occurred_at: { from: "since", type: "datetime" },
                  payload: { benefit: "benefit", amount: { from: "amount", type: "decimal" }, note: "note" } }]
        """

    @Test func aTableIsASnapshot() throws {
        let hub = try TestHub()
        let source = try PrivateServer.shared().freshDatabase(migrated: false)
        let civil = try Connection(source)
        try civil.execute(
            """
            CREATE SCHEMA civil;
            CREATE TABLE civil.benefit (id int, benefit text, amount numeric, since timestamptz, note text);
            INSERT INTO civil.benefit VALUES (1, '低保', 1200.50, '2024-01-01 00:00+08', E'tab\\there\\\\'), (2, '高龄', 300.00, NULL, NULL), (NULL, 'x', 1, NULL, '')
            """)
        let folder = try SourceFolder(
            manifest("{ name: 'b', mode: 'snapshot', key: ['id'], removed: { event: 'benefit.stopped' }, \(facts) }", input: "table: 'civil.benefit'"))
        let environment: @Sendable (inout RunOptions) -> Void = { $0.environment = ["CIVIL": source] }
        #expect(try hub.run(folder, environment).counts == [3, 2, 0, 0, 0, 1, 0])
        #expect(try hub.facts("e.subject || ' ' || coalesce(e.occurred_at::text, '-') || ' ' || e.payload") == [
            #"person/1 2023-12-31 16:00:00+00 {"benefit":"低保","amount":1200.50,"note":"tab\there\\"}"#,
            #"person/2 - {"benefit":"高龄","amount":300.00}"#,
        ])
        #expect(try hub.quarantine() == ["b civil.benefit 3 missing_key"])
        try civil.execute("DELETE FROM civil.benefit WHERE id IS NULL OR id = 1; UPDATE civil.benefit SET amount = 310")
        #expect(try hub.run(folder, environment).counts == [1, 0, 1, 0, 1, 0, 0])
        #expect(try hub.facts().suffix(2) == ["benefit.granted person/2", "benefit.stopped person/1"])
    }

    @Test func aCursorReadsWhatIsNew() throws {
        let hub = try TestHub()
        let source = try PrivateServer.shared().freshDatabase(migrated: false)
        let civil = try Connection(source)
        try civil.execute(
            """
            CREATE TABLE benefit (id int, benefit text, amount numeric, since timestamptz, note text, at timestamp);
            INSERT INTO benefit SELECT n, 'b', n, NULL, NULL, timestamp '2024-05-01 00:00' + n * interval '1 hour' FROM generate_series(1, 10) n
            """)
        let folder = try SourceFolder(
            manifest(
                "{ name: 'b', mode: 'incremental', key: ['id'], cursor: { column: 'at', type: 'datetime', zone: 'Asia/Shanghai', lag: '2h' }, \(facts) }",
                input: "query: 'SELECT * FROM benefit;'"))
        let environment: @Sendable (inout RunOptions) -> Void = { $0.environment = ["CIVIL": source] }
        #expect(try hub.run(folder, environment).counts == [10, 10, 0, 0, 0, 0, 0])
        // From two hours before the last one (>=): 8, 9, 10.
        #expect(try hub.run(folder, environment).counts == [3, 0, 0, 3, 0, 0, 0])
        try civil.execute("INSERT INTO benefit VALUES (11, 'b', 1, NULL, NULL, '2024-05-01 09:30'); UPDATE benefit SET amount = 99, at = '2024-05-01 12:00' WHERE id = 3")
        #expect(try hub.run(folder, environment).counts == [5, 1, 1, 3, 0, 0, 0])
        #expect(try hub.facts().suffix(2) == ["benefit.granted person/11", "benefit.granted person/3"])
    }

    @Test func aMissingSecretIsNamedAndNotShown() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("{ name: 'b', mode: 'snapshot', key: ['id'], \(facts) }", input: "table: 't'"))
        #expect(throws: AdapterError(
            .configuration, "The environment variable CIVIL is not set.", hint: "Set it to the connection string of the source's database.")) {
            try hub.run(folder) { $0.environment = [:] }
        }
    }

    @Test func copyTextIsUnescaped() {
        let line = Array("a\\tb\t\\N\t\t\\\\N\\n".utf8)
        #expect(line.withUnsafeBytes { CopyText.values($0) } == [.text("a\tb"), .null, .text(""), .text("\\N\n")])
    }
}
