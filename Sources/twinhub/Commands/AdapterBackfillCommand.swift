import AdapterKit
import EventLog
import Operations
import PostgresClient

/// `twinhub adapter backfill`: a range of a source's past.
struct AdapterBackfillCommand: Command {
    static let name = "backfill"
    static let abstract = "Read a range of an incremental source again, and tell what of it was not told."
    static let discussion = """
        The range is of the stream's cursor: records from --from on and before --to. Numbers, texts or times as the cursor is one; a
        time without an offset is in the cursor's zone. No cursor moves and no removal is told, so it may be done as often as you
        like; the next run goes on where the last one ended. A table is asked for the range, a server or program by {cursor} and
        {until} in its address or arguments; of files all are read. Streams in mode append or snapshot, taps, and records that
        several rows form have no range.
        """
    static let from = Option("from", value: "CURSOR", "The first value of the range.", required: true)
    static let to = Option("to", value: "CURSOR", "The first value behind the range.", required: true)
    static let stream = Option("stream", value: "NAME", "Which stream, where several have a cursor.")
    static let dryRun = Flag("dry-run", "Only say what would be told.")
    static let json = Flag("json", "For machines: what it brought, as one JSON document.")
    static let adapter = Positional("NAME", "Which adapter.")
    static let arguments: [any Argument] = [from, to, stream, dryRun, json, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let home = try context.home()
        let manifest = try AdapterFolders.find(try input.required(adapter), root: home.adapters)
        let hub = try context.openHub()
        let owner = try hub.connectAsOwner(application: "twinhub adapter \(manifest.name)")
        let connection = try AdapterRunCommand.login(manifest, hub, owner)
        let keys = try AdapterRunCommand.keys(manifest, home, owner)
        let bar = Progress(context.err, manifest.name)
        let options = AdapterRunCommand.options(manifest, hub, bar, context)
        let report = try Backfill(manifest, connection: connection, keys: keys, options: options).run(
            stream: input[stream], from: try input.required(from), to: try input.required(to), dryRun: input[dryRun])
        bar.finish("\(manifest.name), \(report.stream): \(Progress.grouped(report.counters.read)) rows of the range")
        if report.counters.refused > 0 {
            context.err.line("\(report.counters.refused) rows refused; see: \(Quarantine.command(for: manifest.name))")
        }
        let summary = AdapterReport(manifest.name, report.counters, facts: report.facts)
        if input[json] { try context.out.json(summary) } else { context.out.write(AdapterReport.table([summary])) }
        if input[dryRun] { context.err.line("Nothing was written.") }
        return withExtendedLifetime(hub) { .success }
    }
}
