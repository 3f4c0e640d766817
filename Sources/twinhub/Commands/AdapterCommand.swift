import AdapterKit
import EventLog
import Operations
import PostgresClient

/// `twinhub adapter …`: the ways in.
struct AdapterCommand: Command {
    static let name = "adapter"
    static let abstract = "Write, list, check, preview, test and run the adapters, and see their runs: one folder of Adapters/ each."
    static let subcommands: [any Command.Type] = [
        AdapterListCommand.self, AdapterNewCommand.self, AdapterCheckCommand.self, AdapterDiscoverCommand.self, AdapterPreviewCommand.self,
        AdapterTestCommand.self, AdapterRunCommand.self, AdapterRunsCommand.self, AdapterBackfillCommand.self, AdapterResetCommand.self,
    ]

    /// The adapters that were named, or all of them.
    static func chosen(_ names: [String], _ home: HubHome) throws -> [Manifest] {
        let names = names.isEmpty ? AdapterFolders.list(root: home.adapters).map(\.name) : names
        guard !names.isEmpty else {
            throw CommandError(.configuration, "There is no adapter in \(home.adapters). An adapter is a folder with a file adapter.json5.")
        }
        return try names.map { try AdapterFolders.find($0, root: home.adapters) }
    }
}

/// `twinhub adapter list`
struct AdapterListCommand: Command {
    static let name = "list"
    static let abstract = "List the adapters, and whose source each one reads."

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        var table = Table([.left("adapter"), .left("version"), .left("department"), .left("streams"), .left("what")])
        var problems: [String] = []
        for adapter in AdapterFolders.list(root: try context.home().adapters) {
            guard let manifest = adapter.manifest else {
                table.add([adapter.name, "", "", "", "its manifest has a mistake"])
                problems.append(adapter.problem.map { "\($0)" } ?? adapter.name)
                continue
            }
            let streams = manifest.streams.map { "\($0.name) (\($0.mode.rawValue))" }.joined(separator: ", ")
            table.add([manifest.name, manifest.version, manifest.department, streams, manifest.title ?? ""])
        }
        context.out.write(table.rendered)
        problems.forEach { context.err.line("twinhub: \($0)") }
        return problems.isEmpty ? .success : .configuration
    }
}

/// `twinhub adapter check`
struct AdapterCheckCommand: Command {
    static let name = "check"
    static let abstract = "Check manifests, their contracts, the columns of their samples, secrets and sources, without a database."
    static let discussion = """
        Of the source the files are opened, a row of a table or the first page of a server is asked for; programs and taps are
        looked for and not run.
        """
    static let offline = Flag("offline", "Leave secrets and sources alone.")
    static let adapters = Positional("NAME", "Which adapters; all where none is named.", .any)
    static let arguments: [any Argument] = [offline, adapters]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let home = try context.home()
        let named = input.all(adapters)
        let names = named.isEmpty ? AdapterFolders.list(root: home.adapters).map(\.name) : named
        var errors = 0
        for name in names {
            // A manifest with a mistake is a finding of its own; a folder that is not there is not.
            if named.contains(name), !AdapterFolders.list(root: home.adapters).contains(where: { $0.name == name }) {
                _ = try AdapterFolders.find(name, root: home.adapters)
            }
            var findings = AdapterCheck.run(folder: "\(home.adapters)/\(name)")
            if !input[offline], let manifest = try? AdapterFolders.find(name, root: home.adapters) {
                findings += AdapterCheck.source(manifest, environment: context.environment)
            }
            findings.forEach { context.out.line($0.description) }
            let wrong = findings.filter { $0.severity == .error }.count
            errors += wrong
            context.out.line("\(name): \(wrong == 0 ? "in order" : "\(wrong) to be put right")")
        }
        return errors == 0 ? .success : .configuration
    }
}

/// `twinhub adapter test`
struct AdapterTestCommand: Command {
    static let name = "test"
    static let abstract = "Compare the facts of the samples with expected.ndjson."
    static let accept = Flag("accept", "Write the facts as the expected ones; look at the difference in git.")
    static let adapters = Positional("NAME", "Which adapters; all where none is named.", .any)
    static let arguments: [any Argument] = [accept, adapters]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        var failed = 0
        for manifest in try AdapterCommand.chosen(input.all(adapters), context.home()) {
            let outcome = try AdapterTest.run(manifest, accept: input[accept])
            outcome.differences.forEach { context.out.line($0) }
            let verdict = outcome.accepted ? "accepted" : outcome.passed ? "as expected" : "\(outcome.differing) \(outcome.differing == 1 ? "fact differs" : "facts differ")"
            let refused = outcome.refused.isEmpty ? "" : ", \(outcome.refused.count) rows refused"
            context.out.line("\(outcome.adapter): \(Progress.grouped(outcome.facts)) facts\(refused): \(verdict)")
            failed += outcome.passed ? 0 : 1
        }
        return failed == 0 ? .success : .failure
    }
}
