import EventLog
import Foundation
import PostgresClient

/// Finished facts through the log's own door, with all its checks, against binary COPY of the same bytes into the yardstick; and
/// reading them back in order against COPY out.
final class AppendBenchmark {
    static let facts = 200_000
    private let hub: BenchmarkHub
    private let events: [NewEvent]

    private init(_ hub: BenchmarkHub, facts: Int = AppendBenchmark.facts) {
        self.hub = hub
        events = Self.make(0..<facts)
    }

    /// Facts of about 550 bytes.
    static func make(_ numbers: Range<Int>) -> [NewEvent] {
        let note = String(repeating: "x", count: 470)
        return numbers.map { number in
            NewEvent(
                type: "building.described", subject: "building/\(number)", occurredAt: Timestamp(microseconds: Int64(number) * 1_000_000),
                payload: Array(#"{"name":"Building \#(number)","height_m":\#(number % 300).50,"note":"\#(note)"}"#.utf8))
        }
    }

    /// One source, bulk batches.
    static func one(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let benchmark = AppendBenchmark(hub)
        let prepared = benchmark.prepare(batch: facts)
        let writer = try hub.writer("append")
        return try Measurement(
            "append", unit: "facts", count: facts, rounds: rounds, note: "one source, batches of 50,000, \(prepared[0].count / facts) bytes a fact",
            ours: ("log", { try hub.append(benchmark.events, by: 50_000, [writer]) }),
            yardstick: ("COPY", { try benchmark.copy(prepared, connections: [Connection(hub.conninfo)]) }), report: report)
    }

    /// Two sources at once against two COPYs at once.
    static func two(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let benchmark = AppendBenchmark(hub)
        let prepared = benchmark.prepare(batch: facts)
        let writers = try [hub.writer("append-a"), hub.writer("append-b")]
        return try Measurement(
            "append-two", unit: "facts", count: 2 * facts, rounds: rounds, note: "two sources at once, batches of 50,000",
            ours: ("log", { try hub.append(benchmark.events, by: 50_000, writers) }),
            yardstick: ("two COPYs", { try benchmark.copy(prepared, connections: [Connection(hub.conninfo), Connection(hub.conninfo)]) }), report: report)
    }

    /// Small batches as they come live, each a transaction on the disk.
    static func live(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let benchmark = AppendBenchmark(hub, facts: 100_000)
        let prepared = benchmark.prepare(batch: 100)
        let writer = try hub.writer("append-live")
        return try Measurement(
            "append-live", unit: "facts", count: benchmark.events.count, rounds: rounds, note: "one source, batches of 100",
            ours: ("log", { try hub.append(benchmark.events, by: 100, [writer]) }),
            yardstick: ("COPY in batches of 100", { try benchmark.copy(prepared, connections: [Connection(hub.conninfo)]) }), report: report)
    }

    /// Whether an append costs more in a long log: into one of 20 million facts, or as many as the environment says, and into one of a million.
    static func long(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let benchmark = AppendBenchmark(hub)
        let many = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_FACTS"].flatMap { Int($0) } ?? 20_000_000
        func filled(_ hub: BenchmarkHub, with number: Int) throws -> BatchWriter {
            let writer = try hub.writer("append-long")
            for _ in stride(from: 0, to: number, by: facts) { _ = try hub.append(benchmark.events, by: 50_000, [writer]) }
            report("append-long: a log of \(number) facts is ready")
            return writer
        }
        let small = try BenchmarkHub()
        let writers = try (long: filled(hub, with: many), short: filled(small, with: 1_000_000))
        return try Measurement(
            "append-long", unit: "facts", count: facts, rounds: rounds, note: "batches of 50,000, all of it into logs that hold as many facts already",
            ours: ("into \(many)", { try hub.append(benchmark.events, by: 50_000, [writers.long]) }),
            yardstick: ("into 1000000", { try small.append(benchmark.events, by: 50_000, [writers.short]) }), report: report)
    }

    /// All facts in order, each handed to a closure.
    static func read(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let benchmark = AppendBenchmark(hub)
        _ = try hub.append(benchmark.events, by: 50_000, [hub.writer("append-read")])
        try hub.owner.execute("VACUUM ANALYZE hub.event")
        let reader = SettledReader(try Connection(hub.conninfo))
        let connection = try Connection(hub.conninfo)
        return try Measurement(
            "read", unit: "facts", count: facts, rounds: rounds, note: "in order of positions",
            ours: ("SettledReader", {
                var bytes = 0
                let taken = try timed { try reader.read(after: 0, limit: .max) { bytes += $0.payload.count } }
                guard bytes > facts * 400 else { throw BenchmarkError("The reader returned \(bytes) bytes only.") }
                return taken
            }),
            yardstick: ("binary COPY out", {
                var bytes = 0
                return try timed {
                    try connection.copyOut(
                        """
                        COPY (SELECT position, source_id, type_id, subject, occurred_at, recorded_at, batch_id, caused_by, payload FROM hub.event
                              ORDER BY position) TO STDOUT (FORMAT binary)
                        """
                    ) { bytes += $0.count }
                }
            }), report: report)
    }

    /// The facts as binary COPY reads them, a transfer for each batch.
    private func prepare(batch size: Int) -> [[UInt8]] {
        stride(from: 0, to: events.count, by: size).map { start in
            let batch = events[start..<min(start + size, events.count)]
            var rows = BinaryCopyWriter(capacity: batch.count * 640)
            for event in batch {
                rows.row(columns: 6)
                rows.int4(1)
                rows.text(event.subject)
                rows.timestamp(event.occurredAt)
                rows.int8(1)
                rows.null()
                rows.data(event.payload)
            }
            rows.trailer()
            return rows.bytes
        }
    }

    /// Every connection copies all transfers into the one yardstick.
    private func copy(_ transfers: [[UInt8]], connections: [Connection]) throws -> Double {
        try hub.makeYardstick()
        return try timed {
            try inParallel(connections) { connection in
                for transfer in transfers {
                    let copy = try connection.copyIn(
                        "COPY public.yardstick (type_id, subject, occurred_at, batch_id, caused_by, payload) FROM STDIN (FORMAT binary)")
                    try copy.write(transfer)
                    try copy.finish()
                }
            }
        }
    }
}
