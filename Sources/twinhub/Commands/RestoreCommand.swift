import DigitalTwin
import EventLog
import Operations
import PostgresClient
import Projections

/// `twinhub restore`: a backup, brought back or tried.
struct RestoreCommand: Command {
    static let name = "restore"
    static let abstract = "Bring a backup back into an empty hub, or try whether it could be."
    static let discussion = """
        Every file is compared with the manifest, every table with its digest, and the chain with the heads in the manifest. The
        restored log has a new epoch. --rehearse does all that in a server that is thrown away, rebuilds the twin from the
        facts, compares it with the twin that was backed up, and notes the success for `twinhub doctor`.
        """
    static let from = Option("from", value: "DIR", "The backup: a folder with a manifest.json.", required: true)
    static let rehearse = Flag("rehearse", "Try it, and leave everything as it is.")
    static let arguments: [any Argument] = [from, rehearse]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let home = try context.home()
        let backup = try BackupFolder(try input.required(from))
        let err = context.err
        let restore = Restore(backup, isCancelled: { Cancellation.isRequested }, report: { err.line("twinhub: \($0) …") })
        return input[rehearse] ? try rehearse(restore, backup, home, context) : try bringBack(restore, backup, home, context)
    }

    private static func bringBack(_ restore: Restore, _ backup: BackupFolder, _ home: HubHome, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let (epoch, times) = try restore.run(into: home, conninfo: hub.conninfo)
        context.out.line("\(backup.manifest.name): \(text(backup.manifest)) restored in \(seconds(times.restored_s)), the chain verified in \(seconds(times.verified_s)).")
        context.out.line("The log has the new epoch \(epoch). Facts that came after the backup come again when the adapters run.")
        let missing = try restore.problemsWithKeys(home)
        if !missing.isEmpty {
            context.out.line("Before any adapter runs, bring the keys into \(home.keys): \(missing.joined(separator: ", ")).")
        }
        return withExtendedLifetime(hub) { .success }
    }

    private static func rehearse(_ restore: Restore, _ backup: BackupFolder, _ home: HubHome, _ context: Context) throws -> ExitCode {
        let (times, note) = try restore.rehearse(in: home.state + "/rehearsal", twinMark: TwinProjection().definition.tablesMark) { connection, position, schema in
            let bar = Progress(context.err, "rebuilding the twin")
            let projector = Projector(
                connection,
                progress: { state in
                    try Cancellation.check()
                    bar.update(state.facts, note: "facts, \(state.phase.rawValue)")
                }, make: { TwinProjection() })
            try projector.build(asOf: position, schema: schema)
            bar.finish()
        }
        context.out.line("\(backup.manifest.name): \(text(backup.manifest)) can be restored.")
        var steps = ["restored in \(seconds(times.restored_s))", "chain verified in \(seconds(times.verified_s))"]
        if let rebuilt = times.rebuilt_s { steps.append("twin rebuilt and found the same in \(seconds(rebuilt))") }
        context.out.line("\(steps.joined(separator: ", ")): \(seconds(times.total_s)) in all.")
        if let note { context.out.line(note) }
        try record(restore, times, context)
        return .success
    }

    /// In the hub that was backed up, where there is one from here.
    private static func record(_ restore: Restore, _ times: Restore.Times, _ context: Context) throws {
        let isElsewhere = !context.environment["TWINHUB_DATABASE", default: ""].isEmpty
        guard try isElsewhere || context.home().server.exists else {
            context.err.line("twinhub: There is no hub here to note the rehearsal in.")
            return
        }
        let hub = try context.openHub()
        if try !restore.noteRehearsal(times, on: hub.connectAsOwner()) {
            context.err.line("twinhub: The hub here is not the one that was backed up; the rehearsal is not noted in it.")
        }
        withExtendedLifetime(hub) {}
    }

    private static func text(_ manifest: BackupManifest) -> String { "\(Progress.grouped(Int(manifest.facts))) facts" }
    private static func seconds(_ value: Double) -> String { Progress.seconds(.seconds(value)) }
}
