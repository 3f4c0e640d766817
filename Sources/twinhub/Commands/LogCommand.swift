import EventLog
import Operations
import PostgresClient

/// `twinhub log …`: the log itself.
struct LogCommand: Command {
    static let name = "log"
    static let abstract = "Look at the log itself."
    static let subcommands: [any Command.Type] = [LogHeadCommand.self]
}

/// `twinhub log head`: what to pin elsewhere.
struct LogHeadCommand: Command {
    static let name = "head"
    static let abstract = "Print the digest of each source's last batch, to be kept on another machine."
    static let json = Flag("json", "For machines, and for `twinhub verify --pinned`.")
    static let arguments: [any Argument] = [json]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let connection = try Connection(hub.conninfo)
        try Migrations.check(on: connection)
        let heads = try ChainVerifier(connection).heads()
        if input[json] {
            try context.out.json(heads)
            return .success
        }
        var table = Table([.left("source"), .right("batch"), .right("last position"), .left("SHA-256")])
        for head in heads {
            table.add([head.source, "\(head.batch)", head.lastPosition.map(String.init) ?? "-", head.digest])
        }
        context.out.write(table.rendered)
        return .success
    }
}
