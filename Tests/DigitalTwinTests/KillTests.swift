import Foundation
import Operations
import PostgresClient
import PrivateServer
import Subprocess
import Testing

@testable import TwinReference

@Suite("kill -9 at random moments")
struct KillTests {
    private static let buildings = 800
    private static let cases = 2_500

    @Test("Adapters and projector killed twenty times: every fact once, the chain whole, the twin as a rebuild and the reference make it")
    func killed() throws {
        let clone = try HubClone(adapters: [])
        let closed = try writeAdapters(clone)
        let (hub, connection) = try clone.connect()
        let migrated = try clone.run("migrate")
        #expect(migrated.status == 0, "\(migrated.errors)")

        let seed = ProcessInfo.processInfo.environment["TWINHUB_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        var random = SeededGenerator(seed: seed)
        var killed = 0
        var killedAppending = 0
        while killed < 20 {
            // Small batches: the adapters are still at work when the last ones are killed.
            let words = [
                ["adapter", "run", "boxes", "--batch", "10"], ["adapter", "run", "reports", "--batch", "10"], ["project", "--follow"],
            ].randomElement(using: &random) ?? []
            let process = try clone.start(words).process
            if !Self.ends(process, within: .milliseconds(Int.random(in: 20...250, using: &random))) {
                process.send(signal: SIGKILL)
                killed += 1
                killedAppending += words[0] == "adapter" ? 1 : 0
            }
            process.wait()
        }
        #expect(killedAppending >= 3, "seed \(seed)")

        for words in [["adapter", "run", "boxes"], ["adapter", "run", "reports"], ["project", "--once"], ["verify"]] {
            let running = try clone.start(words)
            #expect(running.process.wait() == 0, "seed \(seed): \(words): \(HubClone.text(running.errors))")
        }
        let facts = try connection.query("SELECT count(*), count(DISTINCT (type_id, subject)) FROM hub.event WHERE subject NOT LIKE 'source/%'")
        let expected = Int64(Self.buildings + Self.cases + closed)
        #expect(facts.int(0, 0) == expected && facts.int(0, 1) == expected, "seed \(seed)")
        #expect(try connection.query("SELECT count(*) FROM twin.\"case\" WHERE building_id IS NOT NULL").int(0, 0) ?? 0 > 500)
        let live = try TwinRows.read("twin", on: connection).sorted()
        #expect(live == (try LogFacts(on: connection).twinRows()), "seed \(seed)")
        let rebuilt = try clone.run("project", "--rebuild")
        #expect(rebuilt.status == 0, "\(rebuilt.errors)")
        #expect(try TwinRows.read("twin", on: connection).sorted() == live, "seed \(seed)")
        withExtendedLifetime(hub) {}
    }

    /// Whether a process ends by itself within a time.
    private static func ends(_ process: ChildProcess, within time: Duration) -> Bool {
        let limit = ContinuousClock.now + time
        while ContinuousClock.now < limit {
            if process.pollStatus() != nil { return true }
            poll(nil, 0, 1)
        }
        return false
    }

    /// Two adapters as anybody would add them: folders, no Swift. Boxes on a grid, and reports in every other one of them.
    /// - Returns: how many of the reports are closed.
    private func writeAdapters(_ clone: HubClone) throws -> Int {
        let folder = clone.folder + "/Adapters"
        for name in ["boxes", "reports"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)/samples", withIntermediateDirectories: true)
        }
        var boxes = ""
        for number in 0..<Self.buildings {
            let x = 121 + Double(number % 50) * 0.002
            let y = 31 + Double(number / 50) * 0.002
            boxes += String(
                format: #"{"no":"%d","outline":{"type":"Polygon","coordinates":[[[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f]]]}}"# + "\n",
                number, x, y, x + 0.0005, y, x + 0.0005, y + 0.0005, x, y + 0.0005, x, y)
        }
        try boxes.write(toFile: "\(folder)/boxes/samples/boxes.ndjson", atomically: true, encoding: .utf8)
        try """
        { adapter: "boxes", version: "1.0.0", department: "mapping", source: "urn:test:boxes",
          input: { kind: "file", path: "samples/*.ndjson", format: "ndjson" },
          streams: [{ name: "boxes", mode: "snapshot", key: ["no"], repeated: "quarantine",
            facts: [{ event: "building.described", subject: "building/{no}", payload: {
              name: { template: "Box {no}" }, footprint: { array: [{ from: "outline", type: "geometry" }] } } }],
            removed: { event: "building.removed", max_ratio: 0.05 } }] }
        """.write(toFile: "\(folder)/boxes/adapter.json5", atomically: true, encoding: .utf8)

        var reports = "no,kind,x,y,received,closed\n"
        var closed = 0
        for number in 0..<Self.cases {
            let box = number % (Self.buildings * 2)
            let x = 121 + Double(box % 50) * 0.002 + 0.0002
            let y = 31 + Double(box / 50) * 0.002 + 0.0002
            let isClosed = number % 3 == 0
            closed += isClosed ? 1 : 0
            reports += "R\(number),noise,\(String(format: "%.4f,%.4f", x, y)),2026-01-\(10 + number % 20) 08:00:00,\(isClosed ? "2026-02-01 09:30:00" : "")\n"
        }
        try reports.write(toFile: "\(folder)/reports/samples/reports.csv", atomically: true, encoding: .utf8)
        try """
        { adapter: "reports", version: "1.0.0", department: "hotline", source: "urn:test:reports",
          input: { kind: "file", path: "samples/*.csv", format: "csv" },
          streams: [{ name: "reports", mode: "snapshot", key: ["no"], repeated: "quarantine",
            facts: [
              { event: "case.received", subject: "case/{no}",
                occurred_at: { from: "received", type: "datetime", format: "yyyy-MM-dd HH:mm:ss", zone: "Asia/Shanghai" },
                payload: { category: "kind", channel: { const: "test" },
                  location: { object: { type: { const: "Point" }, coordinates: { array: [{ from: "x", type: "decimal" }, { from: "y", type: "decimal" }] } } } } },
              { event: "case.closed", subject: "case/{no}", when: { present: "closed" }, undone: "case.reopened",
                occurred_at: { from: "closed", type: "datetime", format: "yyyy-MM-dd HH:mm:ss", zone: "Asia/Shanghai" }, payload: {} } ],
            removed: { event: "case.withdrawn", max_ratio: 0.05 } }] }
        """.write(toFile: "\(folder)/reports/adapter.json5", atomically: true, encoding: .utf8)
        return closed
    }
}
