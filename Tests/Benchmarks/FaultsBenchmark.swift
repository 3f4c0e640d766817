import Foundation
import StreamFaults

/// `faults`: consumers under faults, at a large size. What the tests do in the small, by the same code.
enum FaultsBenchmark {
    /// - Parameter seed: what happens, and in which order, follows from it.
    /// - Returns: a line for each consumer, and whether all was well.
    static func run(_ seed: UInt64, _ report: (String) -> Void) throws -> (text: String, isWell: Bool) {
        var options = StreamFaults.Options()
        (options.transactions, options.kills, options.serverKills, options.webhookBatch, options.seed) = (2_000, 150, 2, 400, seed)
        report("faults: \(options.appenders) appenders with \(options.transactions) transactions each, \(options.kills) kills of consumers, \(options.serverKills) of the server, seed \(seed)")
        var outcome: StreamFaults.Outcome?
        let seconds = try timed { outcome = try StreamFaults(options).run() }
        guard let outcome else { return ("", false) }
        var lines = ["faults (seed \(seed); \(outcome.facts) facts; \(outcome.kills) kills of consumers, \(outcome.serverKills) of the server; \(Int(seconds)) s)"]
        for tally in outcome.tallies {
            let name = tally.consumer.padding(toLength: 6, withPad: " ", startingAt: 0)
            lines.append("  \(name) missing \(tally.missing)  reordered \(tally.reordered)  invented \(tally.invented)  duplicates \(tally.duplicates)")
        }
        // Whose place is its own last line gets nothing twice; the others may, of what was not yet acknowledged when they died.
        let isWell = outcome.tallies.allSatisfy { $0.missing == 0 && $0.reordered == 0 && $0.invented == 0 && ($0.consumer != "place" || $0.duplicates == 0) }
        return (lines.joined(separator: "\n"), isWell)
    }
}
