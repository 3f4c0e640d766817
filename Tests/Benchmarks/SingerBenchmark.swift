import Foundation
import Operations
import Subprocess

/// `--target-postgres PROGRAM` (TWINHUB_BENCHMARK_ROWS=50000 is enough): the same CSV file, read by us, read by a tap whose output we read, and read by that tap into Meltano's
/// `target-postgres`. PyPI has no tap for CSV files: the one here is the plainest possible, 20 lines of Python's own `csv` and `json`.
struct SingerBenchmark {
    let hub: BenchmarkHub
    let rounds: Int
    let report: (String) -> Void

    func run(target: String) throws -> [Measurement] {
        let ingest = try IngestBenchmark(hub, .csv)
        let tap = ingest.folder + "/tap_csv.py"
        try Self.tap.write(toFile: tap, atomically: true, encoding: .utf8)
        let config = ingest.folder + "/target.json"
        let url = "postgresql+psycopg://\(EmbeddedServer.superuser):none@localhost:\(EmbeddedServer.port)/\(EmbeddedServer.database)?host=\(hub.server.sockets)"
        try "{\"sqlalchemy_url\": \"\(url)\", \"default_target_schema\": \"public\"}".write(toFile: config, atomically: true, encoding: .utf8)
        let csv = ingest.folder + "/meters.csv"
        let peer = {
            try hub.owner.execute("DROP TABLE IF EXISTS public.meters; CHECKPOINT")
            return try timed {
                let words = "python3 '\(tap)' '\(csv)' | '\(target)' --config '\(config)'"
                let outcome = try ChildProcess.run("/bin/sh", ["-c", words])
                guard outcome.status == 0 else { throw BenchmarkError("tap | target-postgres failed: \(outcome.output.suffix(2000))") }
            }
        }
        let input = "{ kind: \"singer\", run: [\"python3\", \"\(tap)\", \"\(csv)\"], catalog: \"none\" }"
        return [
            try Measurement(
                "singer-csv", unit: "rows", count: IngestBenchmark.rows, rounds: rounds, note: "a CSV file, new records",
                ours: ("adapter run", { try ingest.run(ingest.newSource()) }), yardstick: ("tap | target-postgres", peer), report: report),
            try Measurement(
                "singer-tap", unit: "rows", count: IngestBenchmark.rows, rounds: rounds, note: "the same tap for both",
                ours: ("tap into adapter run", { try ingest.run(ingest.newSource(input: input)) }), yardstick: ("tap | target-postgres", peer), report: report),
        ]
    }

    private static let tap = """
        from csv import DictReader
        from json import dumps
        from sys import argv, stdout
        def send(**message): stdout.write(dumps(message, ensure_ascii=False) + "\\n")
        with open(argv[1], encoding="utf-8", newline="") as file:
            rows = DictReader(file)
            properties = {name: {"type": ["string", "null"]} for name in rows.fieldnames}
            send(type="SCHEMA", stream="meters", schema={"type": "object", "properties": properties}, key_properties=["meter_no"])
            for row in rows: send(type="RECORD", stream="meters", record=row)
        send(type="STATE", value={"done": True})
        """
}
