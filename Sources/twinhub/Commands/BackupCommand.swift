import EventLog
import Operations
import PostgresClient

/// `twinhub backup`: the hub's database, in a folder.
struct BackupCommand: Command {
    static let name = "backup"
    static let abstract = "Copy the hub's database into a folder, while it is used."
    static let discussion = """
        Writes DIR/<hub>-<time>: a dump by pg_dump, of one moment, and manifest.json with the heads of the chain, row counts
        and a digest of each table, and the SHA-256 of every file. It holds no keys and no passwords.
        """
    static let to = Option("to", value: "DIR", "The folder for backups, best on another disk; made if it is missing.", required: true)
    static let arguments: [any Argument] = [to]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let started = ContinuousClock.now
        context.err.line("twinhub: backing up …")
        let backup = Backup(hub.home, conninfo: hub.conninfo, program: "twinhub \(TwinhubCommand.version)")
        let taken = try backup.take(to: try input.required(to)) { Cancellation.isRequested }
        let manifest = taken.manifest
        context.out.line(taken.path)
        context.err.line(
            "\(Progress.grouped(Int(manifest.facts))) facts, up to position \(Progress.grouped(Int(manifest.lastPosition))); "
                + "\(sizeText(manifest.bytes)) written in \(Progress.seconds(ContinuousClock.now - started))")
        context.err.line("SHA-256 of the manifest, to be kept on another machine: \(taken.sha256)")
        context.err.line("The keys are not in it. Keep copies of \(hub.home.keys)/*.key, never in the same place as backups.")
        context.err.line("Try it: twinhub restore --rehearse --from \(taken.path)")
        return withExtendedLifetime(hub) { .success }
    }
}
