/// The root: what `twinhub --help` lists, in the order in which a newcomer needs it.
struct TwinhubCommand: Command {
    static let version = "0.1.0"
    static let name = "twinhub"
    static let abstract = "One append-only log of facts from every department's systems, folded into one digital twin in PostgreSQL."
    static let discussion = """
        Without TWINHUB_DATABASE (a libpq connection string) the hub keeps a private PostgreSQL of its own.
        Exit codes: 0 done; 1 the data or the program is wrong; 2 the command line is wrong; 3 this machine or its
        configuration has to be put right; 75 try again later; 130 and 143 ended by Ctrl-C and SIGTERM.
        """
    static let subcommands: [any Command.Type] = [
        DemoCommand.self, UpCommand.self, AdapterCommand.self, QuarantineCommand.self, StatusCommand.self, DoctorCommand.self,
        ProjectCommand.self, ScenarioCommand.self, StreamCommand.self, WebhookCommand.self, ReplicationCommand.self, AsyncAPICommand.self, ShowCommand.self, ExplainCommand.self,
        ConflictCommand.self, IdentityCommand.self, IncidentCommand.self, TwinAtCommand.self, AddressCommand.self, PsqlCommand.self,
        SimulateCommand.self, VerifyCommand.self, LogCommand.self, RoleCommand.self, UserCommand.self, SubjectCommand.self,
        KeysCommand.self, BackupCommand.self, RestoreCommand.self, MigrateCommand.self, ServerCommand.self, HelpCommand.self,
    ]
}

/// Listed so that it is found; the parser answers `help` itself.
struct HelpCommand: Command {
    static let name = "help"
    static let abstract = "Explain a command: 'twinhub help server start'."
    static let words = Positional("COMMAND", "The command to explain.", .any)
    static let arguments: [any Argument] = [words]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        context.out.write(Help.text(for: TwinhubCommand.self, path: TwinhubCommand.name))
        return .success
    }
}
