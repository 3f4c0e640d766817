import Operations

/// `twinhub server …`: the hub's own PostgreSQL.
struct ServerCommand: Command {
    static let name = "server"
    static let abstract = "The hub's own PostgreSQL: keep it up, stop it, see where it lives."
    static let discussion = """
        Commands start the server when they need it, and it stops a minute after the last of them (TWINHUB_IDLE_SECONDS).
        With TWINHUB_DATABASE set the hub uses that server instead and has none of its own.
        """
    static let subcommands: [any Command.Type] = [Start.self, Stop.self, Status.self, Expose.self, Watch.self]

    struct Start: Command {
        static let name = "start"
        static let abstract = "Start the server and keep it up until 'twinhub server stop'."

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            try refuseElsewhere(context)
            let control = ServerControl(try context.home())
            try control.pin { context.err.line("twinhub: \($0) …") }
            let status = try control.status()
            context.out.line("The server is running (process \(status.pid ?? 0)) and stays up until 'twinhub server stop'.")
            context.out.line("psql \"\(status.connection)\"")
            return .success
        }
    }

    struct Stop: Command {
        static let name = "stop"
        static let abstract = "Stop the server. Refuses while other twinhub commands use it."
        static let force = Flag("force", "Stop it also while it is used; open transactions are rolled back.")
        static let arguments: [any Argument] = [force]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            try refuseElsewhere(context)
            let stopped = try ServerControl(try context.home()).stop(force: input[force])
            context.out.line(stopped ? "The server is stopped." : "The server was not running.")
            return .success
        }
    }

    struct Status: Command {
        static let name = "status"
        static let abstract = "Say whether the server runs, where its data are and how to connect."
        static let json = Flag("json", "Print one JSON object.")
        static let arguments: [any Argument] = [json]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            try refuseElsewhere(context)
            let status = try ServerControl(try context.home()).status()
            if input[json] {
                try context.out.json(status)
                return .success
            }
            let stay = status.pinned ? ", stays up until 'twinhub server stop'" : status.inUse ? ", in use" : ""
            let process = status.pid.map { " (process \($0))" } ?? ""
            let version = status.postgresql.map { "PostgreSQL \($0)\(status.postgis == true ? " with PostGIS" : ", PostGIS is missing")" }
            context.out.line("server      \(status.state)\(process)\(stay)")
            context.out.line("software    \(version ?? "no PostgreSQL server is installed")")
            context.out.line("data        \(status.dataFolder)")
            context.out.line("log         \(status.logFile)")
            context.out.line("connect     psql \"\(status.connection)\"")
            return .success
        }
    }

    struct Expose: Command {
        static let name = "expose"
        static let abstract = "Let analysts and consumers in from other machines, by TLS and password; off by default."
        static let discussion = """
            The server starts anew, and stays up until 'twinhub server stop'. Only logins of analysts and consumers come in
            ('twinhub user add'), only from the networks that are named. Without --certificate it signs one by itself, once:
            clients trust that very certificate.
            """
        static let address = Option("address", value: "A", "An address or name of this machine to listen on; '*' for all.")
        static let port = Option("port", value: "N", "The TCP port.", default: "5432")
        static let from = Option("from", value: "CIDR", "A network that may come: 10.1.0.0/16. May be repeated.", repeats: true)
        static let certificate = Option("certificate", value: "FILE", "The server's certificate (PEM), with --key.")
        static let key = Option("key", value: "FILE", "Its key (PEM).")
        static let off = Flag("off", "Close the door again.")
        static let force = Flag("force", "Also while the server is used; open transactions are rolled back.")
        static let arguments: [any Argument] = [address, port, from, certificate, key, off, force]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            try refuseElsewhere(context)
            let home = try context.home()
            let control = ServerControl(home)
            if input[off] {
                let wasOpen = try control.close(force: input[force])
                context.out.line(wasOpen ? "The door is closed: nobody reaches the server from another machine." : "The door was closed.")
                return .success
            }
            guard let address = input[address], !input.all(from).isEmpty else { throw UsageError("'\(input.path)' needs --address and --from, or --off.") }
            guard (input[certificate] == nil) == (input[key] == nil) else { throw UsageError("--certificate and --key go together.") }
            let files = input[certificate].flatMap { certificate in input[key].map { (certificate, $0) } }
            let door = try ServerDoor(address: address, port: input.integer(port, in: 1...65_535), networks: input.all(from))
            // The database and its roles must be there before anyone comes.
            _ = try context.openHub().connectAsOwner()
            try control.expose(door, certificate: files, force: input[force])
            context.out.line("Analysts and consumers may come to \(address), port \(door.port), from \(door.networks.joined(separator: ", ")).")
            context.out.line("Make logins with 'twinhub user add'. Clients trust \(ServerDoor.certificate(in: home.server.folder)).")
            if door.isForEveryone { context.err.line("twinhub: that is everyone on the net; name the networks that need it.") }
            return .success
        }
    }

    /// Started by `Hub.open`, never by hand.
    struct Watch: Command {
        static let name = "watch"
        static let abstract = "Stop the server some time after its last user."
        static let isHidden = true

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            Cancellation.restoreDefaults()
            try ServerWatch.run(try context.home(), environment: context.environment)
            return .success
        }
    }

    private static func refuseElsewhere(_ context: Context) throws {
        guard let elsewhere = context.environment["TWINHUB_DATABASE"], !elsewhere.isEmpty else { return }
        throw CommandError(
            .configuration, "TWINHUB_DATABASE names a server elsewhere, so the hub has none of its own. Unset it to use one.")
    }
}
