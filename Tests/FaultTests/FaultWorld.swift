import Foundation
import Operations
import PostgresClient
import PrivateServer
import Subprocess

@testable import TwinReference

/// A small hub with three sources, a projector and a reader, all at work while something goes wrong.
final class FaultWorld {
    /// A twinhub process.
    final class Running {
        let words: [String]
        let process: ChildProcess
        let errors: String
        /// Which source it pulls.
        let source: (any GeneratedSource)?

        init(_ words: [String], _ process: ChildProcess, errors: String, source: (any GeneratedSource)?) {
            self.words = words
            self.process = process
            self.errors = errors
            self.source = source
        }

        var hasEnded: Bool { process.pollStatus() != nil }
        /// The name of its sessions.
        var application: String { "twinhub " + (source.map { "adapter \($0.name)" } ?? "project") }
    }

    let clone: HubClone
    let sources: [any GeneratedSource] = [BoxSource(), ReportSource(), ReadingSource()]
    private(set) var connection: Connection
    private(set) var violations: [Violation] = []
    /// Something that is done only once, and late, since most faults do not need it.
    lazy var clock = MovableClock(clone.home)
    /// Between what was too little for a run to begin, and what was enough for it to end.
    var memory_bytes = 60 << 20...260 << 20
    /// Holds the server up.
    private var hub: Hub?
    let follower: Follower?
    private let examination: Examination
    private var projector: Running?
    private var started: [Running] = []

    /// - Parameter isFollowed: whether a reader reads along.
    init(isFollowed: Bool = true) throws {
        clone = try HubClone(adapters: [], diskSize_bytes: 400 << 20)
        for source in sources {
            let folder = "\(clone.folder)/Adapters/\(source.name)"
            try FileManager.default.createDirectory(atPath: folder + "/samples", withIntermediateDirectories: true)
            try source.manifest.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        }
        let (hub, connection) = try clone.connect()
        (self.hub, self.connection) = (hub, connection)
        let migrated = try clone.run("migrate")
        guard migrated.status == 0 else { throw OperationsError(.internal, "twinhub migrate: \(migrated.errors)") }
        follower = isFollowed ? Follower(hub.conninfo) : nil
        examination = Examination(sources)
    }

    deinit {
        follower?.stop()
        for running in started where !running.hasEnded {
            running.process.send(signal: SIGKILL)
            running.process.wait()
        }
        hub = nil
    }

    // MARK: Inputs and processes

    func changeInputs(_ random: inout SeededGenerator) throws {
        for source in sources { try source.change(&random, folder: "\(clone.folder)/Adapters/\(source.name)") }
    }

    /// Starts an adapter with small batches: it is long at work.
    func pull(_ source: any GeneratedSource, _ options: [String] = [], _ environment: [String: String] = [:], memory_bytes: Int? = nil) throws -> Running {
        try start(["adapter", "run", source.name, "--batch", "5"] + options, environment, memory_bytes: memory_bytes, source: source)
    }

    func pullAll() throws -> [Running] { try sources.map { try pull($0) } }

    func start(
        _ words: [String], _ environment: [String: String] = [:], memory_bytes: Int? = nil, source: (any GeneratedSource)? = nil
    ) throws -> Running {
        // The backtrace of a process that ran out of memory takes seconds, and tells nothing. The hub's disk is small on purpose: nobody
        // keeps a reserve on it, so that it can run full.
        let environment = environment.merging(["SWIFT_BACKTRACE": "enable=no", "TWINHUB_DISK_RESERVE_MB": "0"]) { $1 }
        let child = try clone.start(words, environment, memory_bytes: memory_bytes)
        let running = Running(words, child.process, errors: child.errors, source: source)
        started.append(running)
        return running
    }

    /// The projector that runs beside everything; started again where a fault ended it.
    @discardableResult
    func follow() throws -> Running {
        if let projector, !projector.hasEnded { return projector }
        let started = try start(["project", "--follow"])
        projector = started
        return started
    }

    func stopProjector() {
        guard let projector else { return }
        projector.process.send(signal: SIGTERM)
        finish([projector])
        self.projector = nil
    }

    /// Waits for their ends. A pull that ended well has confirmed its input.
    @discardableResult
    func finish(_ running: [Running], seconds: Double = 60) -> [Int32] {
        running.map { one in
            if !waitUntil(seconds: seconds, every: 2, { one.hasEnded }) {
                report([Violation(.everyRunEnds, "twinhub \(one.words.joined(separator: " ")) does not end: \(HubClone.text(one.errors).suffix(300))")])
                one.process.send(signal: SIGKILL)
            }
            let status = one.process.wait()
            if status == 0 { one.source?.isConfirmed = true }
            return status
        }
    }

    // MARK: The server

    /// Starts the server where it is gone, and connects where the connection is.
    func reconnect() throws {
        let limit = ContinuousClock.now + .seconds(90)
        while true {
            do {
                _ = try connection.query("SELECT 1")
                return
            } catch {
                do {
                    (hub, connection) = try clone.connect()
                } catch {
                    // Recovering from a crash.
                    guard ContinuousClock.now < limit else { throw error }
                    _ = waitUntil(seconds: 0.05) { false }
                }
            }
        }
    }

    /// One value of the database; nil where it is away.
    func ask(_ sql: String, _ name: String) -> Int64? { try? connection.query(sql, [.text(name)]).int(0, 0) }

    func batches(of source: any GeneratedSource) -> Int64 {
        ask("SELECT count(*) FROM hub.batch b JOIN hub.source s ON s.id = b.source_id WHERE s.name = $1", source.name) ?? 0
    }

    // MARK: What must hold

    func report(_ found: [Violation]) { violations += found }

    /// Looks at everything, with no adapter at work.
    func examine(_ when: String) throws {
        report(try look().map { Violation($0.invariant, "\(when): \($0.message)") })
    }

    /// What does not hold now.
    func look() throws -> [Violation] {
        while true {
            try reconnect()
            do {
                return try examination.violations(on: connection, follower: follower)
            } catch {
                // A server that is just falling answers for a moment still.
                guard error is PostgresError, !connection.isAlive else { throw error }
            }
        }
    }

    /// A clean run at the end: everything that was delivered is there, and the twin has it.
    func conclude() throws {
        guard violations.isEmpty else { return }
        try reconnect()
        try follow()
        for source in sources { expectSuccess(try pull(source)) }
        guard violations.isEmpty else { return }
        let horizon = try connection.query("SELECT hub.settled()").int(0, 0) ?? 0
        let checkpoint = "SELECT position FROM hub.checkpoint WHERE projector = $1"
        if !waitUntil(seconds: 60, every: 5, { ask(checkpoint, "twin") == horizon }) {
            report([Violation(.twinEqual, "the projector that follows stays at \(ask(checkpoint, "twin") ?? -1), the log is at \(horizon)")])
        }
        stopProjector()
        if let follower, !follower.reaches(horizon) { report([Violation(.noFactSkipped, "a reader does not come to the horizon \(horizon)")]) }
        try examine("at the end")
        guard violations.isEmpty else { return }
        let verified = try start(["verify"])
        if finish([verified]) != [0] { report([Violation(.chainValid, "twinhub verify: \(HubClone.text(verified.errors))")]) }
        let live = try TwinRows.read("twin", on: connection).sorted()
        expectSuccess(try start(["project", "--rebuild"]))
        report(Examination.difference("after project --rebuild", try TwinRows.read("twin", on: connection).sorted(), live))
    }

    private func expectSuccess(_ running: Running) {
        let status = finish([running])[0]
        guard status != 0 else { return }
        report([Violation(.everyRunEnds, "twinhub \(running.words.joined(separator: " ")) ended with \(status): \(HubClone.text(running.errors).suffix(400))")])
    }
}
