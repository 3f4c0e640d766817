import DigitalTwin
import EventLog
import Operations
import PostgresClient
import Projections

/// `twinhub project`: folds the log into the twin.
struct ProjectCommand: Command {
    static let name = "project"
    static let abstract = "Fold the log's facts into the tables of the twin."
    static let discussion = """
        Without an option, as with --once: folds what is settled now into the twin and its history, and ends. A rebuild makes every
        table anew beside those that are read, and switches to them in one transaction. Full partitions of the log get their indexes
        meanwhile. The history (twin.building_at, twin.building_history …) is a projection of its own: --history folds it alone.
        """
    static let once = Flag("once", "Fold what is there, and end.")
    static let follow = Flag("follow", "Go on folding as facts arrive, until Ctrl-C or SIGTERM.")
    static let rebuild = Flag("rebuild", "Fold the whole log anew.")
    static let history = Flag("history", "The history alone; without it --follow and --rebuild are of the twin.")
    static let json = Flag("json", "For machines: how far it came, as one JSON document.")
    static let arguments: [any Argument] = [once, follow, rebuild, history, json]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        guard [once, follow, rebuild].filter({ input[$0] }).count <= 1 else {
            throw UsageError("'\(input.path)' takes one of --once, --follow and --rebuild.")
        }
        let hub = try context.openHub()
        let connection = try Connection(hub.conninfo, application: "twinhub project")
        try Migrations.check(on: connection)
        let bar = Progress(context.err, "folding")
        let isHistory = input[history]
        func projection() -> any Projection {
            if isHistory { return HistoryProjection() }
            return TwinProjection()
        }
        let projector = Projector(
            connection,
            progress: { state in
                try Cancellation.check()
                bar.update(state.facts, note: "facts, position \(state.position) of \(state.upTo), \(state.phase.rawValue)")
            }, make: projection)
        if input[follow] {
            context.err.line("twinhub: following the log; Ctrl-C ends it")
            let err = context.err
            // One of the two is enough.
            let sealing = input[history] ? nil : LeafSealing(hub.conninfo) { err.line("twinhub: \($0)") }
            defer { sealing?.stop() }
            if isHistory { try waitForTwin(connection) }
            try projector.follow { Cancellation.isRequested }
            return Cancellation.isRequested ? .success : .failure
        }
        let end = input[rebuild] ? try projector.rebuild() : try projector.once()
        if !input[rebuild], !input[history] {
            try Projector(connection, progress: { _ in try Cancellation.check() }, make: { HistoryProjection() }).once()
        }
        if try connection.query("SELECT has_function_privilege('hub.expire_quarantine()', 'EXECUTE')").bool(0, 0) {
            try connection.query("SELECT hub.expire_quarantine()")
        }
        context.seal(Leaves(connection))
        if input[json] {
            try context.out.json(Outcome(facts: end.facts, position: end.position))
        }
        bar.finish("\(Progress.grouped(end.facts)) facts folded, up to position \(Progress.grouped(Int(end.position)))")
        return withExtendedLifetime(hub) { .success }
    }

    /// The history's functions return rows of the twin's views.
    private static func waitForTwin(_ connection: Connection) throws {
        try connection.execute("LISTEN hub")
        while !Cancellation.isRequested, try !connection.query("SELECT to_regclass('twin.generation') IS NOT NULL").bool(0, 0) {
            _ = try connection.notifications(timeout_ms: 500)
        }
    }

    struct Outcome: Codable {
        let facts: Int
        let position: Int64
    }
}

extension ProjectionError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .leaseHeld, .checkpointMoved, .viewsInUse, .notSettled: .temporary
        case .logRewound, .viewsChanged: .configuration
        case .incomplete, .cancelled: .failure
        }
    }

    var explanation: String { message }
}
