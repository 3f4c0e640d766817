import Foundation

// usage: twinhub benchmark NAME... [--json] [--rounds N] [--seed N] [--message-db FOLDER] [--eventsourcing PYTHON] [--target-postgres PROGRAM]

typealias Benchmark = (_ hub: BenchmarkHub, _ rounds: Int, _ report: (String) -> Void) throws -> Measurement

let benchmarks: [(name: String, run: Benchmark)] = [
    ("append", AppendBenchmark.one),
    ("append-two", AppendBenchmark.two),
    ("append-live", AppendBenchmark.live),
    ("read", AppendBenchmark.read),
    ("verify", VerifyBenchmark.run),
    ("append-long", AppendBenchmark.long),
    ("ingest", IngestBenchmark.first(.csv)),
    ("ingest-again", IngestBenchmark.again(.csv)),
    ("ingest-json", IngestBenchmark.first(.ndjson)),
    ("ingest-json-again", IngestBenchmark.again(.ndjson)),
    ("ingest-gb18030", IngestBenchmark.first(.gb18030)),
    ("ingest-gb18030-again", IngestBenchmark.again(.gb18030)),
    ("rebuild", RebuildBenchmark.run),
    ("rebuild-cases", RebuildBenchmark.cases),
    ("rebuild-once", RebuildBenchmark.once),
    ("rebuild-readings", RebuildBenchmark.readings),
    ("rebuild-sql", RebuildBenchmark.sql),
    ("live", LiveBenchmark.run),
    ("live-pipes", LiveBenchmark.pipes),
    ("live-told", LiveBenchmark.told),
    ("stream-poll", StreamBenchmark.poll),
    ("stream-command", StreamBenchmark.command),
    ("buildings", TwinReadBenchmark.buildings),
    ("building", TwinReadBenchmark.building),
    ("card", TwinReadBenchmark.card),
    ("history", TwinReadBenchmark.history),
]
/// What is measured is not speed alone but how often we are right, by data whose truth somebody else published.
let evaluations: [(name: String, run: () throws -> Evaluation)] = [
    ("addresses", AddressEvaluation.run),
    ("identity-published", IdentityEvaluation.run),
    ("identity-simulated", SimulatedEvaluation.run),
    ("identity-speed", ResolverSpeed.run),
    ("incidents", IncidentEvaluation.run),
    ("incidents-causes", IncidentEvaluation.causes),
    ("incidents-learn", IncidentEvaluation.learn),
    ("scada", ScadaEvaluation.run),
    ("identity-twin", TwinIdentityBenchmark.run),
    ("population", PopulationEvaluation.run),
]
/// Several under one name.
let groups = [
    "log": ["append", "append-two", "append-live", "read", "verify"], "identity": ["identity-published", "identity-simulated", "identity-speed"],
    "streams": ["stream-poll", "stream-command"],
]

/// What is no race of two: each is run alone, and says whether all was well.
let singles: [String: (_ seed: UInt64, _ report: (String) -> Void) throws -> (text: String, isWell: Bool)] = [
    "faults": FaultsBenchmark.run,
    "sensors": { _, report in try SensorsBenchmark.run(report: report) },
    "stream-latency": { _, report in (try ConsumersBenchmark.latency(seconds: 30, report: report), true) },
    "stream-rest": { _, report in (try ConsumersBenchmark.rest(seconds: 30, report: report), true) },
]

func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

func refuse(_ text: String) -> Never {
    complain(text)
    exit(2)
}

var words = Array(CommandLine.arguments.dropFirst())

/// Takes an option and its value out of the words.
@MainActor func option(_ name: String) -> String? {
    guard let at = words.firstIndex(of: name) else { return nil }
    guard at + 1 < words.count else { refuse("\(name) needs a value.") }
    let value = words[at + 1]
    words.removeSubrange(at...at + 1)
    return value
}

let asJSON = words.contains("--json")
words.removeAll { $0 == "--json" }
let messageDB = option("--message-db")
let eventsourcing = option("--eventsourcing")
let targetPostgres = option("--target-postgres")
let rounds = option("--rounds").map { text in
    guard let number = Int(text), (1...99).contains(number) else { refuse("--rounds takes a whole number from 1 to 99.") }
    return number
} ?? 5
let seed = option("--seed").map { text -> UInt64 in
    guard let number = UInt64(text) else { refuse("--seed takes a whole number.") }
    return number
} ?? 1
if words.count == 1, let single = singles[words[0]] {
    do {
        let outcome = try single(seed, complain)
        print(outcome.text)
        exit(outcome.isWell ? 0 : 1)
    } catch {
        complain("\(error)")
        exit(1)
    }
}
let asked = words.flatMap { groups[$0] ?? [$0] }
let chosen = benchmarks.filter { asked.contains($0.name) }
let judged = evaluations.filter { asked.contains($0.name) }
let names = benchmarks.map(\.name) + evaluations.map(\.name)
guard !chosen.isEmpty || !judged.isEmpty || messageDB != nil || eventsourcing != nil || targetPostgres != nil, asked.allSatisfy(names.contains) else {
    refuse(
        """
        usage: twinhub benchmark NAME... [--json] [--rounds N] [--message-db FOLDER] [--eventsourcing PYTHON] [--target-postgres PROGRAM]
        Names: \(names.joined(separator: ", ")); \(groups.map { "\($0) for \($1.joined(separator: ", "))" }.joined(separator: "; "))
        Alone: faults (consumers and the server are killed while facts are appended, by the --seed; what arrived is counted), stream-latency
        (a thousand facts a second to 20 consumers), stream-rest (what 200 waiting consumers cost), sensors (21,000
        readings a second through adapter, log, twin and scenarios for five minutes: TWINHUB_BENCHMARK_SENSORS, TWINHUB_BENCHMARK_SECONDS).
        --message-db: the folder `database` of Message DB; --eventsourcing: a Python that can import it. Both are run beside the log.
        --target-postgres: Meltano's (pip install meltanolabs-target-postgres); it loads a CSV file from a Singer tap, and we the same.
        """)
}

struct Report: Encodable {
    let environment: [String: String]
    let measurements: [Measurement]
    let evaluations: [Evaluation]
}

do {
    // A hub of its own for each: what one leaves behind is not the other's to read.
    var environment: [String: String] = [:]
    var measurements: [Measurement] = []
    func measure(_ run: (BenchmarkHub) throws -> [Measurement]) throws {
        let hub = try BenchmarkHub()
        environment = try hub.environment()
        measurements += try run(hub)
    }
    for benchmark in chosen { try measure { [try benchmark.run($0, rounds, complain)] } }
    if let messageDB { try measure { try PeerBenchmark(hub: $0, rounds: rounds, report: complain).messageDB(messageDB) } }
    if let eventsourcing { try measure { try PeerBenchmark(hub: $0, rounds: rounds, report: complain).eventsourcing(eventsourcing) } }
    if let targetPostgres { try measure { try SingerBenchmark(hub: $0, rounds: rounds, report: complain).run(target: targetPostgres) } }
    let evaluated = try judged.map { try $0.run() }
    if asJSON {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(Report(environment: environment, measurements: measurements, evaluations: evaluated)), as: UTF8.self))
    } else {
        if !environment.isEmpty { print(environment.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")) }
        for evaluation in evaluated { print(evaluation.text) }
        for measurement in measurements { print(measurement.text) }
    }
} catch {
    complain("\(error)")
    exit(1)
}
