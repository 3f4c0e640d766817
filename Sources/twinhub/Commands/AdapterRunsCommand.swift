import EventLog
import Operations
import PostgresClient

/// `twinhub adapter runs`: what became of each run, failed ones too.
struct AdapterRunsCommand: Command {
    static let name = "runs"
    static let abstract = "Show the last runs: what each brought, and why it failed."
    static let discussion = """
        A run that was killed is shown as lost once its session is gone; what it had committed stays, and the next run goes on from there.
        """
    static let count = Option("count", short: "n", value: "N", "How many runs.", default: "20")
    static let json = Flag("json", "For machines: one JSON document.")
    static let adapter = Positional("NAME", "Which adapter; all where none is named.", .optional)
    static let arguments: [any Argument] = [count, json, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let limit = try input.integer(count, in: 1...1_000_000)
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner()
        let runs = try RunHistory.last(limit, of: input[adapter], on: connection)
        if input[json] {
            try context.out.json(runs)
        } else {
            context.out.write(text(of: runs))
        }
        return withExtendedLifetime(hub) { .success }
    }

    private static func text(of runs: [RunHistory.Run]) -> String {
        var table = Table([
            .left("source"), .left("started"), .right("took"), .left("outcome"), .right("read"), .right("new"), .right("changed"), .right("unchanged"),
            .right("removed"), .right("refused"), .right("facts"), .left("note"),
        ])
        for run in runs {
            let why = run.message.map { "\(run.errorKind ?? ""): \($0)" }
            table.add(
                [run.source, run.startedAt, run.seconds.map { Progress.seconds(.seconds($0)) } ?? "", run.outcome]
                    + [run.read, run.added, run.changed, run.unchanged, run.removed, run.refused, run.facts].map { Progress.grouped(Int($0)) }
                    + [[why, run.drift.map { "changed: \($0)" }].compactMap { $0 }.joined(separator: "; ")])
        }
        return table.rendered
    }
}
