import EventLog
import Foundation
import PrivateServer
import RecordFormats
import Subprocess
import Testing
@testable import AdapterKit

/// Real deliveries with answers that somebody else worked out; skipped where the files are not there.
@Suite struct OracleTests {
    private static let outages = SharedData.path("test-only/cdc/pge_2022-04-15_week.jsonl.xz")

    private static let columns = [
        "outageStartTime", "crewCurrentStatus", "autoEtor", "currentEtor", "cause", "estCustAffected", "lastUpdateTime", "hazardFlag", "latitude",
        "longitude", "outageDevices", "regionName", "crewEta",
    ]

    private static func decompressed(_ path: String) throws -> Data {
        let (status, text) = try ChildProcess.run("xz", ["-dc", path])
        try #require(status == 0)
        return Data(text.utf8)
    }

    /// A utility's outage map, polled 825 times; each poll's own count of what was added, removed and changed is the oracle.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: outages), "needs ../shared/data/test-only/cdc"))
    func everyPollCountsAsItsScraperDid() throws {
        let polls = try Self.decompressed(Self.outages).split(separator: UInt8(ascii: "\n")).map { try JSONParser.parse(Array($0)) }
        #expect(polls.count == 825)
        let text = manifestText(
            """
            { name: "outages", mode: "snapshot", key: ["outageNumber"], repeated: "last", removed: { event: "case.withdrawn", max_ratio: 1 },
              facts: [{ event: "case.received", subject: "case/{outageNumber}", payload: { \(Self.columns.map { "\($0): '\($0)'" }.joined(separator: ", ")) } }] }
            """, format: "'json'")
        let folder = try SourceFolder(text)
        let manifest = try folder.manifest()
        let stream = manifest.streams[0]
        // Rewritten blocks are several.
        var small = PullBatch.Limits()
        small.blockBytes = 1_000
        var blocks: [FingerprintBlock] = []
        var totals = BatchCounters()
        var facts = 0
        for (number, poll) in polls.enumerated() {
            try folder.write(JSONWriter.encode(try #require(poll[member: "body"])), to: "samples/a.json")
            let table = FingerprintTable()
            for block in blocks { try FingerprintBlocks.read(block, into: table) }
            let input = FileInput(files: [try FileSearch.examine(folder.path + "/samples/a.json", folder: folder.path)], format: .json(records: ""), encoding: nil)
            let pull = try StreamPull(
                stream, of: manifest, input: input, protection: Protection(.forSamples), table: table, refusedTable: FingerprintTable(),
                limits: small,
                commit: { batch in
                    if batch.compacted.contains("outages") { blocks = [] }
                    blocks += batch.fingerprints.filter { $0.stream == "outages" }
                    facts += batch.events.filter { $0.type != "source.drifted" }.count
                })
            try pull.read(input, progressState: nil)
            try pull.finish(before: StreamState(), complete: true, acceptRemovals: false, compact: blocks.count > 20) { _ in StreamState() }
            guard number > 0 else { continue }
            totals += pull.counters
            let counted = poll[member: "subject"]?.string ?? ""
            for (word, count) in [("added", pull.counters.added), ("removed", pull.counters.removed), ("changed", pull.counters.changed)] {
                #expect(count == Self.number(before: word, in: counted), "poll \(number): \(counted)")
            }
        }
        #expect(totals.added == 4242)
        #expect(totals.removed == 4238)
        #expect(totals.changed == 8793)
        #expect(facts == 4242 + 4238 + 8793 + 96)
    }

    private static let pollCount = ProcessInfo.processInfo.environment["TWINHUB_ORACLE_POLLS"].flatMap { Int($0) } ?? 60

    /// The same through the real run and a real log: its first polls, or as many as TWINHUB_ORACLE_POLLS says (825 is all of them). With the
    /// guard of `max_ratio: 1` each poll counts as its scraper counted; with the default one removals are held back, shown, and let pass.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: outages), "needs ../shared/data/test-only/cdc"), arguments: [true, false])
    func theLogCountsAsTheScraperDid(_ isOpen: Bool) throws {
        let polls = try Self.decompressed(Self.outages).split(separator: UInt8(ascii: "\n")).prefix(Self.pollCount).map { try JSONParser.parse(Array($0)) }
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "outages", mode: "snapshot", key: ["outageNumber"], repeated: "last",
                  removed: { event: "case.withdrawn"\(isOpen ? ", max_ratio: 1" : "") },
                  optional: [\(Self.columns.map { "'\($0)'" }.joined(separator: ", "))],
                  facts: [{ event: "case.received", subject: "case/{outageNumber}", payload: { \(Self.columns.map { "\($0): '\($0)'" }.joined(separator: ", ")) } }] }
                """, format: "'json'"))
        let hub = try TestHub()
        /// Ids that the log holds.
        var told: Set<String> = []
        var held = 0
        for (number, poll) in polls.enumerated() {
            let body = try #require(poll[member: "body"])
            try folder.write(JSONWriter.encode(body), to: "samples/a.json")
            guard case .array(let items) = body else { continue }
            let now = Set(items.compactMap { $0[member: "outageNumber"]?.string })
            let report = try hub.run(folder)
            let counters = report.counters
            let vanished = told.subtracting(now)
            if !isOpen {
                // Our own arithmetic: more than ten, and more than 5 % of those that were known.
                let isHeld = vanished.count > 10 && Double(vanished.count) > 0.05 * Double(told.count)
                #expect(counters.heldBack == (isHeld ? vanished.count : 0) && counters.removed == (isHeld ? 0 : vanished.count), "poll \(number)")
                if isHeld {
                    held += 1
                    #expect(report.streams[0].heldBackReason?.hasPrefix("\(vanished.count) of \(told.count) known records vanished") == true)
                    #expect(try hub.column("SELECT rows_held_back::text FROM hub.source_status") == ["\(vanished.count)"])
                    #expect(try hub.run(folder) { $0.acceptRemovals = true }.counters.removed == vanished.count)
                }
                told = now
                continue
            }
            told = now
            guard number > 0 else { continue }
            let counted = poll[member: "subject"]?.string ?? ""
            for (word, count) in [("added", counters.added), ("removed", counters.removed), ("changed", counters.changed)] {
                #expect(count == Self.number(before: word, in: counted), "poll \(number): \(counted)")
            }
        }
        #expect(isOpen || held > 0)
        // Told and not withdrawn in the log: what the last poll held.
        let left = try hub.column(
            "SELECT count(*)::text FROM (SELECT (array_agg(t.name ORDER BY position DESC))[1] AS last FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id WHERE subject LIKE 'case/%' GROUP BY subject) x WHERE last = 'case.received'")
        #expect(left == ["\(told.count)"])
    }

    /// `7` of "… 7 outages added, …"; 0 where the word is not there.
    private static func number(before word: String, in text: String) -> Int {
        for part in text.split(separator: ",") where part.hasSuffix(word) {
            return part.split(separator: " ").compactMap { Int($0) }.first ?? 0
        }
        return 0
    }
}
