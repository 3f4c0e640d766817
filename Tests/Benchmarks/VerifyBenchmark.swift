import EventLog
import PostgresClient

/// The chain of digests recomputed over every fact, against reading the same facts out by COPY: in megabytes of subjects and payloads.
enum VerifyBenchmark {
    static func run(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let facts = 1_000_000
        let events = AppendBenchmark.make(0..<facts)
        _ = try hub.append(events, by: 50_000, [hub.writer("verify")])
        try hub.owner.execute("VACUUM ANALYZE hub.event")
        let bytes = events.reduce(0) { $0 + $1.subject.utf8.count + $1.payload.count }
        let verifier = ChainVerifier(try Connection(hub.conninfo))
        return try Measurement(
            "verify", unit: "MB", count: bytes / 1_000_000, rounds: rounds, note: "\(facts) facts of one source",
            ours: ("verify", {
                try timed {
                    let report = try verifier.verify()
                    guard report.events == facts, report.bytes == bytes, report.findings.isEmpty else {
                        throw BenchmarkError("\(report.events) facts verified, of \(report.bytes) bytes, with \(report.findings.count) findings.")
                    }
                }
            }),
            yardstick: ("COPY out", { try RebuildBenchmark.copyOut(hub) }), report: report)
    }
}
