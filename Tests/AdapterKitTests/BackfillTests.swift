import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Testing
@testable import AdapterKit

/// A range of the past read again: what was not told is told, and nothing else moves.
@Suite struct BackfillTests {
    private static func manifest(_ input: String, _ cursor: String, more: String = "") -> String {
        """
        { adapter: "test-source", version: "1", department: "d", source: "urn:x", input: \(input),
          streams: [{ name: "s", mode: "incremental", key: ["no"], cursor: \(cursor), \(more)
            facts: [{ event: "case.received", subject: "case/{no}", payload: { note: "n" } }] }] }
        """
    }

    private static let days = "{ column: 'changed', type: 'datetime', zone: 'Asia/Shanghai' }"

    @discardableResult
    private func backfill(
        _ hub: TestHub, _ folder: SourceFolder, _ from: String, _ to: String, stream: String? = nil, dryRun: Bool = false,
        _ environment: [String: String] = [:]
    ) throws -> [Int] {
        let manifest = try folder.manifest()
        var options = RunOptions()
        options.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        let report = try Backfill(manifest, connection: hub.connection(for: manifest), keys: hub.keys, options: options).run(
            stream: stream, from: from, to: to, dryRun: dryRun)
        return [report.counters.read, report.counters.added, report.counters.changed, report.counters.unchanged, report.facts]
    }

    /// Rows that were committed behind the cursor: no run would ever find them.
    @Test func whatATableGotBehindTheCursorIsTold() throws {
        let database = try PrivateServer.shared().freshDatabase(migrated: false)
        let source = try Connection(database)
        try source.execute("CREATE TABLE cases (no int, n text, changed timestamptz)")
        try source.execute("INSERT INTO cases SELECT n, 'x', timestamptz '2024-05-01 00:00+08' + n * interval '1 day' FROM generate_series(0, 9) n")
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest("{ kind: 'postgres', connection: { secret: 'env:SOURCE' }, table: 'cases' }", Self.days))
        let environment = ["SOURCE": database]
        #expect(try hub.run(folder) { $0.environment = environment }.counts == [10, 10, 0, 0, 0, 0, 0])
        try source.execute(
            """
            INSERT INTO cases VALUES (20, 'late', '2024-05-03 12:00+08'), (21, 'at the end', '2024-05-05 00:00+08'), (22, 'no date', NULL);
            UPDATE cases SET n = 'changed' WHERE no = 3;
            DELETE FROM cases WHERE no = 2
            """)
        let before = try hub.column("SELECT stream || value::text FROM hub.cursor ORDER BY 1") + hub.column("SELECT run::text FROM hub.source_status")
        #expect(try backfill(hub, folder, "2024-05-03", "2024-05-05", dryRun: true, environment) == [2, 1, 1, 0, 2])
        #expect(try hub.facts().count == 10)
        // The end is not in it, in the cursor's zone; the row that is gone is not told.
        #expect(try backfill(hub, folder, "2024-05-03", "2024-05-05", environment) == [2, 1, 1, 0, 2])
        #expect(try hub.facts("e.subject").suffix(2).sorted() == ["case/20", "case/3"])
        #expect(try backfill(hub, folder, "2024-05-03", "2024-05-05T00:00:00+08:00", environment) == [2, 0, 0, 2, 0])
        #expect(try hub.column("SELECT stream || value::text FROM hub.cursor ORDER BY 1") + hub.column("SELECT run::text FROM hub.source_status") == before)
        // The next run goes on as if nothing had been.
        #expect(try hub.run(folder) { $0.environment = environment }.counts == [2, 1, 0, 1, 0, 0, 0])
    }

    @Test func aServerIsAskedForTheRange() throws {
        let world = try HTTPWorld(
            "format: 'json', query: { since: '{cursor}', until: '{until}' }", mode: "incremental",
            stream: "key: ['no'], cursor: { column: 'no', type: 'integer', lag: 1 },"
        ) { request in
            .ok(HTTPTestServer.records((Int(request["since"] ?? "") ?? 6)...(Int(request["until"] ?? "") ?? 8)))
        }
        #expect(try world.run().counts == [3, 3, 0, 0, 0, 0, 0])
        // The server takes the end for a part of the range; it is left out here.
        #expect(try backfill(world.hub, world.folder, "2", "5") == [3, 3, 0, 0, 3])
        #expect(try backfill(world.hub, world.folder, "2", "5") == [3, 0, 0, 3, 0])
        try world.run()
        #expect(world.server.requests.map(\.target) == ["/list", "/list?since=2&until=5", "/list?since=2&until=5", "/list?since=7"])
    }

    @Test func aProgramIsAskedForTheRange() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest("{ kind: 'command', run: ['./pull.sh', '{cursor}', '{until}'], format: 'ndjson' }", "'n'"))
        try folder.tap("echo \"$1 $2 $TWINHUB_CURSOR $TWINHUB_UNTIL\" >> asked; cat rows", as: "pull.sh")
        try folder.write("{\"no\":1,\"n\":\"a\"}\n{\"no\":2,\"n\":\"b\"}\n{\"no\":3,\"n\":\"c\"}\n{\"no\":4}\n", to: "rows")
        #expect(try backfill(hub, folder, "b", "c") == [1, 1, 0, 0, 1])
        #expect(try String(contentsOfFile: folder.path + "/asked", encoding: .utf8) == "b c b c\n")
        #expect(try hub.facts() == ["case.received case/2"])
    }

    /// Broken rows may be of the range: they are refused as in a run, and once.
    @Test func ofFilesAllAreRead() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest("{ kind: 'file', path: 'in/*', format: 'csv' }", Self.days))
        try folder.write("no,n,changed\n1,x,2024-05-01 23:59:59\n2,y,2024-05-02 00:00:00\n3,z\n4,w,2024-05-03\n5,v,\n", to: "in/a.csv")
        #expect(try backfill(hub, folder, "2024-05-02", "2024-05-03") == [2, 1, 0, 0, 1])
        #expect(try backfill(hub, folder, "2024-05-02", "2024-05-03") == [2, 0, 0, 1, 0])
        #expect(try hub.quarantine() == ["s in/a.csv 4 ragged"])
        #expect(try hub.run(folder).counts == [5, 3, 0, 1, 0, 1, 0])
        #expect(try hub.column("SELECT DISTINCT input FROM hub.batch ORDER BY 1") == ["backfill: in/a.csv", "in/a.csv"])
    }

    @Test(arguments: [
        ("{ name: 's', mode: 'append', facts: FACTS }", "rows would be told twice"),
        ("{ name: 's', mode: 'snapshot', key: ['no'], facts: FACTS }", "each run reads the whole list"),
        ("{ name: 's', mode: 'incremental', key: ['no'], repeated: 'last', cursor: 'n', facts: FACTS }", "several rows form one record"),
    ]) func streamsWithoutARangeSaySo(_ stream: String, _ reason: String) throws {
        let hub = try TestHub()
        let facts = "[{ event: 'case.received', subject: 'case/{no}', payload: { note: 'n' } }]"
        let folder = try SourceFolder(manifestText(stream.replacing("FACTS", with: facts)))
        try folder.write("no,n\n1,x\n", to: "samples/a.csv")
        let error = #expect(throws: AdapterError.self) { try backfill(hub, folder, "a", "b") }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains(reason) == true)
        #expect(try hub.facts().isEmpty)
    }

    @Test func aTapHasNoRange() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            """
            { adapter: "test-source", version: "1", department: "d", source: "urn:x", input: { kind: "singer", run: ["./tap.sh"], catalog: "none" },
              streams: [{ name: "s", mode: "incremental", key: ["no"], facts: [{ event: "case.received", subject: "case/{no}", payload: { note: "n" } }] }] }
            """)
        let error = #expect(throws: AdapterError.self) { try backfill(hub, folder, "a", "b") }
        #expect(error?.message.contains("only the tap knows") == true)
    }

    @Test func rangesThatCannotBe() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest("{ kind: 'file', path: 'in/*', format: 'csv' }", Self.days))
        func message(_ from: String, _ to: String, stream: String? = nil) -> String? {
            (#expect(throws: AdapterError.self) { try backfill(hub, folder, from, to, stream: stream) })?.description
        }
        #expect(message("2024-05-02", "2024-05-02")?.contains("is empty") == true)
        #expect(message("2 May", "2024-05-02")?.contains("\"2 May\" is no time") == true)
        #expect(message("2024-05-02", "2024-05-03", stream: "t")?.contains("It has s.") == true)
    }
}
