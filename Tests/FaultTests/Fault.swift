import Foundation
import Operations
import PostgresClient
import PrivateServer

@testable import TwinReference

/// What goes wrong.
enum Fault: String, CaseIterable {
    case killAdapter = "adapter killed"
    case killProjector = "projector killed"
    case killServer = "server killed"
    case killBackend = "server process killed"
    case pausePastLease = "adapter paused past its lease"
    case cutConnection = "connection cut"
    case startTwice = "adapter started twice"
    case fillDisk = "disk full"
    case moveClock = "clock moved"
    case limitMemory = "memory limited"

    enum Outcome: Hashable {
        /// It met what it was meant for.
        case happened
        /// The process that it was meant for had ended before.
        case missed
        /// This machine does not let us.
        case impossible(String)
    }
}

/// When something goes wrong: what is seen of a process then, however fast the machine is.
enum Moment {
    /// It has been started, no more.
    case started
    /// It has a session.
    case connected
    /// It has been seen within a transaction so many times.
    case withinTransaction(times: Int)
    /// Its source has so many batches more.
    case batches(Int64)

    static func drawn(_ random: inout SeededGenerator) -> Moment {
        random.chance(60) ? .batches(Int64(1 + random.below(10))) : ofAnyProcess(&random)
    }

    /// For one that writes no batches, too.
    static func ofAnyProcess(_ random: inout SeededGenerator) -> Moment {
        random.pick([.started, .connected, .withinTransaction(times: 1 + random.below(4)), .withinTransaction(times: 5 + random.below(20))])
    }
}

extension FaultWorld {
    /// Lets all work, lets one thing go wrong, and waits for all to end.
    func inflict(_ fault: Fault, _ random: inout SeededGenerator) throws -> Fault.Outcome {
        try changeInputs(&random)
        switch fault {
        case .killAdapter: return try killAdapter(random.pick(sources), &random)
        case .killProjector: return try killProjector(&random)
        case .killServer: return try killServer(&random)
        case .killBackend: return try killBackend(&random)
        case .pausePastLease: return try pausePastLease(random.pick(sources), &random)
        case .cutConnection: return try cutConnection(&random)
        case .startTwice: return try startTwice(&random)
        case .fillDisk: return try fillDisk(&random)
        case .moveClock: return try moveClock(&random)
        case .limitMemory: return try limitMemory(&random)
        }
    }

    /// Waits for the moment.
    /// - Returns: whether the process still runs then.
    private func await(_ moment: Moment, of running: Running, batchesBefore: Int64 = 0) -> Bool {
        func sessions(_ condition: String) -> Int64 {
            ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND \(condition)", running.application) ?? 0
        }
        var seen = 0
        _ = waitUntil(seconds: 30, every: 1) {
            if running.hasEnded || !connection.isAlive { return true }
            switch moment {
            case .started: return true
            case .connected: return sessions("true") > 0
            case .withinTransaction(let times):
                if sessions("xact_start IS NOT NULL") > 0 { seen += 1 }
                return seen >= times
            case .batches(let batches): return running.source.map { self.batches(of: $0) >= batchesBefore + batches } ?? true
            }
        }
        return !running.hasEnded
    }

    // MARK: Processes

    func killAdapter(_ source: any GeneratedSource, _ random: inout SeededGenerator) throws -> Fault.Outcome {
        let moment = Moment.drawn(&random)
        try follow()
        let before = batches(of: source)
        let all = try pullAll()
        guard let victim = all.first(where: { $0.source === source }) else { return .missed }
        let isHit = self.await(moment, of: victim, batchesBefore: before)
        victim.process.send(signal: SIGKILL)
        return finish(all).contains(128 + SIGKILL) && isHit ? .happened : .missed
    }

    private func killProjector(_ random: inout SeededGenerator) throws -> Fault.Outcome {
        let words = random.pick([["project", "--follow"], ["project", "--once"], ["project", "--rebuild"]])
        let moment = Moment.ofAnyProcess(&random)
        stopProjector()
        let before = batches(of: sources[0])
        let all = try pullAll()
        // Some of it is there when the projector begins, some comes while it works.
        _ = self.await(.batches(2), of: all[0], batchesBefore: before)
        let victim = try start(words)
        _ = self.await(moment, of: victim)
        victim.process.send(signal: SIGKILL)
        let isHit = finish([victim]) == [128 + SIGKILL]
        finish(all)
        return isHit ? .happened : .missed
    }

    private func killServer(_ random: inout SeededGenerator) throws -> Fault.Outcome {
        let (source, moment) = (random.pick(sources), Moment.drawn(&random))
        try follow()
        let before = batches(of: source)
        let all = try pullAll()
        guard let worker = all.first(where: { $0.source === source }) else { return .missed }
        let isHit = self.await(moment, of: worker, batchesBefore: before)
        guard case .running(let pid) = clone.home.server.state else { return .missed }
        kill(pid, SIGKILL)
        finish(all)
        try reconnect()
        return isHit ? .happened : .missed
    }

    private func killBackend(_ random: inout SeededGenerator) throws -> Fault.Outcome {
        let (source, moment) = (random.pick(sources), Moment.drawn(&random))
        let kinds = [
            "application_name = 'twinhub adapter ' || $1", "application_name = 'twinhub project'", "backend_type = 'client backend' AND application_name LIKE 'twinhub%'",
            "backend_type IN ('checkpointer', 'walwriter', 'background writer')",
        ]
        let kind = random.pick(kinds)
        try follow()
        let before = batches(of: source)
        let all = try pullAll()
        guard let worker = all.first(where: { $0.source === source }) else { return .missed }
        _ = self.await(moment, of: worker, batchesBefore: before)
        guard let pid = ask("SELECT max(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND \(kind) AND $1 <> ''", source.name) else {
            finish(all)
            return .missed
        }
        kill(pid_t(pid), SIGKILL)
        finish(all)
        try reconnect()
        return .happened
    }

    /// The writer sleeps past its lease, another one goes on, and it wakes up.
    func pausePastLease(_ source: any GeneratedSource, _ random: inout SeededGenerator) throws -> Fault.Outcome {
        let batches = Int64(1 + random.below(6))
        let isBetweenBatches = random.chance(70)
        try follow()
        let before = self.batches(of: source)
        let sleeper = try pull(source, ["--lease", "1"])
        guard self.await(.batches(batches), of: sleeper, batchesBefore: before) else {
            finish([sleeper])
            return .missed
        }
        let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'twinhub adapter ' || $1 AND xact_start IS NOT NULL"
        for _ in 0..<100 {
            sleeper.process.send(signal: SIGSTOP)
            guard isBetweenBatches, ask(open, source.name) ?? 0 > 0 else { break }
            sleeper.process.send(signal: SIGCONT)
            _ = waitUntil(seconds: 0.002, every: 1) { sleeper.hasEnded }
        }
        guard !sleeper.hasEnded else {
            finish([sleeper])
            return .missed
        }
        let hasExpired = waitUntil(seconds: 30, every: 20) {
            ask("SELECT (lease_until < clock_timestamp())::integer FROM hub.source WHERE name = $1", source.name) ?? 1 == 1
        }
        let successor = try pull(source)
        // It goes on at once, or waits for the sleeper's open transaction.
        _ = waitUntil(seconds: 60, every: 5) {
            successor.hasEnded
                || ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'twinhub adapter ' || $1 AND wait_event_type = 'Lock'", source.name) ?? 0 > 0
        }
        sleeper.process.send(signal: SIGCONT)
        finish([sleeper, successor])
        return hasExpired ? .happened : .missed
    }

    // MARK: The world around

    private func cutConnection(_ random: inout SeededGenerator) throws -> Fault.Outcome {
        let source = random.pick(sources)
        let cut: CuttingProxy.Cut =
            random.chance(60) ? .copyData(bytes: 1 + random.below(8_000)) : .answer(to: "hub.finish_batch", number: 1 + random.below(7))
        try follow()
        // Short: a socket's path has about a hundred bytes at most.
        let proxy = try CuttingProxy(folder: "/tmp/twinhub-proxy-\(getpid())-\(batches(of: source))", target: clone.home.server.sockets, cut: cut)
        defer { proxy.close() }
        let conninfo = "host=\(proxy.folder) port=\(EmbeddedServer.port) dbname=\(EmbeddedServer.database) user=\(EmbeddedServer.superuser)"
        let others = try sources.filter { $0 !== source }.map { try pull($0) }
        let status = finish([try pull(source, [], ["TWINHUB_DATABASE": conninfo])])
        finish(others)
        return proxy.hasCut && status != [0] ? .happened : .missed
    }

    private func startTwice(_ random: inout SeededGenerator) throws -> Fault.Outcome {
        let source = random.pick(sources)
        let count = 2 + random.below(2)
        try follow()
        let statuses = finish(try (0..<count).map { _ in try pull(source) })
        finish(try sources.filter { $0 !== source }.map { try pull($0) })
        if !statuses.contains(0) { report([Violation(.everyRunEnds, "of \(count) pulls of \(source.name) at once none ended well: \(statuses)")]) }
        return .happened
    }

    private func fillDisk(_ random: inout SeededGenerator) throws -> Fault.Outcome {
        guard let disk = clone.disk else { return .impossible("file systems cannot be mounted here") }
        let (source, moment, free) = (random.pick(sources), Moment.batches(Int64(random.below(6))), random.below(8) * 8192)
        let newSegment = random.chance(50)
        try follow()
        let before = batches(of: source)
        let all = try pullAll()
        guard let worker = all.first(where: { $0.source === source }) else { return .missed }
        _ = self.await(moment, of: worker, batchesBefore: before)
        // Refused where the server has written more meanwhile.
        let isFull = (0..<5).contains { _ in disk.shrink(toFree: free) }
        // The server needs the next file of its write-ahead log now, and cannot have it.
        if isFull, newSegment { _ = try? connection.query("SELECT pg_switch_wal()") }
        // Whoever waits for room has it soon.
        _ = waitUntil(seconds: 15, every: 5) { all.allSatisfy(\.hasEnded) }
        let isRestored = disk.restore()
        let statuses = finish(all)
        try reconnect()
        return isFull && isRestored && statuses.contains { $0 != 0 } ? .happened : .missed
    }

    private func moveClock(_ random: inout SeededGenerator) throws -> Fault.Outcome {
        guard let clock else { return .impossible("libfaketime is not installed") }
        let (source, moment) = (random.pick(sources), Moment.drawn(&random))
        let seconds = random.pick([-86_400, -3600, -400, -2, 2, 400, 3600, 86_400, 40_000_000])
        let comesBack = random.chance(50)
        if !clock.isRunning {
            stopProjector()
            try clock.takeOver()
            try reconnect()
        }
        try follow()
        let before = batches(of: source)
        let all = try pullAll()
        guard let worker = all.first(where: { $0.source === source }) else { return .missed }
        let isHit = self.await(moment, of: worker, batchesBefore: before)
        try clock.set(seconds: seconds)
        finish(all)
        if comesBack { try clock.set(seconds: 0) }
        return isHit ? .happened : .missed
    }

    private func limitMemory(_ random: inout SeededGenerator) throws -> Fault.Outcome {
        #if os(Linux)
        // How much a run needs differs from machine to machine: what was too much or too little narrows it down.
        let (source, share) = (random.pick(sources), random.below(100))
        let limit = memory_bytes.lowerBound + (memory_bytes.upperBound - memory_bytes.lowerBound) / 100 * share
        try follow()
        let before = batches(of: source)
        let others = try sources.filter { $0 !== source }.map { try pull($0) }
        let status = finish([try pull(source, memory_bytes: limit)])
        finish(others)
        if status == [0] { memory_bytes = memory_bytes.lowerBound...limit } else if batches(of: source) == before { memory_bytes = limit...memory_bytes.upperBound }
        return status == [0] ? .missed : .happened
        #else
        return .impossible("this system does not limit address space")
        #endif
    }
}
