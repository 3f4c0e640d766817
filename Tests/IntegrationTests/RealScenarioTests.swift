import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Testing

@testable import AdapterKit
@testable import DigitalTwin
@testable import Projections

/// The pipe scenarios on C-Town's SCADA readings with labelled attacks (BATADAL, dataset 4: July to December 2016).
///
/// How long each rule must hold was chosen by July and August, in which no hour is labelled: the shortest of 2, 4, 6 and 8 hours that gave at most
/// one false alarm a week there, or the longest. The figures are of September to December alone.
@Suite struct RealScenarioTests {
    private static let file = SharedData.path("test-only/sensors/batadal/dataset04.csv")

    @Test(.enabled(if: FileManager.default.fileExists(atPath: file), "needs ../shared/data/test-only")) func attacksOnAWaterNetwork() throws {
        let admin = try PulledSource(manifest).admin

        var alerts: [ScenarioEngine.Outcome] = []
        let engine = try ScenarioEngine(Scenario.shipped().filter { ["pipe-pressure", "pipe-flow", "tank-level"].contains($0.scenario) })
        let reader = LogReader(admin)
        let end = try reader.horizon()
        engine.use(try reader.catalog())
        _ = try reader.read(after: 0, upTo: end, limit: .max) { fact in engine.take(fact) { if $0.isRaised { alerts.append($0) } } }
        let attacks = try Self.attacks()
        let first = Timestamp.daysSinceEpoch(year: 2016, month: 9, day: 1) * 24, last = Timestamp.daysSinceEpoch(year: 2016, month: 12, day: 25) * 24
        #expect(attacks.count == 7 && attacks.reduce(0) { $0 + $1.count } == 492 && attacks[0].lowerBound > first)
        let weeks = Double(last - first - 492) / 168
        func figures(_ scenario: String) -> String {
            let raised = alerts.filter { $0.scenario.scenario == scenario }.map { Int($0.at.microseconds / 3_600_000_000) }.filter { $0 >= first }
            let found = attacks.compactMap { attack in raised.filter { attack.contains($0) }.min().map { $0 - attack.lowerBound } }
            let falseAlarms = Set(raised.filter { hour in !attacks.contains { $0.contains(hour) } })
            return "found \(found.count) after \(found) hours, false in \(falseAlarms.count) hours of \(Int(weeks)) weeks"
        }
        #expect(figures("tank-level") == "found 4 after [4, 39, 41, 80] hours, false in 2 hours of 13 weeks")
        #expect(figures("pipe-pressure") == "found 1 after [28] hours, false in 8 hours of 13 weeks")
        #expect(figures("pipe-flow") == "found 4 after [32, 14, 19, 8] hours, false in 37 hours of 13 weeks")
    }

    /// Unbroken runs of labelled hours, in hours since 1970.
    private static func attacks() throws -> [ClosedRange<Int>] {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst()
        var attacks: [ClosedRange<Int>] = []
        for line in lines {
            let cells = line.split(separator: ","), time = cells[0].split { "/ ".contains($0) }.compactMap { Int($0) }
            guard cells.last?.trimmingCharacters(in: .whitespaces) == "1", time.count == 4 else { continue }
            let hour = Timestamp.daysSinceEpoch(year: 2000 + time[2], month: time[1], day: time[0]) * 24 + time[3]
            if let last = attacks.last, last.upperBound + 1 == hour { attacks[attacks.count - 1] = last.lowerBound...hour } else { attacks.append(hour...hour) }
        }
        return attacks
    }

    /// One fact a tag and day; the tag's first letter says what it measures.
    private var manifest: String {
        """
        { adapter: "scada", version: "1.0.0", department: "tests", source: "urn:test",
          input: { kind: "file", path: "\(Self.file)", format: { kind: "csv", trim: true } },
          streams: [{ name: "tags", mode: "snapshot", unpivot: { columns: ["*_*"], except: ["ATT_FLAG"] },
            group: { by: ["$column"], window: "1d", time: { from: "DATETIME", type: "datetime", format: "dd/MM/yy HH", zone: "UTC" } },
            facts: [{ event: "observations.recorded", subject: "sensor/{$column}", payload: {
              property: { from: "$column", match: "^([A-Z])_", map: { L: "level", F: "flow", S: "status", P: "pressure" }, otherwise: "quarantine" },
              times: { from: "DATETIME", type: "datetime", format: "dd/MM/yy HH", zone: "UTC", collect: true },
              values: { from: "$value", type: "decimal", collect: true } } }] }] }
        """
    }
}
