import EventLog
import EventStreams
import Foundation
import PostgresClient

/// Many consumers of one hub, each with a thread and a connection of its own, as services have.
enum ConsumersBenchmark {
    /// When each fact was handed to the log, and how long until a consumer had it.
    private final class Times: @unchecked Sendable {
        private let lock = NSLock()
        private let clock = ContinuousClock()
        private let began = ContinuousClock.now
        private var handed: [Int: Duration] = [:]
        private var waits_ms: [Double] = []
        private let over = StopSignal()

        func hand(_ numbers: Range<Int>) { lock.withLock { for number in numbers { handed[number] = clock.now - began } } }

        func take(_ numbers: [Int]) {
            lock.withLock {
                let now = clock.now - began
                for case let moment? in numbers.map({ handed[$0] }) { waits_ms.append((now - moment) / .milliseconds(1)) }
            }
        }

        func end() { over.stop() }
        var isEnded: Bool { over.isStopped }
        func wait(seconds: Double) { _ = over.wait(milliseconds: max(0, Int(seconds * 1000))) }
        var sorted_ms: [Double] { lock.withLock { waits_ms.sorted() } }
    }

    /// A thousand facts a second, in batches of 20, and 20 consumers of all of them.
    /// - Returns: a line with the time from handing a fact to the log to having it from `hub.poll`.
    static func latency(seconds: Int, consumers: Int = 20, report: (String) -> Void) throws -> String {
        let hub = try BenchmarkHub()
        let times = Times()
        let readers = try startReaders(consumers, hub, times)
        let writer = try hub.writer("latency")
        let count = seconds * 1000
        let events = AppendBenchmark.make(0..<count)
        let began = ContinuousClock.now
        for start in stride(from: 0, to: count, by: 20) {
            times.wait(seconds: (began.advanced(by: .milliseconds(start)) - ContinuousClock.now) / .seconds(1))
            times.hand(start..<start + 20)
            var batch = Batch(adapterVersion: "1", input: "memory")
            batch.events = Array(events[start..<start + 20])
            _ = try writer.commit(batch)
        }
        let taken = (ContinuousClock.now - began) / .seconds(1)
        times.wait(seconds: 3)
        times.end()
        readers.wait()
        let waits = times.sorted_ms
        guard !waits.isEmpty else { throw BenchmarkError("Nothing arrived.") }
        func at(_ part: Double) -> String { String(format: "%.1f", waits[min(waits.count - 1, Int(Double(waits.count) * part))]) }
        return """
            stream-latency (\(consumers) consumers; \(Int(Double(count) / taken)) facts a second for \(Int(taken)) s; from handing a fact to the log to having it)
              p50 \(at(0.5)) ms  p99 \(at(0.99)) ms  longest \(at(1)) ms  arrived \(waits.count) of \(count * consumers)
            """
    }

    /// Consumers that wait for facts which do not come.
    /// - Returns: a line with the share of one core that server and clients take.
    static func rest(seconds: Int, consumers: Int = 200, report: (String) -> Void) throws -> String {
        let hub = try BenchmarkHub()
        let times = Times()
        let readers = try startReaders(consumers, hub, times)
        guard case .running(let server) = hub.server.state else { throw BenchmarkError("The server does not run.") }
        // All have asked once, and wait as long as they ever do.
        times.wait(seconds: 10)
        let before = (server: ProcessTime.ofFamily(server), own: ProcessTime.of(getpid()))
        times.wait(seconds: Double(seconds))
        let after = (server: ProcessTime.ofFamily(server), own: ProcessTime.of(getpid()))
        times.end()
        readers.wait()
        func share(_ from: Double, _ to: Double) -> String { String(format: "%.1f %%", (to - from) / Double(seconds) * 100) }
        return """
            stream-rest (\(consumers) consumers at rest for \(seconds) s; of one core)
              server \(share(before.server, after.server))  clients \(share(before.own, after.own))
            """
    }

    private static func startReaders(_ count: Int, _ hub: BenchmarkHub, _ times: Times) throws -> DispatchGroup {
        let group = DispatchGroup()
        for number in 0..<count {
            nonisolated(unsafe) let connection = try Connection(hub.conninfo)
            let consumer = Consumer("reader-\(number)", on: connection)
            try consumer.subscribe()
            try connection.execute("LISTEN hub")
            nonisolated(unsafe) let reader = consumer
            group.enter()
            let thread = Thread {
                defer { group.leave() }
                var waiting = Waiting()
                while !times.isEnded {
                    var numbers: [Int] = []
                    let last = try? reader.poll { fact in
                        if let number = Int(String(decoding: fact.subject, as: UTF8.self).dropFirst("building/".count)) { numbers.append(number) }
                    }
                    if let last = last ?? nil {
                        times.take(numbers)
                        try? reader.acknowledge(last)
                        waiting.reset()
                    } else {
                        _ = try? waiting.wait(on: connection)
                    }
                }
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
        return group
    }
}

/// Processor time of processes (proc(5)), seconds.
enum ProcessTime {
    static func of(_ pid: Int32) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// A process and its children.
    static func ofFamily(_ parent: Int32) -> Double {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return processes.filter { pid in
            guard pid != parent else { return true }
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let end = text.lastIndex(of: ")") else { return false }
            return text[end...].split(separator: " ").dropFirst(2).first == "\(parent)"
        }.reduce(0) { $0 + of($1) }
    }
}
