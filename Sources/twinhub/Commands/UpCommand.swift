import AdapterKit
import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub up`: the whole hub, supervised.
struct UpCommand: Command {
    static let name = "up"
    static let abstract = "Keep the hub running: its server, every adapter that has a schedule, the projectors, scenarios, and webhooks where there are any."
    static let discussion = """
        Each adapter is a process of its own (twinhub adapter run NAME), started at its time; what fails is tried again after
        2 s, 4 s, 8 s … 10 min. Adapters that appear in Adapters/ join within 10 s. What all do: twinhub status.
        Ends on Ctrl-C or SIGTERM: first the adapters and scenarios, then the projectors. Killed in any other way it leaves no process behind.
        """

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        guard let program = ServerWatch.program else {
            throw CommandError(.configuration, "The twinhub program does not know where it lies. Start it by its full path.")
        }
        let home = try context.home()
        var world = Supervisor.World(program: program, environment: context.environment, endDescriptor: Cancellation.descriptor)
        let err = context.err
        world.report = { err.line($0) }
        let roster = Roster(home, context)
        // Before the server is started: a second one must not touch it.
        let supervisor = try Supervisor(home, world) { roster.jobs() }
        let hub = try context.openHub()
        let connection = try Connection(hub.conninfo, application: "twinhub up")
        let done = try Migrations.apply(on: connection)
        if !done.isEmpty { err.line("twinhub: schema brought up to date (\(done.count) steps)") }
        roster.lastStarts = try lastStarts(connection)
        roster.hub = hub
        err.line("twinhub: up, process \(ProcessInfo.processInfo.processIdentifier); Ctrl-C ends it; see: twinhub status")
        try supervisor.run()
        err.line("twinhub: down")
        return withExtendedLifetime(hub) { .success }
    }

    /// When each source ran last, in seconds since 1970: one that runs once a day is not pulled because the hub was restarted.
    private static func lastStarts(_ connection: Connection) throws -> [String: Int64] {
        let rows = try connection.query(
            "SELECT name, extract(epoch FROM max(started_at))::bigint FROM hub.run_status WHERE outcome = 'done' GROUP BY name")
        var starts: [String: Int64] = [:]
        for row in 0..<rows.count { if let name = rows.text(row, 0), let at = rows.int(row, 1) { starts[name] = at } }
        return starts
    }

    /// What there is to run; read anew each time.
    private final class Roster {
        private let home: HubHome
        private let context: Context
        var lastStarts: [String: Int64] = [:]
        /// Asked whether there are webhooks.
        var hub: Hub?
        private var hasWebhooks = false
        private var problems: [String: String] = [:]

        init(_ home: HubHome, _ context: Context) {
            self.home = home
            self.context = context
        }

        func jobs() -> [SupervisedJob] {
            var jobs = [SupervisedJob(name: "projector", words: ["project", "--follow"], rhythm: .always, title: "always", stage: 1)]
            jobs.append(SupervisedJob(name: "history", words: ["project", "--follow", "--history"], rhythm: .always, title: "always", stage: 1))
            jobs.append(SupervisedJob(name: "scenarios", words: ["scenario", "run", "--follow"], rhythm: .always, title: "always", stage: 0))
            // While the server cannot be asked nothing changes.
            if let hub, let found = try? Connection(hub.conninfo, application: "twinhub up").query("SELECT EXISTS (SELECT FROM hub.webhook)").bool(0, 0) {
                hasWebhooks = found
            }
            if hasWebhooks { jobs.append(SupervisedJob(name: "webhooks", words: ["webhook", "deliver"], rhythm: .always, title: "always", stage: 2)) }
            var current: [String: String] = [:]
            for adapter in AdapterFolders.list(root: home.adapters) {
                guard let manifest = adapter.manifest else {
                    current[adapter.name] = adapter.problem.map { "\($0)" } ?? "its manifest has a mistake"
                    continue
                }
                guard let schedule = manifest.schedule else { continue }
                let environment = context.environment
                let rhythm: SupervisedJob.Rhythm =
                    schedule == .onArrival
                    ? .changes { manifest.arrivals(environment: environment) } : .scheduled { schedule.next(after: $0, now: $1) }
                jobs.append(
                    SupervisedJob(
                        name: manifest.name, words: ["adapter", "run", manifest.name], rhythm: rhythm, title: schedule.title, stage: 0,
                        lastStart: lastStarts[manifest.name]))
            }
            for (name, problem) in current where problems[name] != problem { context.err.line("\(name): is not run: \(problem)") }
            problems = current
            return jobs
        }
    }
}

/// The supervisor's part of `status`.
enum SupervisorText {
    static func text(of state: SupervisorState?, now: Int64 = Int64(Date().timeIntervalSince1970)) -> String {
        guard let state else { return "not up: nothing is pulled by itself (twinhub up)\n" }
        func age(_ moment: Int64) -> String { StatusCommand.age(Double(max(0, now - moment))) }
        var table = Table([.left("process"), .left("schedule"), .left("now"), .left("last end")])
        for job in state.jobs {
            var doing = "waits for files"
            if let since = job.runningSince {
                doing = "running for \(age(since)), process \(job.pid.map(String.init) ?? "?")"
            } else if let next = job.nextAt {
                doing = next <= now ? "due" : "next in \(StatusCommand.age(Double(next - now)))"
            }
            var last = job.lastEnd.map { "\(age($0)) ago" } ?? ""
            if let status = job.lastStatus, status != 0 { last += status > 128 ? ", signal \(status - 128)" : ", exit code \(status)" }
            if job.failures > 0, let since = job.failingSince { last += "; failing for \(age(since)), \(job.failures) times" }
            table.add([job.name, job.schedule, doing, last])
        }
        return "up for \(age(state.since)), process \(state.pid)\n\n\(table.rendered)"
    }
}
