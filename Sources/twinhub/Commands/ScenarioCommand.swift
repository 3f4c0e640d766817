import DigitalTwin
import EventLog
import Foundation
import Operations
import PostgresClient
import Projections

/// `twinhub scenario …`: rules on sensors that raise alerts and open cases.
struct ScenarioCommand: Command {
    static let name = "scenario"
    static let abstract = "Rules on sensors and reports that raise alerts and open cases."
    static let discussion = """
        Each rule is a file of Schemas/scenarios. `test` evaluates them on what the log holds and writes nothing; `run` tells what they
        find, as the source `scenarios` under a role of its own. Run again, restarted or after a rebuild of the twin it tells nothing twice.
        `twinhub up` keeps `run --follow` running.
        """
    static let subcommands: [any Command.Type] = [List.self, Test.self, Run.self]

    static let names = Positional("SCENARIO", "Which of them; all, where none is named.", .any)

    static func chosen(_ input: ParsedArguments) throws -> [Scenario] {
        let all = try Scenario.shipped(), wanted = input.all(names)
        if let unknown = wanted.first(where: { name in !all.contains { $0.scenario == name } }) {
            throw CommandError(.usage, "There is no scenario \(unknown). See: twinhub scenario list")
        }
        return wanted.isEmpty ? all : all.filter { wanted.contains($0.scenario) }
    }

    /// `twinhub scenario list`
    struct List: Command {
        static let name = "list"
        static let abstract = "List the scenarios: what they watch, when they raise an alert, and whether they open a case."
        static let arguments: [any Argument] = []

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            var table = Table([.left("scenario"), .right("version"), .left("watches"), .left("condition"), .left("severity"), .left("opens a case"), .left("title")])
            for scenario in try Scenario.shipped() {
                table.add([
                    scenario.scenario, "\(scenario.version)", scenario.watch.summary,
                    scenario.condition.summary, scenario.severity, scenario.opens?.category ?? "no", "\(scenario.title) (\(scenario.title_zh))",
                ])
            }
            context.out.write(table.rendered)
            return .success
        }
    }

    /// `twinhub scenario run`
    struct Run: Command {
        static let name = "run"
        static let abstract = "Evaluate scenarios on what arrives, and tell alerts and cases."
        static let follow = Flag("follow", "Go on as facts arrive, until Ctrl-C or SIGTERM.")
        static let arguments: [any Argument] = [follow, names]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let scenarios = try chosen(input)
            let hub = try context.openHub()
            let owner = try hub.connectAsOwner(application: "twinhub scenario")
            try Migrations.check(on: owner)
            var source = try Sources.register(ScenarioRun.source, on: owner, reads: true)
            if !hub.isEmbedded { source = try Sources.register(ScenarioRun.source, on: owner, password: hub.home.password(ofRole: source.role), reads: true) }
            let connection = try Connection(hub.conninfo(user: source.role), application: "twinhub scenario")
            let number = try Runs.begin(adapterVersion: "1", on: connection)
            do {
                let told = try evaluate(scenarios, input, context, connection)
                var end = Runs.End(.done)
                end.facts = told
                try Runs.finish(number, end, on: connection)
            } catch {
                var end = Runs.End(.failed)
                (end.errorKind, end.message) = ("scenarios", "\(error)")
                // What was open is broken off; where the server has gone the run counts as lost.
                if connection.isAlive, connection.inTransaction { _ = try? connection.execute("ROLLBACK") }
                try? Runs.finish(number, end, on: connection)
                throw error
            }
            return withExtendedLifetime(hub) { .success }
        }

        /// - Returns: how many facts were told.
        private static func evaluate(_ scenarios: [Scenario], _ input: ParsedArguments, _ context: Context, _ connection: Connection) throws -> Int {
            let run = try ScenarioRun(reader: LogReader(connection, notesTicks: false), connection, scenarios: scenarios)
            var facts = 0
            func report(_ alerts: Int, _ told: Int) {
                facts += told
                context.err.line("\(alerts) alerts raised, \(told) facts told")
            }
            if input[follow] {
                context.err.line("twinhub: \(scenarios.count) scenarios, from position \(run.position); Ctrl-C ends it")
                try run.follow(isCancelled: { Cancellation.isRequested }, report: report)
            } else {
                let told = try run.once { Cancellation.isRequested }
                report(told.alerts, told.facts)
            }
            try run.end()
            return facts
        }
    }
}

extension Scenario.Watch {
    /// In a few words.
    fileprivate var summary: String {
        if let cases { return "reports: " + (cases.categories + cases.words).prefix(3).joined(separator: ", ") + ((cases.categories + cases.words).count > 3 ? " …" : "") }
        let where_ = dwelling.map { " (\([$0.care, $0.age_at_least.map { "\($0) or older" }].compactMap(\.self).joined(separator: ", ")))" } ?? ""
        return (properties.isEmpty ? "all" : properties.joined(separator: ", ")) + where_
    }
}

extension Scenario.Condition {
    /// In a few words.
    fileprivate var summary: String {
        func plain(_ number: Double?) -> String { number.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" } ?? "" }
        let held = for_minutes.map { $0 > 0 ? " for \(plain($0)) min" : "" } ?? ""
        switch kind {
        case .above, .below: return "\(kind) \(plain(value))\(held)"
        case .drop, .rise: return "\(kind) of \(plain(value)) within \(plain(within_minutes)) min\(held)"
        case .unusual: return "\(plain(value)) deviations from the same hour of \(days ?? 0) days\(held)"
        case .count: return "\(plain(value)) reports on one building within \(plain(within_minutes)) min"
        case .silence: return intervals.map { "silence of \(plain($0)) intervals,\(held.isEmpty ? "" : " at least\(held.dropFirst(4))")" } ?? "silence\(held)"
        }
    }
}

extension ScenarioError: CommandFailure {
    var exitCode: ExitCode { .configuration }
    var explanation: String { description }
}
