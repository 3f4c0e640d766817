import Foundation

/// Runs work on threads of its own: libpq blocks, and Swift's cooperative pool must not.
package enum InParallel {
    package static func run<T: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> T) -> [T] {
        let results = Locked<[Int: T]>([:])
        let group = DispatchGroup()
        for index in 0..<count {
            group.enter()
            let thread = Thread {
                let result = body(index)
                results.update { $0[index] = result }
                group.leave()
            }
            thread.stackSize = 1 << 22
            thread.start()
        }
        group.wait()
        let all = results.value
        return (0..<count).compactMap { all[$0] }
    }
}

/// A value behind a condition: threads change it, and wait for it to become what they need.
package final class Locked<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var stored: Value

    package init(_ value: Value) { stored = value }

    package var value: Value { update { $0 } }

    @discardableResult
    package func update<T>(_ body: (inout Value) -> T) -> T {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return body(&stored)
    }

    /// Waits until `isReady`; false after the time limit.
    @discardableResult
    package func wait(seconds: TimeInterval, until isReady: (Value) -> Bool) -> Bool {
        let limit = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !isReady(stored) {
            if !condition.wait(until: limit) { return isReady(stored) }
        }
        return true
    }
}
