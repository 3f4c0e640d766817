import Foundation
@testable import AdapterKit

/// A log, and an adapter that reads a server.
final class HTTPWorld: @unchecked Sendable {
    let hub: TestHub
    let server: HTTPTestServer
    let folder: SourceFolder
    let time = TestTime()
    private let lock = NSLock()
    private var lines: [String] = []
    var environment: [String: String] = [:]

    /// What the run said beside its records.
    var said: [String] { lock.withLock { lines } }

    /// - Parameters:
    ///   - input: keys of the input beside `kind` and `url`.
    ///   - stream: keys of the stream beside `name`, `mode` and `facts`.
    init(
        _ input: String, mode: String = "snapshot", stream: String = "key: ['no'], removed: { event: 'case.withdrawn', max_ratio: 1 },",
        path: String = "/list", url: String? = nil, _ answer: @escaping @Sendable (HTTPTestServer.Request) -> HTTPTestServer.Answer
    ) throws {
        hub = try TestHub()
        server = try HTTPTestServer(answer)
        folder = try SourceFolder(
            """
            { adapter: "test-http", version: "1", department: "d", source: "urn:x",
              input: { kind: "http", url: "\(url ?? server.address + path)", \(input) },
              streams: [{ name: "s", mode: "\(mode)", \(stream)
                facts: [{ event: "case.received", subject: "case/{no}", payload: { note: "n" } }] }] }
            """)
    }

    deinit { server.end() }

    @discardableResult
    func run(_ change: (inout RunOptions) -> Void = { _ in }) throws -> RunReport {
        try hub.run(folder) {
            $0.environment = environment
            $0.httpClock = time.clock
            $0.log = { line in self.lock.withLock { self.lines.append(line) } }
            change(&$0)
        }
    }

    /// The error of a run; nil where it went well.
    func failure(_ change: (inout RunOptions) -> Void = { _ in }) -> AdapterError? {
        do {
            try run(change)
            return nil
        } catch {
            return error as? AdapterError ?? AdapterError(.internal, "\(error)")
        }
    }

    func told() throws -> [String] { try hub.facts("e.subject") }
}

/// Time that passes only where somebody waits for it.
final class TestTime: @unchecked Sendable {
    private let lock = NSLock()
    private var time_s = 1_800_000_000.0
    private var pauses: [Double] = []

    /// What was waited for, in seconds.
    var waited: [Double] { lock.withLock { pauses } }

    var clock: HTTPClock {
        HTTPClock(
            now: { self.lock.withLock { self.time_s } },
            wait: { seconds, _ in
                self.lock.withLock {
                    self.pauses.append(seconds)
                    self.time_s += seconds
                }
            },
            random: { 0.5 })
    }
}

/// Raised once.
final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var raised = false

    var isRaised: Bool { lock.withLock { raised } }
    func raise() { lock.withLock { raised = true } }
}
