import Foundation
import Operations
import PostgresClient
import PrivateServer
import Testing

/// `twinhub scenario test` with the program alone: how often a rule was right, by what became of its cases, and by a file of what happened.
@Suite struct ScenarioCommandTests {
    private func adapter(_ clone: HubClone, _ name: String, _ streams: String, _ rows: [String]) throws {
        let folder = "\(clone.folder)/Adapters/\(name)"
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        try """
            { adapter: "\(name)", version: "1.0.0", department: "\(name)", source: "urn:test:\(name)",
              input: { kind: "file", path: "in/*.csv", format: "csv" }, streams: [\(streams)] }
            """.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        try rows.joined(separator: "\n").appending("\n").write(toFile: folder + "/in/rows.csv", atomically: true, encoding: .utf8)
        _ = try succeed(clone, "adapter", "run", name)
    }

    /// The cells of a rule's line.
    private func line(_ table: String, _ rule: String) throws -> [String] {
        let line = try #require(table.split(separator: "\n").first { $0.hasPrefix(rule) }, "\(table)")
        return line.split(separator: " ").map(String.init)
    }

    @Test func aRuleIsJudgedByItsCasesAndByATruth() throws {
        let clone = try HubClone(adapters: [])
        let (hub, owner) = try clone.connect()
        _ = try succeed(clone, "migrate")
        // Four detectors smell gas, a day apart.
        try adapter(
            clone, "gas",
            """
            { name: "r", mode: "append", facts: [{ event: "observations.recorded", subject: "sensor/{id}",
              payload: { property: { const: "gas_concentration" }, times: { array: ["at"] }, values: { array: [{ from: "value", type: "decimal" }] } } }] }
            """,
            ["id,at,value"] + (1...4).flatMap { ["g\($0),2026-05-0\($0)T08:00:00Z,90", "g\($0),2026-05-0\($0)T08:05:00Z,90", "g\($0),2026-05-0\($0)T09:00:00Z,0"] })
        let before = try line(try succeed(clone, "scenario", "test", "gas"), "gas/")
        #expect(Array(before[1...5]) == ["4", "0", "0", "4", "4"], "\(before)")

        // Who handled two of the cases says what was found.
        _ = try succeed(clone, "scenario", "run")
        _ = try succeed(clone, "project")
        let rows = try owner.query("SELECT case_id FROM twin.alert WHERE scenario = 'gas' ORDER BY sensor_id")
        let cases = (0..<rows.count).compactMap { rows.text($0, 0) }
        #expect(cases.count == 4)
        try adapter(
            clone, "desk",
            #"{ name: "c", mode: "snapshot", key: ["case"], facts: [{ event: "case.closed", subject: "case/{case}", payload: { outcome: "found" } }] }"#,
            ["case,found", "\(cases[0]),误报", "\(cases[1]),属实", "\(cases[2]),in hand"])
        _ = try succeed(clone, "project")
        let judged = try line(try succeed(clone, "scenario", "test", "gas"), "gas/")
        #expect(Array(judged[1...5]) == ["4", "1", "1", "2", "4"], "\(judged)")

        // By a file: one leak was told of after five minutes at most, one was not.
        let truth = clone.folder + "/truth.csv"
        try "subject,from,to\ngas:g1,2026-05-01T07:30:00Z,2026-05-01T12:00:00Z\ngas:g2,2026-05-06T00:00:00Z,2026-05-06T12:00:00Z\n"
            .write(toFile: truth, atomically: true, encoding: .utf8)
        let told = try line(try succeed(clone, "scenario", "test", "gas", "--truth", truth, "--from", "2026-05-01", "--to", "2026-05-15"), "gas/")
        #expect(Array(told[1...3]) == ["2", "1", "0.50"] && Array(told[7...9]) == ["4", "1", "3"], "\(told)")
        #expect(try #require(Double(told[4])) <= 0.6)
        let aimless = try clone.run("scenario", "test", "gas", "--truth", truth)
        #expect(aimless.status == 2 && aimless.errors.contains("--truth needs the period that is judged"), "\(aimless.errors)")
        withExtendedLifetime(hub) {}
    }
}
