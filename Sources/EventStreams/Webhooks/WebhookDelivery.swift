import Foundation
import PostgresClient

/// Posts one webhook's events, in their order, until it is told to stop. Owns its connection; runs on a thread of its own.
///
/// - Taken (2xx): acknowledged.
/// - Refused for what it says (400, 413, 415, 422): a dead letter, and on with the next.
/// - The address or the agreement is wrong (3xx, other 4xx): the webhook is paused with the reason; nothing is lost.
/// - No answer, 408, 425, 429, 5xx: again, after a pause that doubles up to five minutes (full jitter), not before `Retry-After`. What the
///   receiver answered with 5xx `attemptsMax` times becomes a dead letter; where nobody answers at all, it is tried for ever.
package final class WebhookDelivery {
    package struct Options: Sendable {
        /// Events that are read and acknowledged at a time.
        package var poll = 200
        package var attemptsMax = 20
        package var pauseMin_s = 1.0
        package var pauseMax_s = 300.0
        /// A number from 0 to 1.
        package var random: @Sendable () -> Double = { Double.random(in: 0...1) }
        package init() {}
    }

    private struct Event {
        let position: Int64
        let id: String
        let json: [UInt8]
    }

    private enum Outcome { case taken, refused(Int), wrong(Int), later(String, status: Int?, retryAfter_s: Int?) }

    private let name: String
    private let connection: Connection
    private let consumer: Consumer
    private let signature: WebhookSignature
    private let post: HTTPPost
    private let stop: StopSignal
    private let options: Options

    /// - Parameter connection: of the hub's owner.
    package init(_ name: String, signature: WebhookSignature, post: HTTPPost, stop: StopSignal, options: Options = Options(), on connection: Connection) {
        (self.name, self.signature, self.post, self.stop, self.options, self.connection) = (name, signature, post, stop, options, connection)
        consumer = Consumer(Webhook.consumer(of: name), on: connection)
    }

    /// Delivers until stopped, paused or removed.
    package func run() throws {
        try connection.execute("LISTEN hub")
        while !stop.isStopped {
            switch try step() {
            case .ended: return
            case .caughtUp: _ = try connection.notifications(timeout_ms: 5000, or: stop.descriptor)
            case .goOn: break
            case .after(let seconds): if stop.wait(milliseconds: Int(seconds * 1000)) { return }
            }
        }
    }

    package enum Step: Sendable, Hashable { case goOn, caughtUp, ended, after(seconds: Double) }

    /// Polls, posts and acknowledges once.
    package func step() throws -> Step {
        let row = try connection.query(
            "SELECT url, batch, paused_at IS NOT NULL, extract(epoch FROM next_attempt_at - clock_timestamp()) FROM hub.webhook WHERE name = $1", [.text(name)])
        guard let text = row.text(0, 0), let url = URL(string: text), !row.bool(0, 2) else { return .ended }
        if let wait = row.double(0, 3), wait > 0 { return .after(seconds: wait) }
        let size = Int(row.int(0, 1) ?? 1)
        var events: [Event] = []
        let writer = CloudEventWriter()
        _ = try consumer.poll(limit: max(options.poll, size)) { fact in
            var json: [UInt8] = []
            writer.append(fact, to: &json)
            events.append(Event(position: fact.position, id: String(decoding: fact.id, as: UTF8.self), json: json))
        }
        if events.isEmpty { return .caughtUp }
        var rest = events[...]
        // Each acknowledgement waits for the disk: one for many events that were posted alone.
        var taken = (count: 0, last: Int64(0))
        func noteTaken() throws {
            if taken.count > 0 { try note(delivered: taken.count, upTo: taken.last) }
            taken.count = 0
        }
        // A part that is refused is posted again one by one: which one of them is it?
        var isAlone = false
        while let first = rest.first, !stop.isStopped {
            let part = rest.prefix(isAlone ? 1 : size)
            switch attempt(part, url, isBatch: size > 1) {
            case .taken:
                taken = (taken.count + part.count, part.last?.position ?? first.position)
                if taken.count >= options.poll { try noteTaken() }
            case .refused where part.count > 1:
                isAlone = true
                continue
            case .refused(let status):
                try noteTaken()
                try bury(first, status, "the receiver refused it with status \(status)")
                isAlone = false
            case let other:
                try noteTaken()
                return try fail(other, at: first)
            }
            rest = rest.dropFirst(part.count)
        }
        try noteTaken()
        return .goOn
    }

    private func attempt(_ events: ArraySlice<Event>, _ url: URL, isBatch: Bool) -> Outcome {
        guard let first = events.first else { return .taken }
        var body: [UInt8] = []
        for event in events {
            if isBatch { body.append(UInt8(ascii: body.isEmpty ? "[" : ",")) }
            body += event.json
        }
        if isBatch { body.append(UInt8(ascii: "]")) }
        let type = isBatch ? CloudEventWriter.batchMediaType : CloudEventWriter.mediaType
        let headers = signature.headers(id: first.id, moment_s: Int(Date().timeIntervalSince1970), body: body)
        switch post.send(body, to: url, type: type + "; charset=utf-8", headers: headers) {
        case .failed(let words): return .later(words, status: nil, retryAfter_s: nil)
        case .status(200..<300, _): return .taken
        case .status(let status, _) where [400, 413, 415, 422].contains(status): return .refused(status)
        case .status(let status, let wait) where [408, 425, 429].contains(status) || status >= 500:
            return .later("the receiver answered with status \(status)", status: status, retryAfter_s: wait)
        case .status(let status, _): return .wrong(status)
        }
    }

    private func note(delivered count: Int, upTo position: Int64) throws {
        try connection.transaction { connection in
            try connection.query(
                """
                UPDATE hub.webhook SET delivered = delivered + $2::bigint, last_success_at = clock_timestamp(), attempts = 0, next_attempt_at = NULL
                 WHERE name = $1
                """, [.text(name), .int(Int64(count))])
            try consumer.acknowledge(position)
        }
    }

    /// Gives an event up. In one transaction: it is a dead letter, or it comes again.
    private func bury(_ event: Event, _ status: Int?, _ reason: String) throws {
        try connection.transaction { connection in
            try connection.query(
                """
                INSERT INTO hub.dead_letter (webhook, position, event_id, attempts, status, reason)
                SELECT name, $2::bigint, $3, attempts + 1, $4::int, $5 FROM hub.webhook WHERE name = $1
                """, [.text(name), .int(event.position), .text(event.id), .int(status.map { Int64($0) }), .text(reason)])
            try connection.query("UPDATE hub.webhook SET attempts = 0, next_attempt_at = NULL WHERE name = $1", [.text(name)])
            try consumer.acknowledge(event.position)
        }
    }

    private func fail(_ outcome: Outcome, at event: Event) throws -> Step {
        switch outcome {
        case .taken, .refused: return .goOn
        case .wrong(let status):
            let reason = "the receiver answered with status \(status): check the address and what it expects"
            try connection.query(
                """
                UPDATE hub.webhook SET paused_at = now(), pause_reason = $2, last_failure_at = clock_timestamp(), last_failure = $2 WHERE name = $1
                """, [.text(name), .text(reason)])
            return .ended
        case .later(let words, let status, let retryAfter_s):
            let attempts = Int(try connection.query("SELECT attempts FROM hub.webhook WHERE name = $1", [.text(name)]).int(0, 0) ?? 0) + 1
            if status != nil, status != 429, attempts >= options.attemptsMax {
                try bury(event, status, words)
                return .goOn
            }
            let longest = min(options.pauseMax_s, options.pauseMin_s * pow(2, Double(min(attempts - 1, 30))))
            let pause = max(Double(retryAfter_s ?? 0), longest * options.random())
            try connection.query(
                """
                UPDATE hub.webhook SET attempts = $2::int, last_failure_at = clock_timestamp(), last_failure = $3,
                       next_attempt_at = clock_timestamp() + make_interval(secs => $4::float8) WHERE name = $1
                """, [.text(name), .int(Int64(attempts)), .text(words), .double(pause)])
            return .after(seconds: pause)
        }
    }
}

extension WebhookDelivery {
    /// Posts a webhook's dead letters again, oldest first, each alone.
    /// - Returns: how many were taken, and how many are left.
    package func replay() throws -> (taken: Int, left: Int) {
        let row = try connection.query("SELECT url, batch FROM hub.webhook WHERE name = $1", [.text(name)])
        guard let url = row.text(0, 0).flatMap({ URL(string: $0) }) else { return (0, 0) }
        let isBatch = (row.int(0, 1) ?? 1) > 1
        let letters = try connection.query(
            "SELECT id, position, event_id FROM hub.dead_letter WHERE webhook = $1 AND replayed_at IS NULL ORDER BY id", [.text(name)])
        let stream = try connection.query("SELECT stream FROM hub.consumer WHERE name = $1", [.text(consumer.name)]).text(0, 0) ?? ""
        var taken = 0
        for row in 0..<letters.count {
            guard let id = letters.int(row, 0), let position = letters.int(row, 1), !stop.isStopped else { break }
            var json: [UInt8] = []
            try connection.copyOut(
                """
                COPY (SELECT \(StreamedFact.columns) FROM hub.stream_fact WHERE stream = \(SQL.literal(stream)) AND position = \(position))
                TO STDOUT (FORMAT binary)
                """
            ) { message in
                if let fact = StreamedFact(message) { CloudEventWriter().append(fact, to: &json) }
            }
            guard !json.isEmpty else { continue }
            let event = Event(position: position, id: letters.text(row, 2) ?? "", json: json)
            switch attempt([event], url, isBatch: isBatch) {
            case .taken:
                try connection.query("UPDATE hub.dead_letter SET replayed_at = clock_timestamp() WHERE id = $1::bigint", [.int(id)])
                try connection.query("UPDATE hub.webhook SET delivered = delivered + 1, last_success_at = clock_timestamp() WHERE name = $1", [.text(name)])
                taken += 1
            case .refused: continue
            case .wrong, .later: return (taken, letters.count - taken)
            }
        }
        return (taken, letters.count - taken)
    }

    /// Posts an event that stands for nothing, and says what came back.
    package func test(id: String) throws -> HTTPPost.Answer {
        let row = try connection.query("SELECT url, batch FROM hub.webhook WHERE name = $1", [.text(name)])
        guard let url = row.text(0, 0).flatMap({ URL(string: $0) }) else { throw StreamError(.badRequest, "There is no webhook \(name).") }
        let event = #""source":"urn:twinhub","type":"twinhub.webhook.tested","datacontenttype":"application/json","data":{}"#
        var body = Array(#"{"specversion":"1.0","id":\#(JSONText.quoted(id)),\#(event)}"#.utf8)
        let isBatch = (row.int(0, 1) ?? 1) > 1
        if isBatch { body = Array("[".utf8) + body + Array("]".utf8) }
        let type = isBatch ? CloudEventWriter.batchMediaType : CloudEventWriter.mediaType
        return post.send(
            body, to: url, type: type + "; charset=utf-8", headers: signature.headers(id: id, moment_s: Int(Date().timeIntervalSince1970), body: body))
    }
}
