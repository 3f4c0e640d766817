import EventLog
import Operations
import PostgresClient

/// `twinhub user …`: people and services on other machines.
struct UserCommand: Command {
    static let name = "user"
    static let abstract = "Logins with a password and limits for people and services on other machines."
    static let discussion = """
        The server lets them in once it is exposed ('twinhub server expose'). 'twinhub role' makes logins for this machine.
        """
    static let subcommands: [any Command.Type] = [Add.self, RoleCommand.List.self, RoleCommand.Drop.self]

    /// `twinhub user add NAME --role KIND`
    struct Add: Command {
        static let name = "add"
        static let abstract = "Make a login for an analyst or a consumer. Safe to repeat."
        static let role = Option("role", value: "KIND", "analyst: reads the twin. consumer: reads facts in order, to pass them on.", required: true)
        static let timeout = Option("statement-timeout", value: "SECONDS", "How long one statement may run.", default: "300")
        static let connections = Option("connections", value: "N", "How many sessions at a time.", default: "10")
        static let user = Positional("NAME", "Who: lower-case letters and digits. The role is called <hub>_<kind>_<name>.")
        static let arguments: [any Argument] = [role, timeout, connections, user]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let word = try input.required(role)
            guard let kind = Roles.Kind(rawValue: word), [.analyst, .consumer].contains(kind) else {
                throw UsageError("--role takes analyst or consumer, not '\(word)'. Others come by this machine alone: 'twinhub role login'.")
            }
            var limits = Visitors.Limits()
            limits.statement_s = try input.integer(timeout, in: 1...86_400)
            limits.connections = try input.integer(connections, in: 1...100)
            let hub = try context.openHub()
            let connection = try hub.connectAsOwner()
            let database = try Migrations.hubName(on: connection)
            let name = try input.required(user)
            let file = try hub.home.passwordFile(ofRole: "\(kind.group(of: database))_\(name)", database: database)
            let role = try Visitors.add(name, kind, password: file.password, limits: limits, on: connection)
            context.out.line("\(role) may log in as \(kind.rawValue): \(limits.connections) sessions, statements of at most \(limits.statement_s) s.")
            var string = ConnectionString(["user": role, "dbname": database, "passfile": file.path])
            if hub.isEmbedded {
                guard let door = hub.home.server.door else {
                    context.out.line("Nobody reaches the server from another machine yet: 'twinhub server expose --address A --from CIDR'.")
                    return withExtendedLifetime(hub) { .success }
                }
                let certificate = ServerDoor.certificate(in: hub.home.server.folder)
                string.settings["host"] = door.address == "*" ? "localhost" : door.address
                string.settings["port"] = String(door.port)
                string.settings["sslmode"] = "verify-full"
                string.settings["sslrootcert"] = certificate
                context.out.line("psql \"\(string.text)\"")
                context.out.line("Hand over \(file.path) (the password, to be kept with mode 0600) and \(certificate).")
            } else {
                let elsewhere = try ConnectionString(parsing: hub.conninfo)
                for key in ["host", "port"] { string.settings[key] = elsewhere.settings[key] }
                context.out.line("psql \"\(string.text)\"")
                context.out.line("Hand over \(file.path): the password, to be kept with mode 0600.")
            }
            return withExtendedLifetime(hub) { .success }
        }
    }
}
