import EventLog
import Foundation
import PostgresClient
import Projections

/// Evaluates scenarios on the log and tells what they find, as a source of its own.
///
/// Alerts, cases and how far the log was read are one transaction under the source's lease; so is what the rules know, which is kept now and
/// then (`hub.scenario_state`). A start goes on from there: what was told since is evaluated again, and not told. So a restart, a replay or a
/// rebuild of the twin adds nothing.
package final class ScenarioRun {
    package static let source = Sources.Description(name: "scenarios", uri: "urn:twinhub:scenarios", department: "operations centre")
    private static let stream = "scenarios"
    /// The id of the case that an alert opens, by the alert's key.
    package static func caseID(_ key: String) -> String { source.name + ":" + key }

    /// When what the rules know is kept again: after so many facts or seconds, whichever comes first. A start evaluates what came since.
    package struct Keeping: Sendable {
        package var facts = 2_000_000
        package var seconds = 300
        package init() {}
    }

    private let reader: any FactReader
    private let connection: Connection
    private let writer: BatchWriter
    private let scenarios: [Scenario]
    private var engine: ScenarioEngine
    private let keeping: Keeping
    /// The last position that was evaluated, and the one up to which everything was told by former runs.
    package private(set) var position: Int64 = 0
    private var told: Int64
    /// Until everything is read that former runs told, and up to which position that is.
    private var former: FormerAlerts?
    private var formerEnd: Int64 = 0
    private var keptAt = ContinuousClock.now
    private var keptPosition: Int64 = 0
    private var evaluated: Int64 = 0
    /// Facts that were evaluated by this run, also silently.
    package private(set) var factsRead = 0

    /// Takes up where the last run ended.
    /// - Parameters:
    ///   - reader: of the log.
    ///   - connection: logged in as the role of `source`, which reads the log too (`Sources.register(_:on:password:decides:reads:)`).
    package init(reader: any FactReader, _ connection: Connection, scenarios: [Scenario], keeping: Keeping = .init()) throws {
        self.reader = reader
        self.connection = connection
        self.scenarios = scenarios
        self.keeping = keeping
        writer = try BatchWriter(connection)
        try writer.acquireLease(holder: BatchWriter.holder("scenario"), seconds: 300)
        let cursor = try writer.loadCursor(stream: Self.stream).flatMap { Int64($0) }
        told = cursor ?? 0
        engine = try ScenarioEngine(scenarios)
        try begin(isFirst: cursor == nil)
    }

    // MARK: Start

    private func begin(isFirst: Bool) throws {
        let rows = try connection.query("SELECT format, rules, position, state FROM hub.scenario_state")
        guard let text = rows.text(0, 1), let keptAt = rows.int(0, 2), let bytes = rows.bytes(0, 3) else {
            engine = try ScenarioEngine(scenarios, since: scenarios.map { _ in isFirst ? 0 : told })
            return try keep([])
        }
        let kept = try JSONDecoder().decode([KeptRule].self, from: Data(text.utf8))
        let now = max(told, keptAt)
        var since: [Int64] = [], fresh: [Scenario] = []
        for (scenario, rule) in zip(scenarios, engine.rules) {
            let known = kept.first { $0.rule == rule.name && $0.definition == rule.definition }
            since.append(known?.since ?? now)
            if known == nil { fresh.append(scenario) }
        }
        engine = try ScenarioEngine(scenarios, since: since)
        let gone = kept.filter { rule in !engine.rules.contains { $0.name == rule.rule && $0.definition == rule.definition } }
        guard rows.int(0, 0) == Int64(ScenarioEngine.format) else {
            // Of another program's make: the log is read anew, and nothing told again.
            told = now
            try wait(for: gone, [])
            return
        }
        engine.use(try reader.catalog())
        let ended = try engine.restore(bytes, kept)
        position = keptAt
        told = now
        (keptPosition, evaluated) = (keptAt, keptAt)
        if !fresh.isEmpty { try learn(fresh) }
        if gone.isEmpty {
            if !fresh.isEmpty { try keep([]) }
        } else if position >= told {
            try keep(ended.flatMap(\.events))
        } else {
            try wait(for: gone, ended)
        }
    }

    /// What is kept of rules that are gone is older than what they told: once that is read, it is known what stands.
    private func wait(for gone: [KeptRule], _ ended: [ScenarioEngine.Outcome]) throws {
        guard !gone.isEmpty else { return }
        former = FormerAlerts(gone, ended)
        // What was told stands behind what told it: the last fact there is, also where it is not settled yet.
        formerEnd = try connection.query("SELECT max(position) FROM hub.event").int(0, 0) ?? 0
    }

    /// New rules read as much of the time before as their windows reach back.
    private func learn(_ scenarios: [Scenario]) throws {
        let other = try ScenarioEngine(scenarios)
        other.learn(registersOf: engine)
        let memory_us = other.rules.map(\.memory_us).max() ?? 0
        var after = try connection.query("SELECT hub.position_at(now() - $1::bigint * interval '1 microsecond')", [.int(memory_us)]).int(0, 0) ?? 0
        while after < position {
            other.use(try reader.catalog())
            let read = try reader.read(after: after, upTo: position, limit: 50_000) { other.take($0) { _ in } }
            guard read.position > after else { break }
            (after, factsRead) = (read.position, factsRead + read.count)
        }
        engine.adopt(other)
    }

    // MARK: Going on

    /// Evaluates what is settled now.
    /// - Parameter batch: facts that are read before what they caused is told.
    /// - Returns: how many alerts were raised and facts told.
    @discardableResult
    package func once(batch: Int = 20_000, isCancelled: () -> Bool = { false }) throws -> (alerts: Int, facts: Int) {
        let end = try reader.horizon()
        var alerts = 0, facts = 0
        while position < end, !isCancelled() {
            let catalog = try reader.catalog()
            engine.use(catalog)
            former?.use(catalog)
            var events: [NewEvent] = []
            let read = try reader.read(after: position, upTo: end, limit: batch) { fact in
                try former?.take(fact, engine)
                engine.take(fact) { outcome in
                    guard fact.position > told else { return }
                    events += outcome.events
                    if outcome.isRaised { alerts += 1 }
                }
            }
            position = read.position
            factsRead += read.count
            if let ends = former?.events, position >= formerEnd {
                events += ends
                former = nil
                try keep(events)
            } else {
                try tell(events)
            }
            facts += events.count
        }
        return (alerts, facts)
    }

    /// Goes on as facts arrive, until told to stop.
    /// - Parameters:
    ///   - poll_ms: how often to look without being notified.
    ///   - report: called when something was told.
    package func follow(poll_ms: Int = 1000, isCancelled: () -> Bool, report: (_ alerts: Int, _ facts: Int) -> Void = { _, _ in }) throws {
        try connection.execute("LISTEN hub")
        while !isCancelled() {
            let new = try once(isCancelled: isCancelled)
            if new.facts > 0 { report(new.alerts, new.facts) }
            // Also where the log is quiet: who was erased since must not stay in what is kept.
            if former == nil, position > keptPosition, position >= told, ContinuousClock.now - keptAt >= .seconds(keeping.seconds) { try keep([]) }
            if isCancelled() { break }
            _ = try connection.notifications(timeout_ms: poll_ms)
        }
    }

    /// Keeps what the rules know, and gives the lease back.
    /// - Parameter keeps: false leaves what was kept before, as a run that is killed does.
    package func end(keeps: Bool = true) throws {
        if keeps, position > keptPosition, former == nil { try keep([]) }
        try writer.releaseLease()
    }

    private func tell(_ events: [NewEvent]) throws {
        guard position > told else { return }
        let isDue = position - keptPosition >= keeping.facts || ContinuousClock.now - keptAt >= .seconds(keeping.seconds)
        if isDue, former == nil { return try keep(events) }
        if !events.isEmpty { _ = try writer.commit(batch(events)) }
        guard position > evaluated else { return }
        // Nothing depends on it but what `status` shows: nobody waits for the disk.
        try connection.execute(
            """
            BEGIN; SET LOCAL synchronous_commit = off; UPDATE hub.scenario_state SET evaluated = \(position), evaluated_at = now(); COMMIT
            """)
        evaluated = position
    }

    private func batch(_ events: [NewEvent]) -> Batch {
        var made = Batch(adapterVersion: "1", input: "scenarios up to position \(position)")
        made.events = events
        made.cursors = [Self.stream: "\(max(position, told))"]
        made.counters.added = events.count
        return made
    }

    /// Tells, and keeps what the rules know, in one transaction.
    private func keep(_ events: [NewEvent]) throws {
        let state = engine.state()
        let rules = String(decoding: try JSONEncoder().encode(engine.kept), as: UTF8.self)
        _ = try writer.commit(batch(events)) { connection in
            try connection.query(
                """
                INSERT INTO hub.scenario_state (format, rules, position, state, evaluated) VALUES ($1, $2::json, $3, $4, $3)
                ON CONFLICT (source_id) DO UPDATE SET format = excluded.format, rules = excluded.rules, position = excluded.position, kept_at = now(),
                    state = excluded.state, evaluated = excluded.evaluated, evaluated_at = now()
                """, [.int(Int64(ScenarioEngine.format)), .text(rules), .int(position), .bytes(state)])
        }
        (keptPosition, evaluated, keptAt) = (position, position, .now)
    }
}
