import EventLog
import EventStreams
import Foundation
import Operations
import PostgresClient
import PrivateServer
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Appenders that stall and roll back, consumers that are killed and started again, a server that falls: what did the consumers get?
///
/// Consumers are real processes: a group of three (`stream --consumer group --member …`), one alone (`--consumer alone`), one whose place is
/// its own last line (`stream --from`), and a webhook. Half of the appenders never NOTIFY. What must have arrived is read from the log
/// itself at the end.
package final class StreamFaults {
    package struct Options: Sendable {
        package var appenders = 8
        /// Transactions of each appender.
        package var transactions = 60
        package var kills = 12
        package var serverKills = 2
        /// Most events in one request of the webhook, which is refused every seventh and waits up to a second then.
        package var webhookBatch = 20
        package var seed: UInt64 = 1
        package init() {}
    }

    /// What one consumer got.
    package struct Tally: Sendable {
        package let consumer: String
        package let facts: Int
        package var missing = 0
        package var reordered = 0
        package var duplicates = 0
        /// In no fact of the log.
        package var invented = 0
    }

    package struct Outcome: Sendable {
        package let facts: Int
        package let kills: Int
        package let serverKills: Int
        package let tallies: [Tally]
    }

    private let options: Options
    private let clone: HubClone
    private var hub: Hub
    private var owner: Connection
    private let receiver: WebhookReceiver
    private let received = Locked<[String]>([])
    private var consumers: [StreamProcess] = []
    private let appended = Locked((transactions: 0, running: 0, stalled: 0))
    private var random: SeededRandom

    package init(_ options: Options) throws {
        self.options = options
        random = SeededRandom(options.seed)
        clone = try HubClone(adapters: [])
        (hub, owner) = try clone.connect()
        let migrated = try clone.run("migrate")
        guard migrated.status == 0 else { throw OperationsError(.internal, migrated.errors) }
        let received = received
        // It says no now and then, and loses answers as a dying service does.
        receiver = try WebhookReceiver { request, number in
            if number % 7 == 3 { return "503 Busy" }
            received.update { $0.append(String(decoding: request.body, as: UTF8.self)) }
            return number % 11 == 5 ? "500 Kept, but said no" : "200 OK"
        }
        let added = try clone.run("webhook", "add", "hook", "--url", receiver.url, "--batch", "\(options.webhookBatch)")
        guard added.status == 0 else { throw OperationsError(.internal, added.errors) }
        let group = ["a", "b", "c"].map { ["stream", "--follow", "--consumer", "group", "--member", $0, "--lease", "2", "--batch", "40"] }
        consumers = group.map { StreamProcess("group", $0, in: clone) }
        consumers.append(StreamProcess("alone", ["stream", "--follow", "--consumer", "alone", "--batch", "50"], in: clone))
        consumers.append(StreamProcess("place", ["stream", "--follow"], in: clone, keepsPlace: true))
        consumers.append(StreamProcess("hook", ["webhook", "deliver"], in: clone))
        try Consumer("group", on: owner).subscribe()
        try Consumer("alone", on: owner).subscribe()
    }

    deinit {
        for one in consumers { one.end(SIGKILL) }
        receiver.close()
    }

    /// Lets it all happen.
    package func run() throws -> Outcome {
        let appenders = try startAppenders()
        for one in consumers { try one.start() }
        try inflict()
        appenders.wait()
        let facts = try catchUp()
        for one in consumers { one.end(SIGTERM) }
        return Outcome(facts: facts.count, kills: options.kills, serverKills: options.serverKills, tallies: try tallies(facts))
    }

    // MARK: Appending

    private func startAppenders() throws -> DispatchGroup {
        let group = DispatchGroup()
        appended.update { $0.running = options.appenders }
        for number in 0..<options.appenders {
            let role = try Sources.register(.init(name: "source-\(number)", uri: "urn:test:\(number)", department: "test"), on: owner).role
            let conninfo = try hub.conninfo(user: role)
            let (appended, transactions, seed) = (appended, options.transactions, options.seed &+ UInt64(number) &* 7919)
            group.enter()
            let thread = Thread {
                Self.append(conninfo, number, transactions, SeededRandom(seed), appended)
                appended.update { $0.running -= 1 }
                group.leave()
            }
            thread.stackSize = 1 << 22
            thread.start()
        }
        return group
    }

    /// Every transaction is tried until the server has answered, one way or the other.
    private static func append(
        _ conninfo: String, _ number: Int, _ transactions: Int, _ random: SeededRandom, _ appended: Locked<(transactions: Int, running: Int, stalled: Int)>
    ) {
        var random = random
        var connection: Connection?
        var writer: BatchWriter?
        var done = 0
        while done < transactions {
            do {
                guard let open = connection, open.isAlive else {
                    (connection, writer) = (try Connection(conninfo), nil)
                    continue
                }
                let subjects = (0...random.below(12)).map { _ in "building/\(random.below(40))" }
                if number % 2 == 0 {
                    if writer == nil {
                        let new = try BatchWriter(open)
                        try new.acquireLease(holder: "test", seconds: 600)
                        writer = new
                    }
                    var batch = Batch(adapterVersion: "1", input: "test")
                    batch.events = subjects.map { NewEvent(type: "building.described", subject: $0, occurredAt: nil, payload: Array(#"{"n":\#(done)}"#.utf8)) }
                    _ = try writer?.commit(batch)
                } else {
                    // Without a NOTIFY, at times undone, at times held while others go on.
                    try open.execute("BEGIN")
                    for subject in subjects {
                        try open.query("INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, $1, 0, '{}')", [.text(subject)])
                    }
                    if random.below(3) == 0 { stall(appended) }
                    try open.execute(random.below(5) == 0 ? "ROLLBACK" : "COMMIT")
                }
                done += 1
                appended.update { $0.transactions += 1 }
            } catch {
                // The server is away; what was under way may stand or not, and the log will tell.
                if connection?.isAlive == true { _ = try? connection?.execute("ROLLBACK") }
                connection = nil
                _ = waitUntil(seconds: 0.05) { false }
            }
        }
    }

    /// Holds the open transaction until ten others have ended; never more than two at once.
    private static func stall(_ appended: Locked<(transactions: Int, running: Int, stalled: Int)>) {
        let goal = appended.update { state -> Int? in
            guard state.stalled < 2, state.running > 3 else { return nil }
            state.stalled += 1
            return state.transactions + 10
        }
        guard let goal else { return }
        appended.wait(seconds: 10) { $0.transactions >= goal || $0.running <= 3 }
        appended.update { $0.stalled -= 1 }
    }

    // MARK: Faults

    /// Spreads the faults over the time in which facts are appended.
    private func inflict() throws {
        let total = options.appenders * options.transactions
        let faults = options.kills + options.serverKills
        var servers = Set<Int>()
        while servers.count < options.serverKills { servers.insert(random.below(faults)) }
        for fault in 0..<faults {
            let goal = total * (fault + 1) / (faults + 1)
            appended.wait(seconds: 120) { $0.transactions >= goal || $0.running == 0 }
            for one in consumers { try one.restartWhereEnded() }
            if servers.contains(fault) {
                if case .running(let pid) = clone.home.server.state { kill(pid, SIGKILL) }
                try reconnect()
            } else {
                consumers[random.below(consumers.count)].end(SIGKILL)
            }
        }
    }

    private func reconnect() throws {
        let limit = ContinuousClock.now + .seconds(90)
        while true {
            do {
                (hub, owner) = try clone.connect()
                return
            } catch {
                guard ContinuousClock.now < limit else { throw error }
                _ = waitUntil(seconds: 0.05) { false }
            }
        }
    }

    // MARK: The end

    private struct Fact { let position: Int64; let key: String }

    /// Waits until all consumers have everything that the log holds.
    private func catchUp() throws -> [String: Fact] {
        if !owner.isAlive { try reconnect() }
        let horizon = try owner.query("SELECT hub.settled()").int(0, 0) ?? 0
        var left = Int64.max
        while left > 0 {
            // As long as they come nearer to the end they are waited for.
            let isNearer = try waitUntil(seconds: 120, every: 50) {
                for one in consumers { try one.restartWhereEnded() }
                // Nobody has to wait for his next look or attempt.
                try owner.execute("UPDATE hub.webhook SET next_attempt_at = NULL WHERE next_attempt_at IS NOT NULL; NOTIFY hub")
                let lag = try owner.query("SELECT coalesce(sum(lag_facts), 0) FROM hub.consumers").int(0, 0) ?? 0
                let now = lag + consumers.compactMap(\.place).reduce(0) { $0 + max(0, horizon - $1) }
                defer { left = min(left, now) }
                return now < left
            }
            if !isNearer { throw OperationsError(.internal, "Consumers do not catch up, \(left) facts are left: \(consumers.map(\.errors).joined())") }
        }
        let rows = try owner.query("SELECT f.id, f.position, f.source || '/' || f.subject FROM hub.stream_fact f WHERE f.stream = 'log'")
        var facts: [String: Fact] = [:]
        for row in 0..<rows.count { facts[rows.text(row, 0) ?? ""] = Fact(position: rows.int(row, 1) ?? 0, key: rows.text(row, 2) ?? "") }
        return facts
    }

    private func tallies(_ facts: [String: Fact]) throws -> [Tally] {
        var texts = Dictionary(grouping: consumers, by: \.name).mapValues { $0[0].output }
        texts["hook"] = received.value.joined(separator: "\n")
        return texts.map { Self.tally($0, $1, facts) }.sorted { $0.consumer < $1.consumer }
    }

    private static func tally(_ consumer: String, _ text: String, _ facts: [String: Fact]) -> Tally {
        var seen: Set<String> = []
        var last: [String: Int64] = [:]
        var tally = Tally(consumer: consumer, facts: facts.count)
        // A line that was cut off by a kill never was acknowledged; the next one may stand right behind it. Ids stand in whole events only.
        for event in text.components(separatedBy: #"{"specversion":"1.0","id":""#).dropFirst() where event.contains(#","data":"#) && event.contains("}") {
            let id = String(event.prefix { $0 != "\"" })
            guard let fact = facts[id] else {
                tally.invented += 1
                continue
            }
            if !seen.insert(id).inserted {
                tally.duplicates += 1
            } else if let before = last[fact.key], before > fact.position {
                tally.reordered += 1
            }
            last[fact.key] = max(last[fact.key] ?? 0, fact.position)
        }
        tally.missing = facts.count - seen.count
        return tally
    }
}
