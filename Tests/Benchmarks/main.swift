import Foundation

// usage: twinhub benchmark NAME [--json] [--rounds N]

let benchmarks: [(name: String, run: (BenchmarkHub, Int, (String) -> Void) throws -> Measurement)] = [
    ("append", AppendBenchmark.run),
    ("ingest", IngestBenchmark.first),
    ("ingest-again", IngestBenchmark.again),
    ("rebuild", RebuildBenchmark.run),
    ("rebuild-once", RebuildBenchmark.once),
    ("rebuild-readings", RebuildBenchmark.readings),
    ("rebuild-sql", RebuildBenchmark.sql),
    ("live", LiveBenchmark.run),
]

func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

var words = Array(CommandLine.arguments.dropFirst())
let asJSON = words.contains("--json")
words.removeAll { $0 == "--json" }
var rounds = 5
if let at = words.firstIndex(of: "--rounds") {
    guard at + 1 < words.count, let number = Int(words[at + 1]), (1...99).contains(number) else {
        complain("--rounds takes a whole number from 1 to 99.")
        exit(2)
    }
    rounds = number
    words.removeSubrange(at...at + 1)
}
let chosen = benchmarks.filter { words.contains($0.name) }
guard !chosen.isEmpty, chosen.count == words.count else {
    complain("usage: twinhub benchmark NAME... [--json] [--rounds N]\nNames: \(benchmarks.map(\.name).joined(separator: ", "))")
    exit(2)
}

struct Report: Encodable {
    let environment: [String: String]
    let measurements: [Measurement]
}

do {
    // A hub of its own for each: what one leaves behind is not the other's to read.
    var environment: [String: String] = [:]
    let measurements = try chosen.map { benchmark in
        let hub = try BenchmarkHub()
        environment = try hub.environment()
        return try benchmark.run(hub, rounds, complain)
    }
    if asJSON {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(Report(environment: environment, measurements: measurements)), as: UTF8.self))
    } else {
        print(environment.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        for measurement in measurements { print(measurement.text) }
    }
} catch {
    complain("\(error)")
    exit(1)
}
