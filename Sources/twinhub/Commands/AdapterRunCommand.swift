import AdapterKit
import EventLog
import Operations
import PostgresClient

/// `twinhub adapter run`: pulls one source into the log, in this process, under the source's own database role.
struct AdapterRunCommand: Command {
    static let name = "run"
    static let abstract = "Pull a source into the log."
    static let discussion = """
        What the source said before is not appended again. Killed at any moment, it goes on where its last batch ended.
        Rows that are refused go into quarantine, as they came, with the rule that they broke: twinhub quarantine list.
        While the disk of the hub's own server is almost full (5 %, at least 1 GiB and at most 8 GiB; TWINHUB_DISK_RESERVE_MB)
        it waits between batches.
        """
    static let accept = Flag("accept-removals", "Let removals pass that the guard held back.")
    static let batch = Option("batch", value: "N", "Facts after which a batch is committed.", default: "20000")
    static let lease = Option("lease", value: "SECONDS", "For how long nobody else may pull the source after a batch.", default: "300")
    static let json = Flag("json", "For machines: what the run brought, as one JSON document.")
    static let adapter = Positional("NAME", "Which adapter.")
    static let arguments: [any Argument] = [accept, batch, lease, json, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let size = try input.integer(batch, in: 1...1_000_000)
        let seconds = try input.integer(lease, in: 1...86_400)
        let home = try context.home()
        let manifest = try manifest(try input.required(adapter), home, context)
        let hub = try context.openHub()
        let owner = try hub.connectAsOwner(application: "twinhub adapter \(manifest.name)")
        let connection = try login(manifest, hub, owner)
        let keys = try keys(manifest, home, owner)
        let bar = Progress(context.err, manifest.name)
        var options = options(manifest, hub, bar, context)
        options.acceptRemovals = input[accept]
        options.batchFacts = size
        options.leaseSeconds = seconds
        let report = try AdapterRun(manifest, connection: connection, keys: keys, options: options).run()
        show(report, input, bar, context)
        try owner.query("SELECT hub.expire_quarantine()")
        context.seal(Leaves(owner))
        let summary = AdapterReport(report)
        if input[json] { try context.out.json(summary) } else { context.out.write(AdapterReport.table([summary])) }
        return withExtendedLifetime(hub) { .success }
    }

    /// Of whatever writes for a source in this process: cancelled by signals, shown on a bar, waiting while the disk is almost full.
    static func options(_ manifest: Manifest, _ hub: Hub, _ bar: Progress, _ context: Context) -> RunOptions {
        var options = RunOptions()
        options.environment = context.environment
        options.isCancelled = { Cancellation.isRequested }
        let shown = SendableBar(bar)
        options.progress = { shown.bar.update($0.rowsRead, note: "rows of \($0.stream), \($0.facts) facts") }
        options.log = { shown.bar.say("\(manifest.name), \($0)") }
        let diskGuard = DiskGuard(hub, environment: context.environment)
        options.mayCommit = {
            diskGuard?.waitForRoom(report: { shown.bar.finish("\(manifest.name): \($0)") }, sleep: { Cancellation.wait(milliseconds: $0) }) ?? true
        }
        return options
    }

    /// The manifest; that it cannot be read is a failed run too, of a source that is known.
    private static func manifest(_ name: String, _ home: HubHome, _ context: Context) throws -> Manifest {
        do throws(AdapterError) {
            return try AdapterFolders.find(name, root: home.adapters)
        } catch {
            if AdapterFolders.list(root: home.adapters).contains(where: { $0.name == name }), let hub = try? context.openHub() {
                if let owner = try? hub.connectAsOwner() {
                    _ = try? Runs.noteFailure(of: name, kind: error.kind.rawValue, message: error.description, on: owner)
                }
                withExtendedLifetime(hub) {}
            }
            throw error
        }
    }

    /// The keys that were used before, or new ones where none were. That they are missing is a failed run, too.
    static func keys(_ manifest: Manifest, _ home: HubHome, _ owner: Connection) throws -> Keys {
        let files = KeyFiles(home)
        do {
            try files.confirm(on: owner)
        } catch let error as OperationsError {
            try Runs.noteFailure(of: manifest.name, kind: error.kind.rawValue, message: error.description, on: owner)
            throw error
        }
        let keys = try Keys(folder: home.keys)
        try files.note(on: owner)
        return keys
    }

    /// Registers the source, and logs in as its own role.
    static func login(_ manifest: Manifest, _ hub: Hub, _ owner: Connection) throws -> Connection {
        var source = try Sources.register(manifest.sourceDescription, on: owner)
        if !hub.isEmbedded {
            source = try Sources.register(manifest.sourceDescription, on: owner, password: hub.home.password(ofRole: source.role))
        }
        return try Connection(hub.conninfo(user: source.role), application: "twinhub adapter \(manifest.name)")
    }

    private static func show(_ report: RunReport, _ input: ParsedArguments, _ bar: Progress, _ context: Context) {
        bar.finish("\(report.adapter): \(Progress.grouped(report.counters.read)) rows, \(Progress.grouped(report.facts)) facts appended in \(Progress.seconds(.seconds(report.seconds)))")
        for stream in report.streams {
            if let drift = stream.drift { context.err.line("\(report.adapter), \(stream.stream): columns have changed: \(drift)") }
            for warning in stream.warnings { context.err.line("\(report.adapter), \(stream.stream): \(warning)") }
            if let reason = stream.heldBackReason {
                context.err.line(
                    "\(report.adapter), \(stream.stream): \(stream.counters.heldBack) removals are held back: \(reason). Let them pass with --accept-removals.")
            }
            if stream.counters.refused > 0 {
                context.err.line("\(report.adapter), \(stream.stream): \(stream.counters.refused) rows refused; see: \(Quarantine.command(for: report.adapter))")
            }
        }
    }
}

/// The run calls back in its own threads; a terminal takes one line at a time.
private struct SendableBar: @unchecked Sendable {
    let bar: Progress
    init(_ bar: Progress) { self.bar = bar }
}

extension AdapterReport {
    init(_ report: RunReport) { self.init(report.adapter, report.counters, facts: report.facts) }

    init(_ adapter: String, _ counters: BatchCounters, facts: Int) {
        self.init(
            adapter: adapter, read: counters.read, added: counters.added, changed: counters.changed, unchanged: counters.unchanged,
            removed: counters.removed, refused: counters.refused, heldBack: counters.heldBack, facts: facts)
    }
}

extension AdapterError: CommandFailure {
    var exitCode: ExitCode {
        switch kind {
        case .configuration: .configuration
        case .transient: .temporary
        case .refused: .refused
        case .data, .internal: .failure
        }
    }

    var explanation: String { description }
}
