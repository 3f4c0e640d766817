import EventLog
import Foundation
import PostgresClient

/// Hands batches from the thread that maps to the one that commits, in their order and at most a few at a time.
final class BatchQueue: Sendable {
    /// The committing side has ended; the reading side need not go on.
    struct Stopped: Error {}

    private let limit: Int
    private let condition = NSCondition()
    // Touched under the condition's lock only.
    nonisolated(unsafe) private var waiting: [Batch] = []
    nonisolated(unsafe) private var end: Result<Void, any Error>?
    nonisolated(unsafe) private var stopped = false

    /// - Parameter limit: how many batches may wait.
    init(limit: Int = 1) { self.limit = limit }

    /// Whether the committing side has ended.
    var isStopped: Bool {
        condition.lock()
        defer { condition.unlock() }
        return stopped
    }

    /// Waits until there is room; throws `Stopped` where nobody takes batches any more.
    func put(_ batch: Batch) throws {
        condition.lock()
        defer { condition.unlock() }
        while waiting.count >= limit, !stopped { condition.wait() }
        if stopped { throw Stopped() }
        waiting.append(batch)
        condition.broadcast()
    }

    /// Runs `produce` on a thread of its own, which puts batches in, and `consume` on this one for each batch.
    ///
    /// Every batch that was put in is consumed before an error of `produce` is thrown, as if both ran in turn; an error of `consume` ends
    /// `produce` at its next `put` and is thrown when that has ended. Blocking calls on both sides are welcome: these are real threads.
    func run(_ produce: @escaping () throws -> Void, consume: (Batch) throws -> Void) throws {
        // What it captures is used by that thread alone until the end is known here.
        nonisolated(unsafe) let produce = produce
        try Self.startThread { self.finish(Result { try produce() }) }
        do {
            while let batch = take() { try consume(batch) }
        } catch {
            stop()
            throw error
        }
        try end?.get()
    }

    /// A thread of its own for blocking work.
    static func startThread(_ body: @escaping @Sendable () -> Void) throws(AdapterError) {
        do throws(PostgresError) {
            try WorkerThread.start(body)
        } catch {
            throw AdapterError(.transient, error.message, hint: "Let it have more memory, or look at the limits of processes.")
        }
    }

    /// The next batch; nil when the other side has ended and all were taken.
    private func take() -> Batch? {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty, end == nil { condition.wait() }
        guard !waiting.isEmpty else { return nil }
        condition.broadcast()
        return waiting.removeFirst()
    }

    private func finish(_ result: Result<Void, any Error>) {
        condition.lock()
        end = result
        condition.broadcast()
        condition.unlock()
    }

    /// Sends the other side home and waits until it has gone.
    private func stop() {
        condition.lock()
        stopped = true
        condition.broadcast()
        while end == nil { condition.wait() }
        condition.unlock()
    }
}
