import Foundation
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Starts a hub's jobs as child processes, each at its time, restarts what dies, and ends them in order. One a hub.
///
/// A child leads a process group of its own, so that Ctrl-C reaches the supervisor alone; what it prints is handed on line by line, with its name
/// before it. Children hold a `Lifeline`: none outlives the supervisor.
package final class Supervisor {
    /// What surrounds a supervisor.
    package struct World: Sendable {
        /// The twinhub program.
        package var program: String
        package var environment: [String: String]
        /// Seconds since 1970.
        package var now: @Sendable () -> Int64 = { Int64(time(nil)) }
        /// Gets a line at a time.
        package var report: @Sendable (String) -> Void = { _ in }
        /// Can be read from once the supervisor should end.
        package var endDescriptor: Int32
        package var backoff = Backoff()
        /// How long a stage may take to end before it is killed, in seconds.
        package var grace_s: Int64 = 30

        /// - Parameter endDescriptor: `Cancellation.descriptor`.
        package init(program: String, environment: [String: String], endDescriptor: Int32) {
            self.program = program
            self.environment = environment
            self.endDescriptor = endDescriptor
        }
    }

    private final class Running {
        let child: ChildProcess
        /// Read end of the child's output.
        let output: Int32
        /// Write end of its standard input: closed with us.
        let lifeline: Int32
        var pending: [UInt8] = []
        var isOpen = true

        init(_ child: ChildProcess, output: Int32, lifeline: Int32) {
            self.child = child
            self.output = output
            self.lifeline = lifeline
        }

        deinit {
            close(output)
            close(lifeline)
        }
    }

    private let home: HubHome
    private let world: World
    private let lock: FileLock
    private let jobs: () throws -> [SupervisedJob]
    private let since: Int64
    private var plans: [String: JobPlan] = [:]
    private var running: [String: Running] = [:]
    /// Jobs that are no longer wanted end with their process.
    private var wanted: Set<String> = []
    private var written: SupervisorState?
    /// Children end because they were asked to.
    private var isEnding = false

    /// Throws `transient` where a supervisor runs for this hub already.
    ///
    /// - Parameter jobs: asked at the start and every `refresh_s` seconds: jobs come and go. What it throws later is reported, and the jobs stay.
    package init(_ home: HubHome, _ world: World, jobs: @escaping () throws -> [SupervisedJob]) throws {
        self.home = home
        self.world = world
        self.jobs = jobs
        // For a moment: `status` tries the lock, too.
        var taken: FileLock?
        _ = try waitUntil(seconds: 0.5) {
            taken = try FileLock.takeIfFree(.exclusive, home.supervisorLock)
            return taken != nil
        }
        guard let lock = taken else {
            let other = readText(home.supervisorState).flatMap { try? JSONDecoder().decode(SupervisorState.self, from: Data($0.utf8)) }
            throw OperationsError(
                .transient, "This hub is up already\(other.map { ", by process \($0.pid)" } ?? "").", where: home.clone,
                advice: "See what it does: twinhub status. To end it: kill \(other.map { "\($0.pid)" } ?? "PID").")
        }
        self.lock = lock
        since = world.now()
    }

    private static let refresh_s: Int64 = 10
    /// The longest time without a look at the clock.
    private static let look_ms: Int32 = 1000

    /// Runs until `endDescriptor` can be read from; then ends every child.
    package func run() throws {
        defer { unlink(home.supervisorState) }
        take(try jobs())
        var refreshed = world.now()
        while !wait(milliseconds: Self.look_ms) {
            collectEnded()
            if world.now() - refreshed >= Self.refresh_s {
                do { take(try jobs()) } catch { world.report("the list of adapters cannot be read: \(error)") }
                refreshed = world.now()
            }
            startDue()
            publish()
        }
        endAll()
    }

    private func take(_ list: [SupervisedJob]) {
        wanted = Set(list.map(\.name))
        for job in list {
            // A new rhythm counts from the next run on.
            if let plan = plans[job.name], plan.isRunning || (plan.job.title == job.title && plan.job.words == job.words) { continue }
            plans[job.name] = JobPlan(job, now: world.now())
        }
        for name in plans.keys where !wanted.contains(name) && running[name] == nil { plans[name] = nil }
        startDue()
        publish()
    }

    private func startDue() {
        for name in plans.keys.sorted() where wanted.contains(name) {
            guard var plan = plans[name] else { continue }
            plan.stayedUp(now: world.now())
            if plan.isDue(now: world.now()) { start(&plan) }
            plans[name] = plan
        }
    }

    private func start(_ plan: inout JobPlan) {
        do {
            let (input, lifeline) = try ChildProcess.pipeEnds()
            let (output, writing) = try ChildProcess.pipeEnds()
            defer {
                close(input)
                close(writing)
            }
            let child = try ChildProcess.start(
                world.program, plan.job.words, environment: world.environment.merging([Lifeline.variable: "1"]) { $1 }, input: .descriptor(input),
                output: .descriptor(writing), errors: .descriptor(writing), group: .own)
            _ = fcntl(output, F_SETFL, O_NONBLOCK)
            running[plan.job.name] = Running(child, output: output, lifeline: lifeline)
            plan.started(now: world.now())
        } catch {
            plan.failedToStart(now: world.now(), backoff: world.backoff)
            world.report("\(plan.job.name): cannot be started: \(error)")
        }
    }

    private func collectEnded() {
        for (name, process) in running {
            guard let status = process.child.pollStatus() else { continue }
            hand(process, name, last: true)
            running[name] = nil
            // Who ends a whole group of processes ends its children too: that is no failure of theirs.
            if !isEnding, [SIGTERM, SIGINT].contains(status - 128), isAskedToEnd(within_ms: Self.look_ms) { isEnding = true }
            guard !isEnding, var plan = plans[name] else { continue }
            plan.ended(status: status, now: world.now(), backoff: world.backoff)
            plans[name] = plan
            if status != 0, let next = plan.nextAt {
                world.report("\(name): ended with \(Self.words(status)); tried again in \(max(0, next - world.now())) s (failure \(plan.failures))")
            }
            if !wanted.contains(name) { plans[name] = nil }
        }
    }

    private func isAskedToEnd(within_ms: Int32) -> Bool {
        var state = pollfd(fd: world.endDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, within_ms) > 0
    }

    private static func words(_ status: Int32) -> String { status > 128 ? "signal \(status - 128)" : "exit code \(status)" }

    /// Waits for output, an end of a child, or the time. True where the supervisor should end.
    private func wait(milliseconds: Int32) -> Bool {
        let open = running.filter { $0.value.isOpen }.map { ($0.key, $0.value) }
        var states = [pollfd(fd: world.endDescriptor, events: Int16(POLLIN), revents: 0)]
        states += open.map { pollfd(fd: $0.1.output, events: Int16(POLLIN), revents: 0) }
        let count = poll(&states, nfds_t(states.count), milliseconds)
        guard count > 0 else { return false }
        for (state, (name, process)) in zip(states.dropFirst(), open) where state.revents != 0 { hand(process, name, last: false) }
        return states[0].revents != 0
    }

    /// Hands on whole lines of a child.
    private func hand(_ process: Running, _ name: String, last: Bool) {
        var chunk = [UInt8](repeating: 0, count: 8192)
        while process.isOpen {
            let count = read(process.output, &chunk, chunk.count)
            if count > 0 { process.pending += chunk[..<count] } else if count == 0 { process.isOpen = false } else if errno != EINTR { break }
            // A line without an end does not grow without one.
            if process.pending.count > 1 << 16 { break }
        }
        var lines = process.pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        process.pending = last || process.pending.count > 1 << 16 ? [] : Array(lines.popLast() ?? [])
        for line in lines where !line.isEmpty { world.report("\(name): \(String(decoding: line, as: UTF8.self))") }
    }

    /// Stage after stage: asked, waited for, and killed where it takes too long.
    private func endAll() {
        isEnding = true
        let stages = Set(running.keys.compactMap { plans[$0]?.job.stage }).sorted()
        for stage in stages {
            let names = running.keys.filter { plans[$0]?.job.stage == stage }
            for name in names { running[name]?.child.send(signal: SIGTERM) }
            let end = world.now() + world.grace_s
            while names.contains(where: { running[$0] != nil }), world.now() < end {
                var states = running.values.filter(\.isOpen).map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
                poll(&states, nfds_t(states.count), 50)
                for (name, process) in running { hand(process, name, last: false) }
                collectEnded()
            }
            for name in names {
                guard let process = running[name] else { continue }
                world.report("\(name): did not end within \(world.grace_s) s and is killed")
                kill(-process.child.pid, SIGKILL)
                process.child.wait()
                running[name] = nil
            }
        }
    }

    private func publish() {
        let list = plans.values.sorted { ($0.job.stage, $0.job.name) < ($1.job.stage, $1.job.name) }.map { plan in
            SupervisorState.Job(
                name: plan.job.name, schedule: plan.job.title, pid: running[plan.job.name]?.child.pid, runningSince: plan.startedAt, nextAt: plan.nextAt,
                lastEnd: plan.lastEnd, lastStatus: plan.lastStatus, failures: plan.failures, failingSince: plan.failingSince)
        }
        let state = SupervisorState(pid: getpid(), since: since, jobs: list)
        guard state != written else { return }
        do { try state.write(home) } catch { world.report("\(error)") }
        written = state
    }
}
