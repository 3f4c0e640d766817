import EventLog
import PostgresClient

/// What a run has committed so far, for its row in `hub.run`.
final class RunTally {
    var counters = BatchCounters()
    var facts = 0
    var token: Int64?
    var drifts: [String] = []
    var warnings: [String] = []
    /// What taps measured of themselves: JSON lists.
    private var metrics: [String] = []

    func add(metrics more: TapMetrics) { if !more.isEmpty { metrics.append(more.json) } }

    /// The row's end. The message of an error that nobody knows is its type: whatever it says may hold values.
    func end(after error: (any Error)?) -> Runs.End {
        var end = Runs.End(error == nil ? .done : error is RunCancelled ? .cancelled : .failed)
        end.counters = counters
        end.facts = facts
        end.token = token
        end.drift = drifts.isEmpty ? nil : drifts.joined(separator: "; ")
        end.warning = warnings.isEmpty ? nil : warnings.joined(separator: "; ")
        // One list of all of them.
        if !metrics.isEmpty { end.metrics = "[" + metrics.map { String($0.dropFirst().dropLast()) }.joined(separator: ",") + "]" }
        guard let error, end.outcome == .failed else { return end }
        (end.errorKind, end.message) =
            switch error {
            case let error as AdapterError: (error.kind.rawValue, error.description)
            case let error as LogError: (error.code.rawValue, error.message)
            case let error as PostgresError: (error.kind.rawValue, error.description)
            default: ("internal", "\(type(of: error))")
            }
        return end
    }
}
