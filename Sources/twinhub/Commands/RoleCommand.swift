import EventLog
import Operations
import PostgresClient

/// `twinhub role …`: who may log in to the hub's database.
struct RoleCommand: Command {
    static let name = "role"
    static let abstract = "Give people and services a login to the hub's database, with the least that they need."
    static let discussion = """
        An analyst reads the twin; a steward also facts and refusals, and decides; a consumer reads facts in order, to pass
        them on; a projector folds the log. Adapters get their roles by themselves.
        """
    static let subcommands: [any Command.Type] = [Login.self, List.self, Drop.self]

    /// `twinhub role login NAME --as KIND`
    struct Login: Command {
        static let name = "login"
        static let abstract = "Make a login role, and say how to connect with it. Safe to repeat."
        static let discussion = """
            The hub's own server asks for no password: only its own account (and root) can reach its socket. On a server
            elsewhere the role gets a random password, in a file of mode 0600; it is never shown.
            """
        static let kind = Option("as", value: "KIND", "analyst, steward, consumer or projector.", required: true)
        static let role = Positional("NAME", "Who: lower-case letters and digits. The role is called <hub>_<kind>_<name>.")
        static let arguments: [any Argument] = [kind, role]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let word = try input.required(kind)
            guard let kind = Roles.Kind(rawValue: word), kind != .adapter else {
                let reason = word == Roles.Kind.adapter.rawValue ? " An adapter gets its role with its first run." : ""
                throw UsageError("--as takes analyst, steward, consumer or projector, not '\(word)'.\(reason)")
            }
            let hub = try context.openHub()
            let connection = try hub.connectAsOwner()
            let role = try Roles.makeLogin(try input.required(role), kind, on: connection)
            context.out.line("\(role) may log in as \(kind.rawValue).")
            if hub.isEmbedded {
                context.out.line("psql \"\(try hub.conninfo(user: role))\"")
                context.out.line("Only \(hub.home.account.map { "the account \($0.name) and root" } ?? "you and root") can reach the server's socket.")
            } else {
                let database = try Migrations.hubName(on: connection)
                let file = try hub.home.passwordFile(ofRole: role, database: database)
                try Roles.makeLogin(try input.required(Login.role), kind, on: connection, password: file.password)
                var string = try ConnectionString(parsing: hub.conninfo)
                string.settings["password"] = nil
                string.settings["user"] = role
                string.settings["dbname"] = database
                string.settings["passfile"] = file.path
                context.out.line("psql \"\(string.text)\"")
                context.out.line("The password is in \(file.path): hand that file over, to be kept with mode 0600.")
            }
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub role list`
    struct List: Command {
        static let name = "list"
        static let abstract = "List the login roles: adapters, people and services."
        static let json = Flag("json", "For machines: one JSON document.")
        static let arguments: [any Argument] = [json]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let logins = try Roles.logins(on: hub.connectAsOwner())
            if input[json] {
                try context.out.json(logins)
                return .success
            }
            var table = Table([.left("role"), .left("as"), .left("name"), .right("sessions")])
            for login in logins { table.add([login.role, login.kind, login.name, "\(login.sessions)"]) }
            context.out.write(table.rendered)
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub role drop ROLE`
    struct Drop: Command {
        static let name = "drop"
        static let abstract = "End a login role's sessions and drop it, with its password."
        static let role = Positional("ROLE", "The role, as `twinhub role list` names it.")
        static let arguments: [any Argument] = [role]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let role = try input.required(role)
            try Roles.dropLogin(role, on: hub.connectAsOwner())
            hub.home.forgetPassword(ofRole: role)
            context.out.line("\(role) is dropped.")
            return withExtendedLifetime(hub) { .success }
        }
    }
}
