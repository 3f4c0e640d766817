import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub log …`: the log itself.
struct LogCommand: Command {
    static let name = "log"
    static let abstract = "Look at the log itself, and take care of its partitions."
    static let discussion = """
        The log lies in partitions by position, its leaves. A full one is sealed: it gets its indexes, and nothing is added to it
        any more. A sealed one may be archived: its facts go into a file, and readers that need them are told so.
        """
    static let subcommands: [any Command.Type] = [
        LogHeadCommand.self, LogLeavesCommand.self, LogSealCommand.self, LogArchiveCommand.self, LogRestoreLeafCommand.self,
    ]
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

/// `twinhub log leaves`: the partitions, those that were archived too.
struct LogLeavesCommand: Command {
    static let name = "leaves"
    static let abstract = "List the partitions of the log: positions, facts, size, sealed, archived."
    static let json = Flag("json", "For machines: one JSON document.")
    static let arguments: [any Argument] = [json]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let leaves = try context.leaves(of: hub).list()
        if input[json] {
            try context.out.json(leaves)
            return .success
        }
        var table = Table([
            .left("leaf"), .right("first position"), .right("last position"), .right("facts"), .right("MB"), .left("sealed"), .left("archived"),
        ])
        for leaf in leaves {
            let archived = !leaf.isArchived ? "no" : leaf.isHere ? "yes, the table is still here" : "to \(leaf.file ?? "an unknown file")"
            table.add([
                leaf.name, Progress.grouped(Int(leaf.firstPosition)), Progress.grouped(Int(leaf.lastPosition)),
                (leaf.isSealed ? "" : "about ") + Progress.grouped(leaf.rows), String(format: "%.1f", Double(leaf.bytes) / 1e6),
                leaf.isSealed ? "yes" : "no", archived,
            ])
        }
        context.out.write(table.rendered)
        return .success
    }
}

/// `twinhub log seal`: indexes for the partitions that are full.
struct LogSealCommand: Command {
    static let name = "seal"
    static let abstract = "Give every partition that is full its indexes."
    static let discussion = """
        Partitions that lie below the settled horizon by at least one partition are sealed; appends go on meanwhile.
        `twinhub project` and `twinhub adapter run` do it by themselves.
        """

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let sealed = try context.leaves(of: hub).sealDue()
        context.out.line(sealed.isEmpty ? "No partition is due." : "Sealed: \(sealed.joined(separator: ", ")).")
        return .success
    }
}

/// `twinhub log archive LEAF --to DIR`: out of the log, into a file.
struct LogArchiveCommand: Command {
    static let name = "archive"
    static let abstract = "Take a sealed partition out of the log and write its facts to a file."
    static let discussion = """
        The file is PostgreSQL's binary COPY; beside it lies its SHA-256 for `sha256sum -c`. The table stays in the database,
        outside the log and as unchangeable as before, until --drop is given: only that frees the disk. A rebuild of the twin
        needs every fact: it refuses while some are archived, until `twinhub log restore-leaf` brings them back.
        """
    static let leaf = Positional("LEAF", "The partition, as `twinhub log leaves` names it.")
    static let to = Option("to", value: "DIR", "The folder for the file; it must exist.", required: true)
    static let drop = Flag("drop", "Delete the table when the file has been read back.")
    static let arguments: [any Argument] = [leaf, to, drop]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let folder = URL(filePath: input[to] ?? "").path
        let file = try context.leaves(of: hub).archive(input[leaf] ?? "", to: folder, drops: input[drop])
        context.out.line("Archived to \(file)\(input[drop] ? "; the table is deleted" : "; the table is still in the database").")
        return .success
    }
}

/// `twinhub log restore-leaf LEAF`: back into the log.
struct LogRestoreLeafCommand: Command {
    static let name = "restore-leaf"
    static let abstract = "Bring an archived partition back into the log."
    static let discussion = "From its table where that is still in the database, else from its file, whose SHA-256 is checked first."
    static let leaf = Positional("LEAF", "The partition, as `twinhub log leaves` names it.")
    static let from = Option("from", value: "DIR", "The folder where the file lies now, if not where it was written.")
    static let arguments: [any Argument] = [leaf, from]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        try context.leaves(of: hub).restore(input[leaf] ?? "", from: input[from].map { URL(filePath: $0).path })
        context.out.line("\(input[leaf] ?? "") is in the log again.")
        return .success
    }
}

extension Context {
    /// At the end of what the hub's owner runs now and then: indexes for the partitions that are full by now.
    /// What it was run for is done by then: a failure is told, and is none of the command's.
    func seal(_ leaves: Leaves) {
        do {
            for leaf in try leaves.sealDue() { err.line("twinhub: sealed the partition \(leaf)") }
        } catch {
            err.line("twinhub: The log's full partitions could not be sealed: \(error)")
        }
    }

    /// The partitions of the hub's log, whose schema must be up to date.
    fileprivate func leaves(of hub: Hub) throws -> Leaves {
        let connection = try Connection(hub.conninfo)
        try Migrations.check(on: connection)
        return Leaves(connection)
    }
}
