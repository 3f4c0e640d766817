import EventLog
import Foundation
import PostgresClient

@testable import TwinReference

/// Reads settled facts all the time, as a consumer does, on a thread of its own; connects again where the server goes.
final class Follower: Sendable {
    private struct Seen: Hashable {
        let position: Int64
        let source: Int32
        let subject: String
    }

    private let condition = NSCondition()
    private let conninfo: String
    // Touched under the condition's lock only.
    nonisolated(unsafe) private var seen: [Seen] = []
    nonisolated(unsafe) private var position: Int64 = 0
    nonisolated(unsafe) private var isStopped = false
    nonisolated(unsafe) private var isRunning = true

    init(_ conninfo: String) {
        self.conninfo = conninfo
        let thread = Thread { self.follow() }
        thread.stackSize = 1 << 22
        thread.start()
    }

    private func follow() {
        while !stopped(after: 0) {
            do {
                let connection = try Connection(conninfo)
                let reader = SettledReader(connection)
                while !stopped(after: 0.003) { try readOn(reader) }
            } catch {
                // The server is away: that is what these tests are about.
                _ = stopped(after: 0.05)
            }
        }
        condition.lock()
        isRunning = false
        condition.broadcast()
        condition.unlock()
    }

    private func readOn(_ reader: SettledReader) throws {
        var batch: [Seen] = []
        let end = try reader.read(after: position) { fact in
            batch.append(Seen(position: fact.position, source: fact.sourceID, subject: String(decoding: fact.subject, as: UTF8.self)))
        }.position
        condition.lock()
        defer { condition.unlock() }
        seen += batch
        position = end
        condition.broadcast()
    }

    /// Whether it is to stop; waits so long for being told.
    private func stopped(after seconds: Double) -> Bool {
        let limit = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !isStopped, seconds > 0, condition.wait(until: limit) {}
        return isStopped
    }

    /// Waits until it has read everything up to a position; false where it does not come there.
    func reaches(_ end: Int64, seconds: Double = 60) -> Bool {
        let limit = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while position < end { if !condition.wait(until: limit) { return position >= end } }
        return true
    }

    func stop() {
        condition.lock()
        defer { condition.unlock() }
        isStopped = true
        condition.broadcast()
        while isRunning { condition.wait() }
    }

    /// What it was shown, against what the log holds up to where it is.
    func violations(log: LogFacts) -> [Violation] {
        condition.lock()
        let (seen, position) = (seen, position)
        condition.unlock()
        let stands = log.facts.filter { $0.position <= position }.map { Seen(position: $0.position, source: $0.source, subject: $0.subject) }
        guard seen != stands else { return [] }
        let skipped = Set(stands).subtracting(seen).map(\.position).sorted(), gone = Set(seen).subtracting(stands).map(\.position).sorted()
        return [
            Violation(
                .noFactSkipped,
                "a reader at position \(position) was shown \(seen.count) facts of \(stands.count): skipped \(skipped.prefix(5)), not there any more \(gone.prefix(5))")
        ]
    }
}
