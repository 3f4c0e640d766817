import Foundation
import PostgresClient

/// A receiver that events are posted to.
package struct Webhook: Sendable, Hashable, Codable {
    package let name: String
    package let url: String
    /// Most events in one request; 1 posts each alone, in the structured content mode.
    package let batch: Int
    /// Nil while it runs.
    package let pauseReason: String?
    package let delivered: Int64
    package let attempts: Int
    package let lastFailure: String?
    package let nextAttempt_s: Double?
    /// Facts that its stream is ahead.
    package let lag: Int64
    package let deadLetters: Int64

    /// The consumer that keeps its progress.
    package static func consumer(of name: String) -> String { "webhook." + name }

    /// Adds a webhook and its consumer, in one transaction.
    /// - Throws: `StreamError(.badRequest)` for a name or an address that cannot be used.
    package static func add(
        _ name: String, url: String, batch: Int, filter: Consumer.Filter, stream: Consumer.Stream, after: Int64, allowsHTTP: Bool, on connection: Connection
    ) throws {
        guard name.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,39}/) != nil else {
            throw StreamError(.badRequest, "A webhook's name holds lower-case letters, digits and hyphens: not '\(name)'.")
        }
        try check(url, allowsHTTP: allowsHTTP)
        try connection.transaction { connection in
            guard try connection.query("SELECT FROM hub.webhook WHERE name = $1", [.text(name)]).count == 0 else {
                throw StreamError(.badRequest, "There is a webhook \(name) already. Remove it first, or choose another name.")
            }
            try Consumer(consumer(of: name), on: connection).subscribe(filter, to: stream, after: after)
            try connection.query(
                "INSERT INTO hub.webhook (name, consumer, url, batch) VALUES ($1, $2, $3, $4::int)",
                [.text(name), .text(consumer(of: name)), .text(url), .int(Int64(batch))])
        }
    }

    private static func check(_ url: String, allowsHTTP: Bool) throws(StreamError) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(), let host = parts.host, !host.isEmpty else {
            throw StreamError(.badRequest, "The webhook's address is no URL. Write https://host/path.")
        }
        guard parts.user == nil, parts.password == nil else {
            throw StreamError(.badRequest, "The webhook's address holds a user or a password, which everybody could read. The receiver checks the signature instead.")
        }
        let isLocal = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host)
        guard scheme == "https" || (scheme == "http" && (isLocal || allowsHTTP)) else {
            throw StreamError(.badRequest, "The webhook's address must begin with https:// (--allow-http takes http:// where the network is your own).")
        }
    }

    /// Removes a webhook, its progress and its dead letters.
    package static func remove(_ name: String, on connection: Connection) throws {
        try require(name, on: connection)
        try Consumer(consumer(of: name), on: connection).unsubscribe()
    }

    /// Pauses a webhook, with the reason that others are shown; nil lets it run again, at once.
    package static func pause(_ name: String, reason: String?, on connection: Connection) throws {
        try require(name, on: connection)
        try connection.query(
            """
            UPDATE hub.webhook SET paused_at = CASE WHEN $2::text IS NOT NULL THEN now() END, pause_reason = $2, attempts = 0, next_attempt_at = NULL
             WHERE name = $1
            """, [.text(name), reason.map { .text($0) } ?? .null])
        try connection.execute("NOTIFY hub")
    }

    package static func require(_ name: String, on connection: Connection) throws {
        let known = try list(on: connection).map(\.name)
        guard known.contains(name) else {
            throw StreamError(.badRequest, "There is no webhook \(name).\(known.isEmpty ? "" : " There are: \(known.joined(separator: ", ")).")")
        }
    }

    /// All webhooks by name.
    package static func list(on connection: Connection) throws(PostgresError) -> [Webhook] {
        let rows = try connection.query(
            """
            SELECT w.name, w.url, w.batch, w.pause_reason, w.delivered, w.attempts, w.last_failure, extract(epoch FROM w.next_attempt_at - now()),
                   c.lag_facts, (SELECT count(*) FROM hub.dead_letter d WHERE d.webhook = w.name AND d.replayed_at IS NULL)
              FROM hub.webhook w JOIN hub.consumers c ON c.name = w.consumer ORDER BY w.name
            """)
        return (0..<rows.count).map { row in
            Webhook(
                name: rows.text(row, 0) ?? "", url: rows.text(row, 1) ?? "", batch: Int(rows.int(row, 2) ?? 1), pauseReason: rows.text(row, 3),
                delivered: rows.int(row, 4) ?? 0, attempts: Int(rows.int(row, 5) ?? 0), lastFailure: rows.text(row, 6),
                nextAttempt_s: rows.double(row, 7), lag: rows.int(row, 8) ?? 0, deadLetters: rows.int(row, 9) ?? 0)
        }
    }
}
