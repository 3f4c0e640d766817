/// One command of `twinhub`, one file each.
///
/// How a command is written:
///
/// ```swift
/// struct SimulateCommand: Command {
///     static let name = "simulate"
///     static let abstract = "Write the files of a simulated neighbourhood."
///     static let buildings = Option("buildings", value: "FILE", "The buildings' GeoJSON file.", required: true)
///     static let seed = Option("seed", value: "N", "Same seed, same files.", default: "1")
///     static let force = Flag("force", "Overwrite files that exist.")
///     static let folder = Positional("DIR", "Where the files go.")
///     static let arguments: [any Argument] = [buildings, seed, force, folder]
///
///     static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
///         let seed = try input.integer(seed, in: 0...Int.max)      // a usage error (exit code 2) if it is no number
///         let bar = Progress(context.err, "households", total: 1000)
///         for household in 0..<1000 {
///             try Cancellation.check()                              // Ctrl-C, SIGTERM: ends with 130 or 143
///             bar.update(household)
///         }
///         bar.finish()
///         var table = Table([.left("file"), .right("rows")])
///         table.add(["residents.csv", "200"])
///         context.out.write(table.rendered)                         // results to stdout, progress and advice to stderr
///         return .success
///     }
/// }
/// ```
///
/// Then it joins the list in `TwinhubCommand.subcommands` (or in its parent's). `--help`, the summary in the parent's help,
/// "unknown option … did you mean …" and the usage line come from the declarations. A command that only groups others
/// declares `subcommands` and no `run`. Failures are thrown: `CommandFailure` says which errors end with which exit code.
protocol Command: Sendable {
    /// The word that the user types.
    static var name: String { get }
    /// One sentence, shown in the parent's list and on top of the help.
    static var abstract: String { get }
    /// Paragraphs below the usage line; lines of up to 100 columns, may be empty.
    static var discussion: String { get }
    /// Flags, options and positionals, in the order in which the help shows them.
    static var arguments: [any Argument] { get }
    /// Commands below this one; a command with subcommands takes no arguments of its own.
    static var subcommands: [any Command.Type] { get }
    /// Left out of its parent's help: for the program's own use.
    static var isHidden: Bool { get }
    /// Does the work. Returns the exit code, or throws.
    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode
}

extension Command {
    static var discussion: String { "" }
    static var arguments: [any Argument] { [] }
    static var subcommands: [any Command.Type] { [] }
    static var isHidden: Bool { false }

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let names = subcommands.filter { !$0.isHidden }.map { $0.name }
        throw UsageError("'\(input.path)' needs a command after it: \(names.joined(separator: ", ")).")
    }
}

/// What scripts can rely on. README.md repeats this list.
enum ExitCode: Int32, Sendable {
    case success = 0
    /// The work was done or tried, and something is wrong with the data or with the program.
    case failure = 1
    /// The command line itself is wrong.
    case usage = 2
    /// Something on this machine, in the environment or in a manifest has to be put right first.
    case configuration = 3
    /// Too many of a source's records were refused (EX_DATAERR of sysexits.h): the source or its manifest has to be put right.
    case refused = 65
    /// Trying again later may help (EX_TEMPFAIL of sysexits.h).
    case temporary = 75
    case interrupted = 130
    case terminated = 143
}

/// What a command may use of the world outside: tests pass pipes and an environment of their own.
struct Context: Sendable {
    /// Results: what a script would read.
    let out: Terminal
    /// Progress, advice and errors: what a person would read.
    let err: Terminal
    let environment: [String: String]
}
