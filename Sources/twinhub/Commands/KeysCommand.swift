import AdapterKit
import Operations
import PostgresClient

/// `twinhub keys …`: the key files, and copies of them.
struct KeysCommand: Command {
    static let name = "keys"
    static let abstract = "Copy, check, change and destroy the hub's key files, apart from backups of its data."
    static let discussion = """
        Without its keys a hub can neither recognise people nor open sealed values. A copy has a day on which it must be
        destroyed: until then it can bring back, with an older backup of the data, what was erased since.
        """
    static let subcommands: [any Command.Type] = [Backup.self, Check.self, List.self, Destroy.self, Rotate.self]

    static let from = Option("from", value: "DIR", "The copy: a folder with keys.json.", required: true)

    /// `twinhub keys backup --to DIR`
    struct Backup: Command {
        static let name = "backup"
        static let abstract = "Copy the key files into a folder, never where backups of the data lie."
        static let to = Option("to", value: "DIR", "The folder for such copies; made if it is missing.", required: true)
        static let days = Option("days", value: "N", "After so many days the copy must be destroyed.", default: "90")
        static let arguments: [any Argument] = [to, days]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let days = try input.integer(days, in: 1...3650)
            let hub = try context.openHub()
            let owner = try hub.connectAsOwner()
            try KeyFiles(hub.home).confirm(on: owner)
            let taken = try KeyBackup(hub.home, owner).take(to: try input.required(to), days: days)
            context.out.line(taken.path)
            context.err.line("To be destroyed by \(taken.expiresAt). Carry it away, and try it there: twinhub keys check --from \(taken.path)")
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub keys check --from DIR`
    struct Check: Command {
        static let name = "check"
        static let abstract = "Compare a copy with what it should hold, and with the keys that the hub uses."
        static let arguments: [any Argument] = [from]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let wrong = try KeyBackup(hub.home, hub.connectAsOwner()).check(try input.required(from))
            if wrong.isEmpty { context.out.line("It holds the keys that this hub uses.") }
            for problem in wrong { context.err.line(problem) }
            return withExtendedLifetime(hub) { wrong.isEmpty ? .success : .failure }
        }
    }

    /// `twinhub keys list`
    struct List: Command {
        static let name = "list"
        static let abstract = "List the copies that the hub knows of."
        static let json = Flag("json", "For machines: one JSON document.")
        static let arguments: [any Argument] = [json]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let known = try KeyBackup(hub.home, hub.connectAsOwner()).known()
            if input[json] {
                try context.out.json(known)
                return .success
            }
            var table = Table([.left("folder"), .left("to be destroyed by"), .left("checked"), .left("")])
            for copy in known {
                table.add([copy.folder, copy.expiresAt, copy.checkedAt ?? "never", copy.isExpired ? "past its day" : copy.isCurrent ? "" : "of an older sealing.key"])
            }
            context.out.write(table.rendered)
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub keys destroy --from DIR`
    struct Destroy: Command {
        static let name = "destroy"
        static let abstract = "Overwrite and remove a copy of the keys."
        static let arguments: [any Argument] = [from]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            try KeyBackup(hub.home, hub.connectAsOwner()).destroy(try input.required(from))
            context.out.line("It is gone.")
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub keys rotate`
    struct Rotate: Command {
        static let name = "rotate"
        static let abstract = "Change sealing.key: wrap every person's key anew, and destroy the file of before."
        static let discussion = "Every erasure does it too. Adapters that run meanwhile end with exit code 75, and go on when they are run again."

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let owner = try hub.connectAsOwner()
            _ = try hub.keys(on: owner)
            let count = try SealingRotation.run(folder: hub.home.keys, on: owner)
            context.out.line("sealing.key is changed; \(count) keys were wrapped anew.")
            context.err.line("Take a new backup of the keys, and one of the data: the older ones no longer fit together.")
            return withExtendedLifetime(hub) { .success }
        }
    }
}
