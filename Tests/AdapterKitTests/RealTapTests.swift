import Foundation
import PostgresClient
import PrivateServer
import Testing
@testable import AdapterKit

/// Taps from PyPI against a real table. TWINHUB_TAPS names a folder; the taps' virtual environments are made in it where they are missing
/// (needs Python 3, its venv module and PyPI), and used again the next time.
@Suite(.serialized, .enabled(if: RealTap.folder != nil, "set TWINHUB_TAPS to a folder for virtual environments, to run taps from PyPI"))
struct RealTapTests {
    private static let table = """
        CREATE TABLE benefit (id integer PRIMARY KEY, benefit text, amount numeric(12,2), at timestamptz NOT NULL);
        CREATE TABLE other (id integer PRIMARY KEY);
        INSERT INTO benefit SELECT n, '低保', n + 0.10, timestamptz '2024-05-01 00:00+08' + n * interval '1 hour' FROM generate_series(1, 30000) n
        """

    private static func place(_ source: String) -> [String: String] {
        Dictionary(uniqueKeysWithValues: source.split(separator: " ").map { part in
            let pair = part.split(separator: "=", maxSplits: 1)
            return (String(pair[0]), String(pair[1]).trimmingCharacters(in: ["'"]))
        })
    }

    private func folder(_ tap: RealTap, config: String, stream: String) throws -> SourceFolder {
        try SourceFolder(
            """
            { adapter: "test-tap", version: "1", department: "d", source: "urn:x",
              input: { kind: "singer", run: ["\(try tap.program())"], timeout: "5m", config: \(config) },
              streams: [{ name: "benefit", \(stream), key: ["id"],
                facts: [{ event: "benefit.granted", subject: "person/{id}", payload: { benefit: "benefit", amount: { from: "amount", type: "decimal" } } }] }] }
            """)
    }

    private func run(_ hub: TestHub, _ folder: SourceFolder, _ said: Said, url: String = "") throws -> RunReport {
        do {
            return try hub.run(folder) {
                $0.environment["TAP_PASSWORD"] = "t0p-s3cret"
                $0.environment["TAP_URL"] = url
                $0.log = said.add
            }
        } catch {
            for line in said.lines.suffix(20) { Issue.record("\(line)") }
            throw error
        }
    }

    /// `meltanolabs-tap-postgres`: from a bookmark on, which a tap asks for with >=.
    @Test func incremental() throws {
        let hub = try TestHub()
        let source = try PrivateServer.shared().freshDatabase(migrated: false)
        let civil = try Connection(source)
        try civil.execute(Self.table)
        let said = Said()
        let place = Self.place(source)
        // The server listens on its socket only; this tap asks for a host too.
        let url = "postgresql+psycopg2://\(place["user"] ?? ""):t0p-s3cret@localhost:\(place["port"] ?? "5432")/\(place["dbname"] ?? "")?host=\(place["host"] ?? "")"
        let folder = try folder(
            RealTap(package: "meltanolabs-tap-postgres"), config: "{ sqlalchemy_url: { secret: \"env:TAP_URL\" } }",
            stream: "tap_stream: \"public-benefit\", mode: \"incremental\", replication_key: \"at\"")
        #expect(try run(hub, folder, said, url: url).counts == [30_000, 30_000, 0, 0, 0, 0, 0])
        try civil.execute(
            """
            INSERT INTO benefit VALUES (30001, 'new', 1.10, timestamptz '2034-01-01 00:00+08'), (30002, 'late', 1, timestamptz '2020-01-01 00:00+08');
            UPDATE benefit SET amount = 7.70, at = timestamptz '2034-01-02 00:00+08' WHERE id = 5;
            DELETE FROM benefit WHERE id = 6
            """)
        // The last row comes again; what lies before the bookmark, and what is gone, no incremental stream sees.
        #expect(try run(hub, folder, said, url: url).counts == [3, 1, 1, 1, 0, 0, 0])
        #expect(try hub.facts("e.subject || ' ' || e.payload").suffix(2).sorted() == [
            #"person/30001 {"benefit":"new","amount":1.10}"#, #"person/5 {"benefit":"低保","amount":7.70}"#,
        ])
        #expect(try run(hub, folder, said, url: url).counts == [1, 0, 0, 1, 0, 0, 0])
        let state = try hub.column("SELECT value->'bookmarks'->'public-benefit'->>'replication_key_value' FROM hub.cursor WHERE stream = '#singer'")
        #expect(state.first?.hasPrefix("2034-01-0") == true)
        #expect(!said.lines.isEmpty && !said.lines.contains { $0.contains("t0p-s3cret") })
        #expect(try hub.column("SELECT DISTINCT m->>'metric' FROM hub.run, json_array_elements(metrics) m").contains("record_count"))
    }

    /// `pipelinewise-tap-postgres`: the whole table under a version, ACTIVATE_VERSION behind it.
    @Test func fullTable() throws {
        let hub = try TestHub()
        let source = try PrivateServer.shared().freshDatabase(migrated: false)
        let civil = try Connection(source)
        try civil.execute(Self.table)
        let said = Said()
        let place = Self.place(source)
        let folder = try folder(
            RealTap(package: "pipelinewise-tap-postgres"),
            config: """
                { host: "\(place["host"] ?? "")", port: \(place["port"] ?? "5432"), user: "\(place["user"] ?? "")", password: { secret: "env:TAP_PASSWORD" },
                  dbname: "\(place["dbname"] ?? "")" }
                """,
            stream: "tap_stream: \"public-benefit\", mode: \"snapshot\", removed: { event: \"benefit.stopped\", max_ratio: 0.05 }")
        #expect(try run(hub, folder, said).counts == [30_000, 30_000, 0, 0, 0, 0, 0])
        try civil.execute(
            """
            INSERT INTO benefit VALUES (30001, 'new', 1.10, now());
            UPDATE benefit SET amount = 7.70 WHERE id = 5;
            DELETE FROM benefit WHERE id = 6
            """)
        #expect(try run(hub, folder, said).counts == [30_000, 1, 1, 29_998, 1, 0, 0])
        #expect(try hub.facts("t.name || ' ' || e.subject || ' ' || e.payload").suffix(3).sorted() == [
            #"benefit.granted person/30001 {"benefit":"new","amount":1.10}"#, #"benefit.granted person/5 {"benefit":"低保","amount":7.70}"#,
            #"benefit.stopped person/6 {}"#,
        ])
        #expect(try run(hub, folder, said).counts == [30_000, 0, 0, 30_000, 0, 0, 0])
        try civil.execute("DELETE FROM benefit WHERE id <= 3000")
        #expect(try run(hub, folder, said).counts == [27_001, 0, 0, 27_001, 0, 0, 2_999])
        #expect(try hub.column("SELECT stream FROM hub.fingerprint WHERE stream LIKE '%#version'").isEmpty)
        #expect(!said.lines.contains { $0.contains("t0p-s3cret") })
    }
}

/// A tap in a virtual environment of its own: taps pin what they need, and do not go together.
struct RealTap {
    let package: String

    static var folder: String? { ProcessInfo.processInfo.environment["TWINHUB_TAPS"].flatMap { $0.isEmpty ? nil : $0 } }

    /// The tap's program, installed where it is missing.
    func program() throws -> String {
        let folder = try #require(Self.folder)
        let home = "\(folder)/\(package)"
        let program = home + "/bin/tap-postgres"
        if !FileManager.default.isExecutableFile(atPath: program) {
            for words in [["python3", "-m", "venv", home], [home + "/bin/pip", "install", "--quiet", package]] {
                let process = Process()
                process.executableURL = URL(filePath: "/usr/bin/env")
                process.arguments = words
                try process.run()
                process.waitUntilExit()
                try #require(process.terminationStatus == 0, "\(words.joined(separator: " ")) failed: is PyPI within reach?")
            }
        }
        return program
    }
}
