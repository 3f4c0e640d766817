import DigitalTwin
import EventLog
import Foundation
import Operations
import PostgresClient
import Projections

extension ScenarioCommand {
    /// `twinhub scenario test`
    struct Test: Command {
        static let name = "test"
        static let abstract = "Evaluate scenarios on the recorded history, and say how often they were right; nothing is written."
        static let discussion = """
            Right and wrong are told by what became of the case that an alert opened, where it was told (twin.kpi_scenario has the same). With --truth they
            are told by a file of what really happened: CSV with the columns subject (a sensor's or building's id, * for any), from and to, and scenario where
            not every rule should tell of it. Then the table has what was found, how soon, and false alarms a week, of the period --from to --to.
            """
        static let truth = Option("truth", value: "FILE", "What really happened, as CSV; needs --from and --to.")
        static let from = Option("from", value: "TIME", "Where the period begins that is judged by --truth.")
        static let to = Option("to", value: "TIME", "Where it ends.")
        static let arguments: [any Argument] = [truth, from, to, names]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let scenarios = try chosen(input), labelled = try labels(input)
            let hub = try context.openHub()
            let owner = try hub.connectAsOwner(application: "twinhub scenario test")
            let raised = try alerts(scenarios, LogReader(owner))
            let table = try labelled.map { judged(scenarios, raised, by: $0.truth, in: $0.period) } ?? counted(scenarios, raised, owner)
            context.out.write(table.rendered)
            return withExtendedLifetime(hub) { .success }
        }

        private static func labels(_ input: ParsedArguments) throws -> (truth: ScenarioTruth, period: Range<Timestamp>)? {
            guard let path = input[truth] else {
                guard input[from] == nil, input[to] == nil else { throw UsageError("--from and --to go with --truth.") }
                return nil
            }
            guard let from = input[from].flatMap(moment), let to = input[to].flatMap(moment), from < to else {
                throw UsageError("--truth needs the period that is judged: --from and --to, as 2026-05-01 or 2026-05-01T08:00:00Z.")
            }
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw UsageError("\(path) cannot be read as UTF-8.") }
            return (try ScenarioTruth(csv: text), from..<to)
        }

        private static func moment(_ text: String) -> Timestamp? { Timestamp(iso8601: text) ?? Timestamp(iso8601: text + "T00:00:00Z") }

        /// By rule, in the order of their times.
        private static func alerts(_ scenarios: [Scenario], _ reader: LogReader) throws -> [String: [ScenarioEngine.Outcome]] {
            let engine = try ScenarioEngine(scenarios)
            var raised: [String: [ScenarioEngine.Outcome]] = [:]
            let end = try reader.horizon()
            var position: Int64 = 0
            while position < end {
                try Cancellation.check()
                engine.use(try reader.catalog())
                position = try reader.read(after: position, upTo: end, limit: 50_000) { fact in
                    engine.take(fact) { if $0.isRaised { raised[$0.scenario.rule, default: []].append($0) } }
                }.position
            }
            return raised.mapValues { $0.sorted { $0.at < $1.at } }
        }

        private static func counted(_ scenarios: [Scenario], _ raised: [String: [ScenarioEngine.Outcome]], _ owner: Connection) throws -> Table {
            let judgements = try judgements(owner)
            var table = Table([
                .left("rule"), .right("would have fired"), .right("right"), .right("wrong"), .right("not judged"), .right("sensors or buildings"), .left("first"), .left("last"),
            ])
            for scenario in scenarios {
                let alerts = raised[scenario.rule] ?? [], judged = alerts.compactMap { judgements[ScenarioRun.caseID($0.key)] }
                table.add([
                    scenario.rule, "\(alerts.count)", "\(judged.count { $0 })", "\(judged.count { !$0 })", "\(alerts.count - judged.count)",
                    "\(Set(alerts.map(\.sensor)).count)", alerts.first?.at.description ?? "", alerts.last?.at.description ?? "",
                ])
            }
            return table
        }

        /// What became of the cases that scenarios opened, where there is a twin that knows it.
        private static func judgements(_ owner: Connection) throws -> [String: Bool] {
            guard try owner.query("SELECT to_regclass('twin.case_judgement') IS NOT NULL").bool(0, 0) else { return [:] }
            let rows = try owner.query("SELECT case_id, is_real FROM twin.case_judgement WHERE is_real IS NOT NULL AND starts_with(case_id, $1)", [.text(ScenarioRun.caseID(""))])
            var judgements: [String: Bool] = [:]
            for row in 0..<rows.count { if let id = rows.text(row, 0) { judgements[id] = try rows.bool(row, 1) } }
            return judgements
        }

        private static func judged(
            _ scenarios: [Scenario], _ raised: [String: [ScenarioEngine.Outcome]], by truth: ScenarioTruth, in period: Range<Timestamp>
        ) -> Table {
            var table = Table([
                .left("rule"), .right("happened"), .right("found"), .right("rate"), .right("hours until: shortest"), .right("median"), .right("longest"),
                .right("fired"), .right("right"), .right("wrong"), .right("wrong a week"),
            ])
            func number(_ value: Double?, _ digits: Int) -> String { value.map { String(format: "%.\(digits)f", $0) } ?? "" }
            for scenario in scenarios {
                let figures = truth.figures(of: scenario.scenario, raised[scenario.rule] ?? [], in: period)
                table.add([
                    scenario.rule, "\(figures.happened)", "\(figures.found)", number(figures.detectionRate, 2), number(figures.hoursToDetect.first, 1),
                    number(figures.medianHours, 1), number(figures.hoursToDetect.last, 1), "\(figures.right + figures.wrong)", "\(figures.right)", "\(figures.wrong)",
                    number(figures.wrongPerWeek, 2),
                ])
            }
            return table
        }
    }
}
