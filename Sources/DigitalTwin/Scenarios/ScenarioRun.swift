import EventLog
import Foundation
import PostgresClient
import Projections

/// Evaluates scenarios on the log and tells what they find, as a source of its own.
///
/// Alerts, cases and how far the log was read are one transaction under the source's lease. A start reads the log from its beginning up to
/// there without telling anything, so that what stands then is known; a restart, a replay or a rebuild adds nothing.
package final class ScenarioRun {
    package static let source = Sources.Description(name: "scenarios", uri: "urn:twinhub:scenarios", department: "operations centre")
    private static let stream = "scenarios"

    private let reader: any FactReader
    private let connection: Connection
    private let writer: BatchWriter
    private let engine: ScenarioEngine
    private let rules: String
    /// The last position that was evaluated, and the one up to which everything was told by former runs.
    private var position: Int64 = 0
    private var told: Int64
    private var noted: Int64

    /// - Parameters:
    ///   - reader: of the log.
    ///   - connection: logged in as the role of `source`.
    package init(reader: any FactReader, _ connection: Connection, scenarios: [Scenario]) throws {
        self.reader = reader
        self.connection = connection
        writer = try BatchWriter(connection)
        engine = ScenarioEngine(scenarios)
        rules = scenarios.map(\.rule).joined(separator: " ")
        try writer.acquireLease(holder: "twinhub scenario, process \(ProcessInfo.processInfo.processIdentifier)", seconds: 300)
        told = try writer.loadCursor(stream: Self.stream).flatMap { Int64($0) } ?? 0
        noted = told
    }

    /// Evaluates what is settled now.
    /// - Parameter batch: facts that are read before what they caused is told.
    /// - Returns: how many alerts were raised and facts told.
    @discardableResult
    package func once(batch: Int = 20_000, isCancelled: () -> Bool = { false }) throws -> (alerts: Int, facts: Int) {
        let end = try reader.horizon()
        var alerts = 0, facts = 0
        while position < end, !isCancelled() {
            engine.use(try reader.catalog())
            var events: [NewEvent] = []
            let read = try reader.read(after: position, upTo: end, limit: batch) { fact in
                engine.take(fact) { outcome in
                    guard fact.position > told else { return }
                    events += outcome.events
                    if outcome.isRaised { alerts += 1 }
                }
            }
            position = read.position
            try tell(events, isLast: position >= end)
            facts += events.count
        }
        return (alerts, facts)
    }

    package func end() throws { try writer.releaseLease() }

    private func tell(_ events: [NewEvent], isLast: Bool) throws {
        guard position > told else { return }
        // To have read much, or all, without finding anything is worth a note, lest the next start reads it as new.
        guard !events.isEmpty || position - noted >= 1_000_000 || isLast && position - noted >= 10_000 || noted == 0 else { return }
        var made = Batch(adapterVersion: "1", input: "scenarios up to position \(position)")
        made.events = events
        made.cursors = [Self.stream: "\(position)"]
        made.counters.added = events.count
        _ = try writer.commit(made)
        noted = position
    }
}
