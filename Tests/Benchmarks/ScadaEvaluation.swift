import AdapterKit
import DigitalTwin
import EventLog
import Foundation
import Operations
import PostgresClient
import Projections

/// `scada`: the pipe scenarios on C-Town's SCADA readings with labelled attacks (BATADAL, dataset 4: July to December 2016).
///
/// Thresholds are learned from the months before the first labelled one, by a procedure that is written here and knows no label: a rule must hold for two
/// hours (three hourly readings in a row), and its value is the smallest of a list of which all tags together gave at most one alert in four weeks. The same
/// value holds for every tag. The later months are looked at once, with what was learned. Learning reads a file in which neither they nor the labels are.
enum ScadaEvaluation {
    private static let file = Evaluation.sharedData + "/test-only/sensors/batadal/dataset04.csv"
    private static let rules = ["pipe-flow", "pipe-pressure", "tank-level"]
    private static let values: [Double] = [3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64]
    private static let heldMinutes = 120.0
    private static let weeksAnAlert = 4.0

    private struct Row {
        let line: Substring
        let at: Timestamp
        let isAttack: Bool
    }

    static func run() throws -> Evaluation {
        guard FileManager.default.fileExists(atPath: file) else { throw BenchmarkError("\(file) is not there.") }
        guard let begin = Timestamp(year: 2016, month: 9, day: 1) else { throw BenchmarkError("no date") }
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(whereSeparator: \.isNewline)
        let rows = lines.dropFirst().compactMap(row)
        let learning = rows.filter { $0.at < begin }, judged = rows.filter { $0.at >= begin }
        guard let head = lines.first, let first = learning.first, let last = judged.last, !learning.contains(where: \.isAttack) else {
            throw BenchmarkError("The months before September must be there, and without attacks.")
        }
        var evaluation = Evaluation(
            name: "scada", note: "learned from \(first.at) to \(begin), judged from there to \(last.at)",
            columns: ["rule", "value", "held min", "attacks", "found", "rate", "hours until", "right", "wrong", "wrong a week"])
        let shipped = try Scenario.shipped().filter { rules.contains($0.scenario) }
        let learned = try learn(shipped, head, learning, weeks: Double(begin.microseconds - first.at.microseconds) / 6.048e11)
        let truth = attacks(judged)
        let period = begin..<Timestamp(microseconds: last.at.microseconds + 3_600_000_000)
        for (title, scenarios) in [("", learned), (" as shipped", shipped)] {
            let alerts = try alerts(of: scenarios, head, rows)
            for scenario in scenarios {
                let own = alerts.filter { $0.scenario == scenario }
                evaluation.rows.append(tell(scenario.scenario + title, scenario, truth.figures(of: scenario.scenario, own, in: period)))
            }
            evaluation.rows.append(tell("all of them" + title, nil, truth.figures(of: "", alerts, in: period)))
        }
        return evaluation
    }

    private static func tell(_ title: String, _ scenario: Scenario?, _ figures: ScenarioTruth.Figures) -> [String] {
        func number(_ value: Double?, _ digits: Int = 0) -> String { value.map { String(format: "%.\(digits)f", $0) } ?? "" }
        return [
            title, number(scenario?.condition.value), number(scenario?.condition.for_minutes), "\(figures.happened)", "\(figures.found)",
            number(figures.detectionRate, 2), figures.hoursToDetect.map { number($0) }.joined(separator: " "), "\(figures.right)", "\(figures.wrong)",
            number(figures.wrongPerWeek, 2),
        ]
    }

    // MARK: Learning

    /// A rule that gives too many alerts whatever its value is left out.
    private static func learn(_ shipped: [Scenario], _ head: Substring, _ rows: [Row], weeks: Double) throws -> [Scenario] {
        let tried = try shipped.map { scenario in try values.enumerated().map { try changed(scenario, version: $0 + 1, value: $1) } }
        let alerts = try alerts(of: tried.flatMap(\.self), head, rows)
        return tried.compactMap { $0.first { scenario in Double(alerts.count { $0.scenario == scenario }) <= weeks / weeksAnAlert } }
    }

    private static func changed(_ scenario: Scenario, version: Int, value: Double) throws -> Scenario {
        guard var object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(scenario)) as? [String: Any],
            var condition = object["condition"] as? [String: Any]
        else { throw BenchmarkError("\(scenario.rule) is no object.") }
        (condition["value"], condition["for_minutes"]) = (value, heldMinutes)
        (object["condition"], object["version"]) = (condition, version)
        return try Scenario.parse(String(decoding: JSONSerialization.data(withJSONObject: object), as: UTF8.self), file: scenario.rule)
    }

    // MARK: The way through adapter and log

    private static func alerts(of scenarios: [Scenario], _ head: Substring, _ rows: [Row]) throws -> [ScenarioEngine.Outcome] {
        let hub = try BenchmarkHub()
        let folder = hub.server.folder + "/scada"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Without the labels' column.
        let text = ([head] + rows.map(\.line)).map { $0[..<($0.lastIndex(of: ",") ?? $0.endIndex)] }.joined(separator: "\n") + "\n"
        try text.write(toFile: folder + "/readings.csv", atomically: true, encoding: .utf8)
        try manifest.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        let read = try Manifest.read(folder: folder)
        let source = try Sources.register(read.sourceDescription, on: hub.owner)
        _ = try AdapterRun(read, connection: Connection(hub.server.conninfo(user: source.role)), keys: .forSamples).run()
        let engine = try ScenarioEngine(scenarios), reader = LogReader(hub.owner)
        var raised: [ScenarioEngine.Outcome] = []
        let end = try reader.horizon()
        engine.use(try reader.catalog())
        _ = try reader.read(after: 0, upTo: end, limit: .max) { fact in engine.take(fact) { if $0.isRaised { raised.append($0) } } }
        return raised
    }

    /// A fact a tag and day; the tag's first letter says what it measures.
    private static let manifest = """
        { adapter: "scada", version: "1.0.0", department: "tests", source: "urn:test",
          input: { kind: "file", path: "readings.csv", format: { kind: "csv", trim: true } },
          streams: [{ name: "tags", mode: "snapshot", unpivot: { columns: ["*_*"], except: [] },
            group: { by: ["$column"], window: "1d", time: { from: "DATETIME", type: "datetime", format: "dd/MM/yy HH", zone: "UTC" } },
            facts: [{ event: "observations.recorded", subject: "sensor/{$column}", payload: {
              property: { from: "$column", match: "^([A-Z])_", map: { L: "level", F: "flow", S: "status", P: "pressure" }, otherwise: "quarantine" },
              times: { from: "DATETIME", type: "datetime", format: "dd/MM/yy HH", zone: "UTC", collect: true },
              values: { from: "$value", type: "decimal", collect: true } } }] }] }
        """

    // MARK: Labels

    /// `dd/mm/yy HH` first, the label last.
    private static func row(_ line: Substring) -> Row? {
        let cells = line.split(separator: ","), time = cells[0].split { "/ ".contains($0) }.compactMap { Int($0) }
        guard time.count == 4, let at = Timestamp(year: 2000 + time[2], month: time[1], day: time[0], hour: time[3]) else { return nil }
        return Row(line: line, at: at, isAttack: cells.last?.trimmingCharacters(in: .whitespaces) == "1")
    }

    /// Unbroken runs of labelled hours.
    private static func attacks(_ rows: [Row]) -> ScenarioTruth {
        var truth = ScenarioTruth(), begin: Timestamp?, end: Timestamp?
        for row in rows {
            if row.isAttack { (begin, end) = (begin ?? row.at, row.at) } else if let first = begin, let last = end {
                truth.add(first...last)
                (begin, end) = (nil, nil)
            }
        }
        if let first = begin, let last = end { truth.add(first...last) }
        return truth
    }
}
