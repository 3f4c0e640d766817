import EventLog
import Foundation
import PostgresClient

/// `append`: finished facts through the log's own door, with all its checks, against binary COPY of the same bytes into the yardstick.
struct AppendBenchmark {
    static let facts = 200_000

    static func run(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let events = (0..<facts).map { number in
            NewEvent(
                type: "building.described", subject: "building/\(number)", occurredAt: Timestamp(microseconds: Int64(number) * 1_000_000),
                payload: Array(#"{"name":"Building \#(number)","height_m":\#(number % 300).50,"note":"\#(String(repeating: "x", count: 470))"}"#.utf8))
        }
        var rows = BinaryCopyWriter(capacity: events.count * 640)
        for event in events {
            rows.row(columns: 6)
            rows.int4(1)
            rows.text(event.subject)
            rows.timestamp(event.occurredAt)
            rows.int8(1)
            rows.null()
            rows.data(event.payload)
        }
        rows.trailer()
        let prepared = rows.bytes
        let writer = try hub.writer("append")
        return try Measurement(
            "append", unit: "facts", count: facts, rounds: rounds, note: "binary COPY, \(prepared.count / facts) bytes a fact",
            ours: ("log", {
                try hub.owner.execute("CHECKPOINT")
                return try timed {
                    for start in stride(from: 0, to: events.count, by: 20_000) {
                        var batch = Batch(adapterVersion: "1", input: "memory")
                        batch.events = Array(events[start..<min(start + 20_000, events.count)])
                        _ = try writer.commit(batch)
                    }
                }
            }),
            yardstick: ("COPY", {
                try hub.makeYardstick()
                let connection = try Connection(hub.conninfo)
                return try timed {
                    let copy = try connection.copyIn(
                        "COPY public.yardstick (type_id, subject, occurred_at, batch_id, caused_by, payload) FROM STDIN (FORMAT binary)")
                    try copy.write(prepared)
                    try copy.finish()
                }
            }), report: report)
    }
}
