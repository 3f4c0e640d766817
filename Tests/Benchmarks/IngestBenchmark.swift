import AdapterKit
import EventLog
import Foundation
import Operations
import PostgresClient
import Subprocess

/// `ingest`: a file through manifest, mapping, contract, fingerprints and the log, against psql's own `\copy` of the facts
/// that come out, into the yardstick.
final class IngestBenchmark {
    enum Format: String {
        case csv, ndjson
        /// CSV as Chinese systems export it.
        case gb18030

        /// As a manifest has it.
        var manifest: String { self == .gb18030 ? "{ kind: \"csv\", encoding: \"gb18030\" }" : "\"\(rawValue)\"" }
    }

    /// 200,000 rows unless the environment says otherwise.
    static let rows = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_ROWS"].flatMap { Int($0) } ?? 200_000
    private let hub: BenchmarkHub
    private let format: Format
    /// Holds the file.
    let folder: String
    private var sources = 0

    init(_ hub: BenchmarkHub, _ format: Format) throws {
        self.hub = hub
        self.format = format
        folder = hub.server.folder + "/ingest"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write(changed: nil)
    }

    static func first(_ format: Format) -> Benchmark { { hub, rounds, report in try first(hub, format, rounds, report) } }
    static func again(_ format: Format) -> Benchmark { { hub, rounds, report in try again(hub, format, rounds, report) } }

    private static func first(_ hub: BenchmarkHub, _ format: Format, _ rounds: Int, _ report: (String) -> Void) throws -> Measurement {
        let benchmark = try IngestBenchmark(hub, format)
        let source = try benchmark.newSource()
        _ = try benchmark.run(source)
        let finished = try benchmark.exportFacts(of: source)
        return try Measurement(
            "ingest, \(format)", unit: "rows", count: rows, rounds: rounds, note: "new records to facts in the log",
            ours: ("adapter run", { try benchmark.run(benchmark.newSource()) }), yardstick: ("psql \\copy", { try benchmark.copy(finished) }),
            report: report)
    }

    private static func again(_ hub: BenchmarkHub, _ format: Format, _ rounds: Int, _ report: (String) -> Void) throws -> Measurement {
        let benchmark = try IngestBenchmark(hub, format)
        let source = try benchmark.newSource()
        PeakMemory.forget()
        let first = try benchmark.run(source)
        report("ingest-again, first load: \(Measurement.format(first)) s, peak memory \(PeakMemory.now_MiB ?? 0) MiB")
        let finished = try benchmark.exportFacts(of: source)
        var round = 0
        return try Measurement(
            "ingest-again, \(format)", unit: "rows", count: rows, rounds: rounds, note: "one record of them changed since the last pull",
            ours: ("adapter run", {
                // One row differs: the file's digest cannot short-cut the pull.
                round += 1
                try benchmark.write(changed: round)
                return try benchmark.run(source)
            }), yardstick: ("psql \\copy", { try benchmark.copy(finished) }), report: report)
    }

    /// Meters, about 150 bytes a row of CSV. Written piece by piece: it may be gigabytes.
    private func write(changed: Int?) throws {
        let names = ["meter_no", "building_no", "room", "kind", "installed_on", "diameter_mm", "address", "longitude", "latitude", "state"]
        let path = format == .gb18030 ? file + ".utf8" : file
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw BenchmarkError("\(path) cannot be written.")
        }
        defer { try? handle.close() }
        var text = format == .ndjson ? "" : names.joined(separator: ",") + "\n"
        for row in 0..<Self.rows {
            let cells = [
                "WM-\(1_000_000 + row)", "B\(row / 60)", "\(row % 60 / 4 + 1)0\(row % 4 + 1)", "cold water",
                "20\(10 + row % 15)-0\(row % 9 + 1)-1\(row % 10)", "\(15 + row % 3 * 5)", "上海市浦东新区银城路\(row / 60)弄\(row % 60)号",
                "121.\(480_000 + row % 40_000)", "31.\(230_000 + row % 20_000)", row == 7 ? "changed \(changed ?? 0)" : "in use",
            ]
            switch format {
            case .csv, .gb18030: text += cells.enumerated().map { $0.offset == 6 ? "\"\($0.element)\"" : $0.element }.joined(separator: ",")
            case .ndjson: text += "{" + zip(names, cells).map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}"
            }
            text += "\n"
            if text.utf8.count > 1 << 20 {
                try handle.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try handle.write(contentsOf: Data(text.utf8))
        guard format == .gb18030 else { return }
        let outcome = try ChildProcess.run("/bin/sh", ["-c", "iconv -f UTF-8 -t GB18030 '\(path)' > '\(file)'"])
        guard outcome.status == 0 else { throw BenchmarkError("iconv failed: \(outcome.output)") }
    }

    private var file: String { "\(folder)/meters.\(format)" }

    /// - Parameter input: in place of the file.
    func newSource(input: String? = nil) throws -> Manifest {
        sources += 1
        let name = "ingest-\(UInt32.random(in: 0...UInt32.max))-\(sources)"
        let place = folder + "/" + name
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try """
        { adapter: "\(name)", version: "1.0.0", department: "benchmark", source: "urn:benchmark:\(name)",
          input: \(input ?? "{ kind: \"file\", path: \"\(file)\", format: \(format.manifest), samples: \"../meters.\(format)\" }"),
          streams: [{ name: "meters", mode: "snapshot", key: ["meter_no"],
            facts: [{ event: "sensor.described", subject: "sensor/{meter_no}",
              occurred_at: { from: "installed_on", type: "date", zone: "Asia/Shanghai" },
              payload: { observed_property: { const: "water_volume" }, unit: { const: "m3" }, platform: "kind", building: "building_no",
                feature_of_interest: { template: "dwelling/{building_no}-{room}" }, address: "address", state: "state",
                location: { object: { type: { const: "Point" }, coordinates: { array: [{ from: "longitude", type: "decimal" }, { from: "latitude", type: "decimal" }] } } } } }],
            removed: { event: "sensor.removed", max_ratio: 0.05 } }] }
        """.write(toFile: place + "/adapter.json5", atomically: true, encoding: .utf8)
        return try Manifest.read(folder: place)
    }

    /// One run, with everything that a run does: login, lease, reading, mapping, committing.
    func run(_ manifest: Manifest) throws -> Double {
        let source = try Sources.register(manifest.sourceDescription, on: hub.owner)
        try hub.owner.execute("CHECKPOINT")
        return try timed {
            let connection = try Connection(hub.server.conninfo(user: source.role))
            _ = try AdapterRun(manifest, connection: connection, keys: .forSamples).run()
        }
    }

    /// Writes the facts of a source as psql's text COPY reads them.
    private func exportFacts(of manifest: Manifest) throws -> String {
        let path = folder + "/facts.txt"
        try psql(
            "\\copy (SELECT e.type_id, e.subject, e.occurred_at, e.batch_id, e.caused_by, e.payload FROM hub.event e JOIN hub.source s ON s.id = e.source_id WHERE s.name = '\(manifest.name)' AND e.subject LIKE 'sensor/%' ORDER BY e.position) to '\(path)'")
        return path
    }

    private func copy(_ path: String) throws -> Double {
        try hub.makeYardstick()
        return try timed {
            try psql("\\copy public.yardstick (type_id, subject, occurred_at, batch_id, caused_by, payload) from '\(path)'")
        }
    }

    private func psql(_ command: String) throws {
        let program = try hub.server.installation().path("psql")
        let outcome = try ChildProcess.run(program, ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", hub.conninfo, "-c", command])
        guard outcome.status == 0 else {
            throw OperationsError(.internal, "psql failed: \(outcome.output)")
        }
    }
}
