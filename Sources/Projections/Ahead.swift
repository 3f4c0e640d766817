import Foundation

/// A piece of work on a thread of its own, beside that of whoever waits for its outcome. What it uses is its own until then.
final class Ahead<Value>: Sendable {
    private let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) private var result: Result<Value, any Error> = .failure(CancellationError())

    init(_ work: @escaping () throws -> Value) {
        nonisolated(unsafe) let work = work
        let thread = Thread { [self] in
            result = Result { try work() }
            done.signal()
        }
        thread.name = "folding ahead"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Waits for the end. To be called once.
    func outcome() -> Result<Value, any Error> {
        done.wait()
        return result
    }
}
