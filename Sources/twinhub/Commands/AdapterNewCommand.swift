import AdapterKit

/// `twinhub adapter new`: a folder from a look at the source.
struct AdapterNewCommand: Command {
    static let name = "new"
    static let abstract = "Look at a source and write an adapter for it: manifest, sample, expected facts."
    static let discussion = """
        The manifest passes `check` as it is; what was guessed (event, key, times, words for nothing, personal columns) is marked
        GUESS in it. Values of columns that look personal are disguised in the sample. A table needs --connection.
        """
    static let from = Option("from", value: "FILE|URL|TABLE", "What the source delivers: a file, what a server answers, or a table of a database.", required: true)
    static let connection = Option("connection", value: "env:NAME|file:PATH", "Where the connection string of the table's database stands.")
    static let event = Option("event", value: "TYPE", "The event that its records tell; guessed from the columns where it is not given.")
    static let zone = Option("zone", value: "ZONE", "Of times that name none: Asia/Shanghai, UTC, +08:00.")
    static let adapter = Positional("NAME", "The new adapter's name: its folder in Adapters/.")
    static let arguments: [any Argument] = [from, connection, event, zone, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let home = try context.home()
        let name = try input.required(adapter)
        let place = try input.required(from)
        let origin: AdapterDraft.Origin
        if let connection = input[connection] {
            origin = .table(place, connection: connection)
        } else if place.hasPrefix("http://") || place.hasPrefix("https://") {
            origin = .url(place)
        } else {
            origin = .file(place)
        }
        let made = try AdapterDraft.make(
            name, from: origin, root: home.adapters, event: input[event], zone: input[zone], environment: context.environment)
        context.out.line("\(made.format): \(made.isWhole ? "" : "the first ")\(Progress.grouped(made.records)) records looked at")
        let refused = made.refused.isEmpty ? "" : ", \(made.refused.count) refused"
        context.out.line("\(made.event): \(made.facts) facts from the sample of \(made.sampled) records\(refused)")
        if !made.disguised.isEmpty { context.out.line("personal, disguised in the sample: \(made.disguised.joined(separator: ", "))") }
        for row in made.refused.prefix(5) { context.err.line("refused: \(row.file):\(row.line): \(row.rule): \(row.message)") }
        made.findings.forEach { context.err.line($0.description) }
        let errors = made.findings.filter { $0.severity == .error }.count
        let verdict = errors == 0 ? "in order" : "\(errors) to be put right"
        context.out.line("Adapters/\(name)/adapter.json5: \(verdict); look at each GUESS, then: twinhub adapter preview \(name)")
        return errors == 0 ? .success : .configuration
    }
}
