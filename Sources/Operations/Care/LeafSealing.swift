import EventLog
import Foundation
import PostgresClient

/// Seals the log's full partitions beside a process that runs for long, on a thread and a connection of its own: building the
/// indexes of a partition takes seconds, and nobody has to wait for it.
package final class LeafSealing: Sendable {
    private let conninfo: String
    private let report: @Sendable (String) -> Void
    private let condition = NSCondition()
    // Touched under the condition's lock only.
    nonisolated(unsafe) private var isStopped = false
    nonisolated(unsafe) private var cancel: (@Sendable () -> Void)?

    /// Starts at once, and looks again every `seconds`, until `stop`.
    /// - Parameters:
    ///   - conninfo: of the hub's owner.
    ///   - report: told what was sealed, and what stands in the way.
    package init(_ conninfo: String, every seconds: Double = 60, report: @escaping @Sendable (String) -> Void) {
        self.conninfo = conninfo
        self.report = report
        let thread = Thread { self.run(every: seconds) }
        thread.name = "sealing"
        thread.start()
    }

    /// Ends it; a partition that is being sealed is left for the next time.
    package func stop() {
        condition.lock()
        isStopped = true
        cancel?()
        condition.broadcast()
        condition.unlock()
    }

    private func run(every seconds: Double) {
        var lastProblem = ""
        while true {
            do {
                try sealOnce()
                lastProblem = ""
            } catch {
                let problem = "The log's full partitions could not be sealed: \(error)"
                condition.lock()
                let isStopped = isStopped
                condition.unlock()
                if !isStopped, problem != lastProblem { report(problem) }
                lastProblem = problem
            }
            condition.lock()
            let until = Date(timeIntervalSinceNow: seconds)
            while !isStopped, condition.wait(until: until) {}
            let ends = isStopped
            condition.unlock()
            if ends { return }
        }
    }

    private func sealOnce() throws {
        let connection = try Connection(conninfo, application: "twinhub sealing")
        condition.lock()
        cancel = connection.canceller()
        let ends = isStopped
        condition.unlock()
        defer {
            condition.lock()
            cancel = nil
            condition.unlock()
        }
        if ends { return }
        for leaf in try Leaves(connection).sealDue() { report("sealed the partition \(leaf)") }
    }
}
