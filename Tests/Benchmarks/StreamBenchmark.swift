import EventLog
import EventStreams
import Foundation
import PostgresClient
import Subprocess

/// Reading the whole log as services do, against binary COPY of the same rows.
enum StreamBenchmark {
    static let facts = 100_000

    /// A hub with facts to read.
    static func fill(_ hub: BenchmarkHub) throws {
        _ = try hub.append(AppendBenchmark.make(0..<facts), by: 50_000, [hub.writer("streams")])
        try hub.owner.execute("VACUUM ANALYZE hub.event")
    }

    /// `hub.poll` and `hub.ack`, a thousand facts at a time.
    static func poll(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        try fill(hub)
        return try Measurement(
            "stream-poll", unit: "facts", count: facts, rounds: rounds, note: "hub.poll and hub.ack, 1,000 at a time, each acknowledgement on the disk",
            ours: ("poll", { try readByPoll(hub) }), yardstick: ("binary COPY out", { try copyOut(hub) }), report: report)
    }

    /// `twinhub stream`, a process that writes CloudEvents.
    static func command(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        try fill(hub)
        return try Measurement(
            "stream-command", unit: "facts", count: facts, rounds: rounds, note: "twinhub stream, CloudEvents to a file, with the start of the process",
            ours: ("twinhub stream", { try readByCommand(hub) }), yardstick: ("binary COPY out", { try copyOut(hub) }), report: report)
    }

    /// - Returns: seconds in which a consumer that begins anew reads everything.
    static func readByPoll(_ hub: BenchmarkHub) throws -> Double {
        let consumer = Consumer("benchmark", on: try Connection(hub.conninfo))
        try consumer.unsubscribe()
        try consumer.subscribe()
        var count = 0, bytes = 0
        let seconds = try timed {
            while let last = try consumer.poll(limit: 1000, {
                count += 1
                bytes += $0.payload.count
            }) { try consumer.acknowledge(last) }
        }
        guard count == facts, bytes > 400 * facts else { throw BenchmarkError("The consumer got \(count) facts.") }
        return seconds
    }

    private static func readByCommand(_ hub: BenchmarkHub) throws -> Double {
        guard let program = ProcessInfo.processInfo.environment["TWINHUB_PROGRAM"] else { throw BenchmarkError("Run it as ./twinhub benchmark stream-command.") }
        var environment = ProcessInfo.processInfo.environment
        environment["TWINHUB_DATABASE"] = hub.conninfo
        let file = FileManager.default.temporaryDirectory.path + "/twinhub-benchmark-\(getpid()).ndjson"
        defer { try? FileManager.default.removeItem(atPath: file) }
        var status: Int32 = 0
        let seconds = try timed {
            status = try ChildProcess.start(program, ["stream"], environment: environment, output: .append(file), errors: .append("/dev/null")).wait()
        }
        let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        guard status == 0, size > 800 * facts else { throw BenchmarkError("twinhub stream ended with \(status) and \(size) bytes.") }
        return seconds
    }

    private static func copyOut(_ hub: BenchmarkHub) throws -> Double {
        let connection = try Connection(hub.conninfo)
        var count = 0
        let seconds = try timed {
            try connection.copyOut(
                """
                COPY (SELECT position, source_id, type_id, subject, occurred_at, recorded_at, batch_id, caused_by, payload FROM hub.event
                      ORDER BY position) TO STDOUT (FORMAT binary)
                """
            ) { _ in count += 1 }
        }
        guard count >= facts else { throw BenchmarkError("COPY gave \(count) rows.") }
        return seconds
    }
}
