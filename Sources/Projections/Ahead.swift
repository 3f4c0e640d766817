import Foundation
import PostgresClient

/// A piece of work on a thread of its own, beside that of whoever waits for its outcome. What it uses is its own until then.
final class Ahead<Value>: Sendable {
    private let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) private var result: Result<Value, any Error> = .failure(CancellationError())

    /// Throws where the system gives no thread.
    init(_ work: @escaping () throws -> Value) throws {
        nonisolated(unsafe) let work = work
        try WorkerThread.start { [self] in
            result = Result { try work() }
            done.signal()
        }
    }

    /// Waits for the end. To be called once.
    func outcome() -> Result<Value, any Error> {
        done.wait()
        return result
    }
}
