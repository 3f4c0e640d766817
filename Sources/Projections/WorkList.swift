import Foundation
import PostgresClient

/// Works of one step of a rebuild, done by this thread and a helper at the same time.
final class WorkList: Sendable {
    private let schema: String
    private let condition = NSCondition()
    // Touched under the condition's lock only.
    nonisolated(unsafe) private var left: ArraySlice<Work>
    nonisolated(unsafe) private var failure: (any Error)?
    nonisolated(unsafe) private var isHelped = false

    init(_ works: [Work], schema: String) {
        left = works[...]
        self.schema = schema
    }

    /// Does works on a thread of its own, as long as there are some. The connection is the helper's until `perform` returns.
    ///
    /// Throws where the system gives no thread.
    func help(on connection: Connection) throws {
        isHelped = true
        nonisolated(unsafe) let connection = connection
        do {
            try WorkerThread.start { [self] in
                performAll(on: connection)
                condition.lock()
                isHelped = false
                condition.broadcast()
                condition.unlock()
            }
        } catch {
            isHelped = false
            throw error
        }
    }

    /// Does works as long as there are some, and waits for the helper. Throws what stopped one of them.
    func perform(on connection: Connection) throws {
        performAll(on: connection)
        condition.lock()
        defer { condition.unlock() }
        while isHelped { condition.wait() }
        if let failure { throw failure }
    }

    private func performAll(on connection: Connection) {
        while let work = next() {
            do {
                try connection.transaction { connection in
                    try Generations.usePath(schema, on: connection)
                    // Nothing of it counts before the switch, and that one's commit flushes all that was written before it. And
                    // the other core is busy with the other works.
                    try connection.execute("SET LOCAL synchronous_commit = off; SET LOCAL max_parallel_maintenance_workers = 0")
                    try work.run(connection)
                }
            } catch {
                condition.lock()
                failure = failure ?? error
                condition.unlock()
            }
        }
    }

    /// Nil where all are taken, or one failed.
    private func next() -> Work? {
        condition.lock()
        defer { condition.unlock() }
        return failure == nil ? left.popFirst() : nil
    }
}
