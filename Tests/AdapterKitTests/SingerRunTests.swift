import EventLog
import Foundation
import Testing
@testable import AdapterKit

/// What a run promises of a tap: state with the facts before it, removals only after a version was activated and the tap ended well.
@Suite struct SingerRunTests {
    private static let schema = #"{"type":"SCHEMA","stream":"cases","key_properties":["id"],"schema":{"properties":{"id":{},"n":{},"note":{}}}}"#

    private static func manifest(_ streams: String, _ more: String = ", catalog: \"none\"") -> String {
        """
        { adapter: "test-source", version: "1.0.0", department: "tests", source: "urn:test",
          input: { kind: "singer", run: ["./tap.sh"]\(more) }, streams: [\(streams)] }
        """
    }

    private static func stream(_ name: String = "cases", _ more: String = "mode: \"incremental\"") -> String {
        "{ name: \"\(name)\", \(more), key: [\"id\"], facts: [{ event: \"case.received\", subject: \"case/\(name)-{id}\", payload: { value: \"n\" } }] }"
    }

    private static let snapshot = stream("cases", "mode: \"snapshot\", removed: { event: \"case.withdrawn\", max_ratio: 0.5 }")

    private static func record(_ id: Int, _ n: String = "1", stream: String = "cases", version: Int? = nil) -> String {
        "{\"type\":\"RECORD\",\"stream\":\"\(stream)\",\"record\":{\"id\":\(id),\"n\":\(n)}\(version.map { ",\"version\":\($0)" } ?? "")}"
    }

    private static func state(_ value: String) -> String { "{\"type\":\"STATE\",\"value\":\(value)}" }

    private static func activate(_ version: Int, stream: String = "cases") -> String {
        "{\"type\":\"ACTIVATE_VERSION\",\"stream\":\"\(stream)\",\"version\":\(version)}"
    }

    /// A tap that prints these lines and ends with a code.
    private static func print(_ lines: [String], in folder: SourceFolder, code: Int = 0) throws {
        try folder.write(([schema] + lines).map { $0 + "\n" }.joined(), to: "out.singer")
        try folder.tap("echo \"$@\" > arguments; for a in \"$@\"; do [ -f \"$a\" ] && cat \"$a\" >> arguments; done; cat out.singer; exit \(code)")
    }

    private static func stored(_ hub: TestHub) throws -> [String] { try hub.column("SELECT value FROM hub.cursor WHERE stream = '#singer'") }

    @Test func theStateComesBackAndAnEmptyOneReplacesNothing() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.stream(), ", catalog: \"none\", config: { url: \"x\", depth: 1.10, key: { secret: \"env:KEY\" } }"))
        let environment: @Sendable (inout RunOptions) -> Void = { $0.environment = ["PATH": "/usr/bin:/bin", "KEY": "s3cret"] }
        try Self.print([Self.record(1), Self.state("{\"bookmarks\":{\"cases\":{\"id\":1.50}}}")], in: folder)
        #expect(try hub.run(folder, environment).facts == 1)
        #expect(try Self.stored(hub) == ["{\"bookmarks\":{\"cases\":{\"id\":1.50}}}"])
        try Self.print([Self.record(2), Self.state("{}"), Self.state("null")], in: folder)
        #expect(try hub.run(folder, environment).facts == 1)
        #expect(try Self.stored(hub) == ["{\"bookmarks\":{\"cases\":{\"id\":1.50}}}"])
        let seen = try String(contentsOfFile: folder.path + "/arguments", encoding: .utf8).split(separator: "\n")[0]
        let words = seen.split(separator: " ").map(String.init)
        #expect(words.count == 4 && words[0] == "--config" && words[2] == "--state" && !seen.contains("s3cret"))
        let all = try String(contentsOfFile: folder.path + "/arguments", encoding: .utf8)
        #expect(all.contains("{\"url\":\"x\",\"depth\":1.10,\"key\":\"s3cret\"}{\"bookmarks\":{\"cases\":{\"id\":1.50}}}"))
        // The private copies are gone with the tap.
        #expect(!FileManager.default.fileExists(atPath: words[1]))
        // Whoever forgets the stream gets it from its beginning.
        try hub.admin.execute("DELETE FROM hub.cursor WHERE stream = 'cases'")
        try hub.run(folder, environment)
        #expect(try String(contentsOfFile: folder.path + "/arguments", encoding: .utf8).contains("\"s3cret\"}{\"bookmarks\":{}}"))
    }

    @Test func numbersKeepTheirDigits() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.stream()))
        try Self.print([Self.record(777, "1.10").replacing("777", with: "12345678901234567890123")], in: folder)
        try hub.run(folder)
        #expect(try hub.facts("e.subject || ' ' || e.payload") == ["case/cases-12345678901234567890123 {\"value\":1.10}"])
    }

    /// The facts of all streams before a STATE are in its transaction, or in one before it.
    @Test func aStateIsNeverAheadOfItsRecords() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.stream("cases") + "," + Self.stream("notes")))
        let notes = Self.schema.replacing("\"cases\"", with: "\"notes\"")
        var lines = [notes]
        for id in 1...30 {
            lines += [Self.record(id), Self.record(id, stream: "notes")]
            if id % 5 == 0 { lines.append(Self.state("{\"upto\":\(id)}")) }
        }
        try Self.print(lines, in: folder)
        let violations = Violations()
        // Used on this thread alone, which commits.
        nonisolated(unsafe) let admin = hub.admin
        try hub.run(folder) {
            $0.batchFacts = 3
            $0.committed = { _ in
                let rows = try admin.execute(
                    """
                    SELECT coalesce((SELECT (value->>'upto')::int FROM hub.cursor WHERE stream = '#singer'), 0),
                           count(*) FILTER (WHERE subject LIKE 'case/cases-%'), count(*) FILTER (WHERE subject LIKE 'case/notes-%') FROM hub.event
                    """)
                violations.batches += 1
                if let upTo = rows.int(0, 0), upTo > min(rows.int(0, 1) ?? 0, rows.int(0, 2) ?? 0) { violations.found += 1 }
            }
        }
        #expect(violations.found == 0 && violations.batches > 10)
        #expect(try Self.stored(hub) == ["{\"upto\":30}"])
        #expect(try hub.facts().count == 60)
    }

    @Test func aTapThatFailsKeepsWhatCameBeforeItsLastState() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.snapshot))
        try Self.print([Self.record(1, version: 1), Self.record(2, version: 1), Self.activate(1), Self.state("{\"v\":1}")], in: folder)
        #expect(try hub.run(folder).facts == 2)
        // Activated or not: a tap that fails tells no removals.
        try Self.print([Self.record(3, version: 2), Self.state("{\"v\":2}"), Self.activate(2)], in: folder, code: 1)
        let error = #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(error?.message == "The program failed (exit code 1).")
        #expect(try hub.facts() == ["case.received case/cases-1", "case.received case/cases-2", "case.received case/cases-3"])
        #expect(try Self.stored(hub) == ["{\"v\":2}"])
    }

    @Test func onlyOlderVersionsAreRemoved() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.snapshot))
        let first = (1...4).map { Self.record($0, version: 10) }
        try Self.print([Self.activate(10)] + first + [Self.activate(10), Self.state("{\"v\":10}")], in: folder)
        #expect(try hub.run(folder).counts == [4, 4, 0, 0, 0, 0, 0])
        // The same version again, with changed rows only: nothing is gone.
        try Self.print([Self.activate(10), Self.record(2, "2", version: 10)], in: folder)
        #expect(try hub.run(folder).counts == [1, 0, 1, 0, 0, 0, 0])
        // Without an activation nothing is gone either.
        try Self.print([Self.record(1, version: 11)], in: folder)
        #expect(try hub.run(folder).counts == [1, 0, 0, 1, 0, 0, 0])
        // A full table under a newer version: 3 is gone.
        try Self.print([1, 2, 4].map { Self.record($0, "2", version: 12) } + [Self.activate(12)], in: folder)
        #expect(try hub.run(folder).counts == [3, 0, 2, 1, 1, 0, 0])
        #expect(try hub.facts().last == "case.withdrawn case/cases-3")
        // Past the guard they are held back, and let pass.
        try Self.print([Self.record(1, "2", version: 13), Self.activate(13)], in: folder)
        #expect(try hub.run(folder).counts == [1, 0, 0, 1, 0, 0, 2])
        #expect(try hub.run(folder) { $0.acceptRemovals = true }.counts == [1, 0, 0, 1, 2, 0, 0])
        // An empty table.
        try Self.print([Self.activate(14)], in: folder)
        #expect(try hub.run(folder) { $0.acceptRemovals = true }.counts == [0, 0, 0, 0, 1, 0, 0])
    }

    /// A version of which one run brought the first half, and the next one the rest.
    @Test func aVersionMayTakeTwoRuns() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.snapshot))
        try Self.print((1...6).map { Self.record($0, version: 1) } + [Self.activate(1)], in: folder)
        try hub.run(folder)
        try Self.print([1, 2, 3].map { Self.record($0, version: 2) } + [Self.state("{\"at\":3}")], in: folder, code: 1)
        #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(try hub.column("SELECT DISTINCT stream FROM hub.fingerprint WHERE stream LIKE '%#version'") == ["cases#version"])
        try Self.print([4, 5].map { Self.record($0, version: 2) } + [Self.activate(2)], in: folder)
        #expect(try hub.run(folder).counts == [2, 0, 0, 2, 1, 0, 0])
        #expect(try hub.facts().last == "case.withdrawn case/cases-6")
        #expect(try hub.column("SELECT stream FROM hub.fingerprint WHERE stream LIKE '%#version'").isEmpty)
    }

    @Test func recordsOfTwoVersionsInOneRun() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.snapshot))
        try Self.print((1...3).map { Self.record($0, version: 1) } + [Self.activate(1)], in: folder)
        try hub.run(folder)
        try Self.print((1...3).map { Self.record($0, version: 2) } + [Self.activate(2), Self.record(2, version: 3), Self.record(3, version: 3), Self.activate(3)], in: folder)
        #expect(try hub.run(folder).counts == [5, 0, 0, 5, 1, 0, 0])
        #expect(try hub.facts().last == "case.withdrawn case/cases-1")
    }

    @Test func anAppendStreamNeedsAState() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.stream("cases", "mode: \"append\"").replacing("key: [\"id\"], ", with: "")))
        try Self.print([Self.record(1), Self.record(2)], in: folder)
        let error = #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(error?.message.contains("without a STATE") == true)
        #expect(try hub.facts().isEmpty)
        // Killed at any batch, and failed between two STATEs: each record once, as long as the tap goes on from its STATE.
        try Self.print([Self.record(1), Self.record(2), Self.state("{\"at\":2}"), Self.record(3)], in: folder, code: 1)
        #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(try hub.facts().count == 2)
        #expect(try Self.stored(hub) == ["{\"at\":2}"])
        try Self.print([Self.record(3), Self.state("{\"at\":3}")], in: folder)
        #expect(try hub.run(folder).facts == 1)
    }

    @Test func whatIsNoMessageIsRefusedAndHoldsRemovalsBack() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.snapshot))
        try Self.print([1, 2, 3, 4].map { Self.record($0, version: 1) } + [Self.activate(1)], in: folder)
        try hub.run(folder)
        try Self.print(["Loading …", Self.record(1, version: 2), Self.record(2, version: 2), Self.record(3, version: 2), Self.activate(2)], in: folder)
        #expect(try hub.run(folder).counts == [4, 0, 0, 3, 0, 1, 1])
        #expect(try hub.quarantine() == ["cases tap.sh 2 syntax"])
    }

    @Test func messagesThatCannotBeHonouredEndTheRun() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.stream()))
        try Self.print([Self.record(1), "{\"type\":\"BATCH\",\"stream\":\"cases\",\"encoding\":{},\"manifest\":[]}"], in: folder)
        let batch = #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(batch?.kind == .configuration && batch?.message.contains("BATCH") == true)
        try Self.print([Self.schema.replacing("[\"id\"]", with: "[\"id\",\"region\"]"), Self.record(1)], in: folder)
        let key = #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(key?.message.contains("leaves \"region\" out") == true)
        try Self.print([Self.record(1)], in: folder)
        try hub.run(folder)
        try Self.print([Self.schema.replacing(",\"n\":{}", with: "")], in: folder)
        let gone = #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(gone?.message.contains("column \"n\"") == true)
    }

    @Test func metricsAndLogLinesAndStreamsThatNobodyNames() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest(Self.stream()))
        try Self.print([Self.record(1), Self.record(7, stream: "other"), Self.record(8, stream: "other")], in: folder)
        try folder.tap(
            """
            echo 'INFO METRIC: {"type": "counter", "metric": "record_count", "value": 2, "tags": {"endpoint": "cases", "pid": 7}}' >&2
            echo 'INFO METRIC: {"type": "counter", "metric": "record_count", "value": 3, "tags": {"endpoint": "cases", "pid": 8}}' >&2
            echo 'INFO METRIC: {"type": "timer", "metric": "job_duration", "value": 0.5, "tags": {"status": "succeeded"}}' >&2
            echo 'INFO ready' >&2
            cat out.singer
            """)
        let said = Said()
        try hub.run(folder) { $0.log = said.add }
        #expect(Set(said.lines) == ["tap.sh: INFO ready", "tap.sh: 2 records of the stream \"other\", which the manifest does not name, were passed over"])
        #expect(try hub.column("SELECT m->>'metric' || ' ' || (m->>'value') || ' ' || (m->>'count') FROM hub.run, json_array_elements(metrics) m")
            == ["record_count 5.0 2", "job_duration 0.5 1"])
    }

    @Test func theCatalogIsDiscoveredAndSelected() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            Self.manifest(
                "{ name: \"cases\", tap_stream: \"public-cases\", mode: \"incremental\", replication_key: \"n\", key: [\"id\"], personal: { phone: \"drop\" }, ignore: [\"x\"], facts: [{ event: \"case.received\", subject: \"case/{id}\", payload: { value: \"n\" } }] }",
                ""))
        let catalog = """
            {"streams":[{"tap_stream_id":"public-cases","stream":"cases","schema":{},"metadata":[
              {"breadcrumb":[],"metadata":{"table-key-properties":["id"]}},
              {"breadcrumb":["properties","n"],"metadata":{"inclusion":"available"}},
              {"breadcrumb":["properties","phone"],"metadata":{"inclusion":"available"}}]},
             {"tap_stream_id":"public-other","stream":"other","schema":{}}]}
            """
        try folder.write(catalog, to: "catalog.json")
        try folder.write(Self.schema + "\n" + Self.record(1) + "\n", to: "out.singer")
        try folder.tap(
            """
            while [ $# -gt 0 ]; do
              case "$1" in --discover) cat catalog.json; exit ;; --catalog) cp "$2" selected.json ;; esac
              shift
            done
            cat out.singer
            """)
        #expect(try hub.run(folder).facts == 1)
        let selected = try String(contentsOfFile: folder.path + "/selected.json", encoding: .utf8)
        #expect(
            selected
                == #"{"streams":[{"tap_stream_id":"public-cases","stream":"cases","schema":{},"metadata":["#
                + #"{"breadcrumb":[],"metadata":{"table-key-properties":["id"],"selected":true,"replication-method":"INCREMENTAL","replication-key":"n"}},"#
                + #"{"breadcrumb":["properties","n"],"metadata":{"inclusion":"available","selected":true}},"#
                + #"{"breadcrumb":["properties","phone"],"metadata":{"inclusion":"available","selected":false}}],"#
                + #""selected":true,"replication_method":"INCREMENTAL","replication_key":"n"},"#
                + #"{"tap_stream_id":"public-other","stream":"other","schema":{},"metadata":[{"breadcrumb":[],"metadata":{"selected":false}}],"selected":false}]}"#)
        let offered = try AdapterDiscover.others(folder.manifest(), environment: ["PATH": "/usr/bin:/bin"])
        #expect(offered.map(\.name) == ["public-other"])
        let other = try SourceFolder(Self.manifest(Self.stream("casez"), ""))
        try other.write(catalog, to: "catalog.json")
        try other.tap("cat catalog.json")
        let error = #expect(throws: AdapterError.self) { try hub.run(other) }
        #expect(error?.description == "tap.sh: Stream \"casez\": the tap knows no stream \"casez\". The nearest one is \"cases\".")
    }

    @Test func manifestsThatCannotWork() {
        func message(_ stream: String) -> String? { mistake(in: Self.manifest(stream))?.message }
        #expect(message(Self.stream("a", "mode: \"incremental\", cursor: \"n\"")) == "\"cursor\" does not go with a singer input: its STATE is the cursor.")
        #expect(message(Self.stream("a", "mode: \"snapshot\", repeated: \"collect\""))?.contains("records come once") == true)
        #expect(mistake(in: manifestText(Self.stream("a", "mode: \"snapshot\", tap_stream: \"b\"")))?.message == "\"tap_stream\" goes with a singer input.")
    }
}

/// Counted on the thread that commits, read when the run has ended.
private final class Violations: @unchecked Sendable {
    var found = 0
    var batches = 0
}
