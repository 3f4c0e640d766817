import Operations
import PostgresClient

/// `twinhub replication …`: what others follow by PostgreSQL's logical replication.
struct ReplicationCommand: Command {
    static let name = "replication"
    static let abstract = "Choose what Debezium, pg_recvlogical or another PostgreSQL may follow."
    static let discussion = """
        The publication twinhub_log has the facts, twinhub_twin the changes of the twin and the tables that are published here.
        Facts come in the order of commits, which is not that of positions: sort by position, or wait for hub.settled().
        """
    static let subcommands: [any Command.Type] = [List.self, Publish.self, Unpublish.self, DropSlot.self]

    private static let tables = Positional("TABLE", "Tables behind the twin, such as building_claim.", .oneOrMore)

    /// `twinhub replication list`
    struct List: Command {
        static let name = "list"
        static let abstract = "Show the published tables; `twinhub status` shows who follows."
        static let json = Flag("json", "For machines: one JSON document.")
        static let arguments: [any Argument] = [json]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let published = try Replication.published(on: hub.connectAsOwner())
            if input[json] {
                try context.out.json(published)
            } else {
                var table = Table([.left("publication"), .left("table")])
                for one in published { table.add([one.publication, one.table]) }
                context.out.write(table.rendered)
            }
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub replication publish TABLE…`
    struct Publish: Command {
        static let name = "publish"
        static let abstract = "Publish tables behind the twin, also through rebuilds."
        static let arguments: [any Argument] = [tables]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            try Replication.publish(input.all(tables), on: hub.connectAsOwner())
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub replication unpublish TABLE…`
    struct Unpublish: Command {
        static let name = "unpublish"
        static let abstract = "Publish these tables no longer."
        static let arguments: [any Argument] = [tables]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            try Replication.unpublish(input.all(tables), on: hub.connectAsOwner())
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub replication drop-slot NAME`
    struct DropSlot: Command {
        static let name = "drop-slot"
        static let abstract = "Drop the slot of a follower that does not come back: the server stops keeping WAL for it."
        static let slot = Positional("NAME", "The slot.")
        static let arguments: [any Argument] = [slot]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            try Replication.dropSlot(input.required(slot), on: hub.connectAsOwner())
            return withExtendedLifetime(hub) { .success }
        }
    }
}
