import AdapterKit
import DigitalTwin
import EventLog
import EventStreams
import Foundation
import Operations
import PostgresClient
import Projections

/// `sensors`: readings once a second through adapter, log, twin and scenarios, all at once, as they run in a hub; from a reading's time to the alert
/// that a service sees.
///
/// Every second is a file, as a platform drops them; the adapter reads it in a run of its own. Adapter, projector and scenarios have a thread and connections
/// each: in a hub they are processes. TWINHUB_BENCHMARK_SENSORS (21,000) and TWINHUB_BENCHMARK_SECONDS (300) make it smaller.
final class SensorsBenchmark {
    static let sensors = number("TWINHUB_BENCHMARK_SENSORS") ?? 21_000
    static let seconds = number("TWINHUB_BENCHMARK_SECONDS") ?? 300

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }

    /// What a sensor measures, a usual value and one that raises an alert when it lasts. `flow` and the others are usual at all times.
    private static let kinds: [(property: String, usual: Double, unusual: Double, lasts_s: Int)] = [
        ("gas_concentration", 1, 15, 5), ("smoke_density", 0.01, 0.4, 75), ("cover_tilt", 1, 40, 135), ("crowd_density", 1, 5, 195), ("water_level", 2, 2.1, 0),
        ("bicycle_presence", 0, 0, 0), ("fire_lane_occupied", 0, 0, 0), ("lift_vibration", 1, 1, 0), ("facade_tilt", 0.1, 0.2, 0), ("camera_frames", 25, 25, 0),
        ("pressure", 40, 41, 0), ("flow", 12, 13, 0),
    ]

    private let hub: BenchmarkHub
    private let folder: String
    private let over = StopSignal()
    private let arrived = NSCondition()
    // Under the condition's lock.
    private var filesWritten = 0, filesRead = 0, isFed = false
    private var failure: (any Error)?

    init() throws {
        hub = try BenchmarkHub()
        folder = hub.server.folder + "/sensors"
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        try """
        { adapter: "sensors", version: "1.0.0", department: "benchmark", source: "urn:benchmark:sensors",
          input: { kind: "file", path: "in/*.csv", format: "csv" },
          streams: [{ name: "readings", mode: "append",
            facts: [{ event: "observations.recorded", subject: "sensor/{sensor}", occurred_at: { from: "time", type: "datetime" },
              payload: { property: "property", times: { array: [{ from: "time", type: "datetime" }] }, values: { array: [{ from: "value", type: "decimal" }] } } }] }] }
        """.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
    }

    static func run(report: (String) -> Void) throws -> (text: String, isWell: Bool) { try SensorsBenchmark().run(report) }

    // MARK: The threads

    private func inBackground(_ name: String, _ group: DispatchGroup, _ work: @escaping () throws -> Void) {
        nonisolated(unsafe) let work = work
        nonisolated(unsafe) let this = self
        group.enter()
        let thread = Thread {
            do { try work() } catch { this.arrived.withLock { this.failure = this.failure ?? BenchmarkError("\(name): \(error)") } }
            if this.arrived.withLock({ this.failure != nil }) {
                this.over.stop()
                this.arrived.withLock { this.arrived.broadcast() }
            }
            group.leave()
        }
        thread.name = name
        thread.start()
    }

    /// A file a second, complete when it appears.
    private func feed(from start: Int64) throws {
        var random = SystemRandomNumberGenerator()
        let begins = (0..<Self.sensors).map { _ in Int.random(in: 2..<max(3, Self.seconds), using: &random) }
        for second in 0..<Self.seconds {
            let at = start + Int64(second), wait_s = Double(at) - Date().timeIntervalSince1970
            if wait_s > 0, over.wait(milliseconds: Int(wait_s * 1000) + 1) { return }
            let time = Timestamp(microseconds: at * 1_000_000).description
            var text = "sensor,property,time,value\n"
            text.reserveCapacity(Self.sensors * 60)
            for sensor in 0..<Self.sensors {
                let kind = Self.kinds[sensor % Self.kinds.count], since = second - begins[sensor]
                let value = since >= 0 && since < kind.lasts_s ? kind.unusual : kind.usual + Double((sensor + second) % 10) / 1000
                text += "S\(sensor),\(kind.property),\(time),\(value)\n"
            }
            try text.write(toFile: folder + "/next", atomically: false, encoding: .utf8)
            try FileManager.default.moveItem(atPath: folder + "/next", toPath: folder + "/in/\(at).csv")
            arrived.withLock {
                filesWritten = second + 1
                arrived.broadcast()
            }
        }
    }

    private func pull(_ manifest: Manifest) throws {
        let source = try Sources.register(manifest.sourceDescription, on: Connection(hub.conninfo))
        let connection = try Connection(hub.server.conninfo(user: source.role))
        while true {
            arrived.lock()
            while filesRead == filesWritten, !isFed, failure == nil { arrived.wait() }
            let (written, isEnd) = (filesWritten, filesRead == filesWritten || failure != nil)
            arrived.unlock()
            if isEnd { return }
            let facts = try AdapterRun(manifest, connection: connection, keys: .forSamples).run().facts
            // What was read long ago leaves the folder, as a platform's files do.
            let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/in").sorted()
            for file in files.dropLast(30) { try FileManager.default.removeItem(atPath: folder + "/in/" + file) }
            arrived.withLock { filesRead = min(written, filesRead + facts / Self.sensors) }
        }
    }

    /// Alerts as a service sees them: how long after the reading.
    private func watch(_ delays_ms: inout [Double]) throws {
        let connection = try Connection(hub.conninfo), reader = SettledReader(connection)
        try connection.execute("LISTEN hub")
        let types = try Catalog.types(on: connection)
        guard let raised = types.first(where: { $0.value.name == "alert.raised" })?.key else { return }
        var position: Int64 = 0
        while !over.isStopped {
            let from = position
            position = try reader.read(after: position, types: [raised]) { event in
                guard let at = event.occurredAt else { return }
                delays_ms.append(Date().timeIntervalSince1970 * 1000 - Double(at.microseconds) / 1000)
            }.position
            if position == from { _ = try connection.notifications(timeout_ms: 50) }
        }
    }

    // MARK: The whole

    private func run(_ report: (String) -> Void) throws -> (text: String, isWell: Bool) {
        let manifest = try Manifest.read(folder: folder)
        try Projector(Connection(hub.conninfo)) { TwinProjection() }.once()
        let source = try Sources.register(ScenarioRun.source, on: hub.owner, reads: true)
        let scenarios = try Scenario.shipped()
        guard case .running(let server) = hub.server.state else { throw BenchmarkError("The server does not run.") }
        let readers = DispatchGroup(), feeders = DispatchGroup()
        nonisolated(unsafe) var delays_ms: [Double] = []
        let projector = try Projector(Connection(hub.conninfo)) { TwinProjection() }
        inBackground("projector", readers) { [over] in try projector.follow(poll_ms: 200) { over.isStopped } }
        inBackground("scenarios", readers) { [hub, over] in
            let connection = try Connection(hub.server.conninfo(user: source.role))
            let run = try ScenarioRun(reader: LogReader(connection, notesTicks: false), connection, scenarios: scenarios)
            try run.follow(poll_ms: 200, isCancelled: { over.isStopped })
            try run.end()
        }
        inBackground("watch", readers) { [self] in try watch(&delays_ms) }
        PeakMemory.forget()
        let before = (server: ProcessTime.ofFamily(server), own: ProcessTime.of(getpid())), began = ContinuousClock.now
        let start = Int64(Date().timeIntervalSince1970) + 2
        inBackground("adapter", feeders) { [self] in try pull(manifest) }
        inBackground("feed", feeders) { [self] in
            defer { arrived.withLock { isFed = true; arrived.broadcast() } }
            try feed(from: start)
        }
        var lags = Lags()
        while feeders.wait(timeout: .now() + 5) == .timedOut {
            try lags.look(hub.owner)
            report("\(arrived.withLock { "\(filesWritten) seconds told, \(filesRead) pulled" }); \(lags.text)")
        }
        if let failure { throw failure }
        let fed = (ContinuousClock.now - began) / .seconds(1)
        let caughtUp = try waitUntilCaughtUp()
        let after = (server: ProcessTime.ofFamily(server), own: ProcessTime.of(getpid())), taken = (ContinuousClock.now - began) / .seconds(1)
        let memory = (own: PeakMemory.now_MiB ?? 0, server: ProcessMemory.ofFamily_MiB(server))
        over.stop()
        readers.wait()
        if let failure { throw failure }
        return try judge(delays_ms.sorted(), fed: fed, caughtUp: caughtUp, cpu: (
            (after.own - before.own) / taken, (after.server - before.server) / taken), memory: memory, lags)
    }

    /// - Returns: seconds from the last reading's arrival in the log until twin and scenarios have it.
    private func waitUntilCaughtUp() throws -> Double {
        try timed {
            while try hub.owner.query(
                "SELECT sum(lag_positions) > 0 FROM (SELECT lag_positions FROM hub.projector_status UNION ALL SELECT lag_positions FROM hub.scenario_status) s"
            ).bool(0, 0) == true {
                if over.wait(milliseconds: 50) { break }
            }
            _ = over.wait(milliseconds: 200)
        }
    }

    private func judge(
        _ delays_ms: [Double], fed: Double, caughtUp: Double, cpu: (own: Double, server: Double), memory: (own: Int, server: Int), _ lags: Lags
    ) throws -> (text: String, isWell: Bool) {
        let readings = Self.sensors * Self.seconds
        func count(_ sql: String) throws -> Int { Int(try hub.owner.query(sql).int(0, 0) ?? 0) }
        let observations = try count("SELECT count(*) FROM twin.observation"), facts = try count("SELECT count(*) FROM hub.event")
        let alerts = try count("SELECT count(*) FROM twin.alert"), cases = try count("SELECT count(*) FROM twin.\"case\"")
        // The same rules on the log as it stands now: what they find then is what was told meanwhile.
        let engine = try ScenarioEngine(Scenario.shipped()), reader = LogReader(hub.owner)
        var expected = 0, position: Int64 = 0
        let end = try reader.horizon()
        engine.use(try reader.catalog())
        while position < end {
            position = try reader.read(after: position, upTo: end, limit: 100_000) { engine.take($0) { if $0.isRaised { expected += 1 } } }.position
        }
        func at(_ part: Double) -> String { delays_ms.isEmpty ? "?" : "\(Int(delays_ms[min(delays_ms.count - 1, Int(Double(delays_ms.count) * part))]))" }
        let isWell = observations == readings && alerts == expected && delays_ms.count == alerts
        func one(_ value: Double) -> String { String(format: "%.2f", value) }
        return ("""
            sensors (\(Self.sensors) sensors, a reading a second for \(Self.seconds) s; \(engine.rulesCount) rules; cores \(ProcessInfo.processInfo.activeProcessorCount))
              sustained \(Int(Double(readings) / fed)) readings/s; twin and scenarios had all of it \(one(caughtUp)) s after the log
              from reading to alert: p50 \(at(0.5)) ms  p99 \(at(0.99)) ms  longest \(at(1)) ms  (\(delays_ms.count) alerts)
              facts per 1,000 readings \(one(Double(facts) * 1000 / Double(readings)))  alerts \(alerts)  cases \(cases)
              in the twin \(observations) of \(readings) readings, \(alerts) of \(expected) alerts: \(isWell ? "nothing lost" : "NOT WELL")
              CPU: adapter, projector and scenarios \(one(cpu.own)) cores, server \(one(cpu.server))
              memory \(memory.own) MiB at most, server \(memory.server) MiB beside its shared buffers
              at most behind: twin \(lags.projector_s) s, scenarios \(lags.scenarios_s) s
            """, isWell)
    }

    /// How far twin and scenarios were behind at most.
    private struct Lags {
        var projector_s = 0, scenarios_s = 0
        var text = ""

        mutating func look(_ connection: Connection) throws {
            let rows = try connection.query(
                "SELECT (SELECT max(lag_seconds)::int FROM hub.projector_status), (SELECT max(lag_seconds)::int FROM hub.scenario_status)")
            let now = (Int(rows.int(0, 0) ?? 0), Int(rows.int(0, 1) ?? 0))
            (projector_s, scenarios_s) = (max(projector_s, now.0), max(scenarios_s, now.1))
            text = "twin \(now.0) s behind, scenarios \(now.1) s"
        }
    }
}

/// What processes hold of their own (proc(5), RssAnon).
private enum ProcessMemory {
    static func ofFamily_MiB(_ parent: Int32) -> Int {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return processes.reduce(0) { sum, pid in
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return sum }
            func value(_ name: String) -> Int? {
                text.split(separator: "\n").first { $0.hasPrefix(name) }
                    .flatMap { Int($0.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first ?? "") }
            }
            return value("PPid:") == Int(parent) || pid == parent ? sum + (value("RssAnon:") ?? 0) / 1024 : sum
        }
    }
}
