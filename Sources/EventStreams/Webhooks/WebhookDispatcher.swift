import Foundation
import PostgresClient

/// Runs a thread for each webhook, so that a slow receiver holds up nobody but itself. One dispatcher works at a time in a hub.
package final class WebhookDispatcher {
    /// The lock's first number; the second is 0.
    private static let lockClass = 29803

    private let conninfo: String
    private let signature: (String) throws -> WebhookSignature
    private let report: @Sendable (String) -> Void
    private let stop: StopSignal
    private let options: WebhookDelivery.Options
    private let ended = Ended()

    /// Which deliveries have come to an end, for the thread that starts them.
    private final class Ended: @unchecked Sendable {
        private let lock = NSLock()
        private var running: Set<String> = []
        let group = DispatchGroup()

        func begin(_ name: String) -> Bool { lock.withLock { running.insert(name).inserted } }
        func end(_ name: String) { _ = lock.withLock { running.remove(name) } }
    }

    /// - Parameters:
    ///   - conninfo: of the hub's owner.
    ///   - signature: the secret of a webhook, by its name.
    ///   - report: told what people should know, one line; called from several threads.
    package init(
        _ conninfo: String, stop: StopSignal, options: WebhookDelivery.Options = .init(), signature: @escaping (String) throws -> WebhookSignature,
        report: @escaping @Sendable (String) -> Void
    ) {
        (self.conninfo, self.stop, self.options, self.signature, self.report) = (conninfo, stop, options, signature, report)
    }

    /// Delivers until it is told to stop; waits for requests that are under way.
    /// - Throws: `StreamError(.leaseLost)` where another dispatcher is running.
    package func run() throws {
        let connection = try Connection(conninfo, application: "twinhub webhook")
        guard try connection.query("SELECT pg_try_advisory_lock(\(Self.lockClass), 0)").bool(0, 0) else {
            throw StreamError(.leaseLost, "Another process is delivering this hub's webhooks. End it, or let it do the work.")
        }
        defer { ended.group.wait() }
        try connection.execute("LISTEN hub")
        while !stop.isStopped {
            for webhook in try Webhook.list(on: connection) where webhook.pauseReason == nil { start(webhook.name) }
            _ = try connection.notifications(timeout_ms: 2000, or: stop.descriptor)
        }
    }

    private func start(_ name: String) {
        guard ended.begin(name) else { return }
        let key: WebhookSignature
        do {
            key = try signature(name)
        } catch {
            ended.end(name)
            return report("\(name): \(error)")
        }
        ended.group.enter()
        let (conninfo, stop, options, report, ended) = (conninfo, stop, options, report, ended)
        let thread = Thread {
            defer {
                ended.end(name)
                ended.group.leave()
            }
            do {
                let connection = try Connection(conninfo, application: "twinhub webhook \(name)")
                try WebhookDelivery(name, signature: key, post: HTTPPost(), stop: stop, options: options, on: connection).run()
                let reason = try connection.query("SELECT pause_reason FROM hub.webhook WHERE name = $1", [.text(name)]).text(0, 0)
                if let reason { report("\(name): paused: \(reason)") }
            } catch {
                // It is started again with the dispatcher's next look.
                report("\(name): \(error)")
            }
        }
        thread.start()
    }
}
