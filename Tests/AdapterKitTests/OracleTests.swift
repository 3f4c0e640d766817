import EventLog
import Foundation
import RecordFormats
import Testing
@testable import AdapterKit

/// Real deliveries with answers that somebody else worked out; skipped where the files are not there.
@Suite struct OracleTests {
    private static let shared = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/data/test-only").path
    private static let outages = shared + "/cdc/pge_2022-04-15_week.jsonl.xz"

    private static func decompressed(_ path: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xz", "-dc", path]
        // A file, not a pipe: servers that other tests start meanwhile would inherit the pipe's end and keep it open.
        let folder = try SourceFolder()
        try folder.write("", to: "data")
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/data"))
        try process.run()
        process.waitUntilExit()
        return try Data(contentsOf: URL(fileURLWithPath: folder.path + "/data"))
    }

    /// A utility's outage map, polled 825 times; each poll's own count of what was added, removed and changed is the oracle.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: outages), "needs ../shared/data/test-only/cdc"))
    func everyPollCountsAsItsScraperDid() throws {
        let columns = [
            "outageStartTime", "crewCurrentStatus", "autoEtor", "currentEtor", "cause", "estCustAffected", "lastUpdateTime", "hazardFlag", "latitude",
            "longitude", "outageDevices", "regionName", "crewEta",
        ]
        let polls = try Self.decompressed(Self.outages).split(separator: UInt8(ascii: "\n")).map { try JSONParser.parse(Array($0)) }
        #expect(polls.count == 825)
        let text = manifestText(
            """
            { name: "outages", mode: "snapshot", key: ["outageNumber"], repeated: "last", removed: { event: "case.withdrawn" },
              facts: [{ event: "case.received", subject: "case/{outageNumber}", payload: { \(columns.map { "\($0): '\($0)'" }.joined(separator: ", ")) } }] }
            """, format: "'json'")
        let folder = try SourceFolder(text)
        let manifest = try folder.manifest()
        let stream = manifest.streams[0]
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

    /// `7` of "… 7 outages added, …"; 0 where the word is not there.
    private static func number(before word: String, in text: String) -> Int {
        for part in text.split(separator: ",") where part.hasSuffix(word) {
            return part.split(separator: " ").compactMap { Int($0) }.first ?? 0
        }
        return 0
    }
}
