import AdapterKit
import DigitalTwin
import EventLog
import Foundation
import Operations
import PostgresClient
import Projections
import Simulation

/// `incidents`: which reports are of one incident, against the truth that the simulator writes beside the departments' files.
///
/// The whole way: the simulator's files, the shipped adapters, the log, the twin. The weights are the shipped ones, learned from the truth of
/// another town (`incidents-learn`, seed 7); the towns judged here are of other seeds.
enum IncidentEvaluation {
    private static let adapters = ["osm-buildings", "property-manager", "police-register", "hotline-12345", "police-incidents", "property-desk", "grid-workers"]
    /// 8,000 households unless the environment says otherwise.
    private static let households = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_HOUSEHOLDS"].flatMap { Int($0) } ?? 8_000
    /// The towns judged: 42 and 43 unless the environment names others, none of them 7.
    private static let seeds = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_SEEDS"]?.split(separator: ",").compactMap { UInt64($0) } ?? [42, 43]
    private static let home = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func run() throws -> Evaluation {
        var evaluation = Evaluation(
            name: "incidents", note: "pairs of reports of one incident, in the twin against the simulator's truth; weights learned from another town",
            columns: ["town", "pairs", "same in truth", "linked", "precision", "recall", "to review", "of them same"])
        for seed in seeds {
            try inTown(seed: seed) { connection, folder in
                let truth = try Truth(folder: folder)
                let found = try Linked(on: connection)
                evaluation.rows.append(row("seed \(seed)", "all", truth.pairs, found.pairs, found.review))
                for kind in Set((truth.pairs.union(found.pairs)).map(\.kind)).sorted() {
                    func of(_ pairs: Set<ReportPair>) -> Set<ReportPair> { pairs.filter { $0.kind == kind } }
                    evaluation.rows.append(row("", kind, of(truth.pairs), of(found.pairs), of(found.review)))
                }
            }
        }
        return evaluation
    }

    /// `incidents-causes`: where links are lost, where false ones come from, and which noise struck them.
    static func causes() throws -> Evaluation {
        var evaluation = Evaluation(
            name: "incidents-causes", note: "town of seed 7; levels: place trouble words time, 0 missing, 1 equal", columns: ["", "by", "what", "pairs", "of", "share"])
        try inTown(seed: 7) { connection, folder in
            let truth = try Truth(folder: folder), found = try Linked(on: connection), rows = try TruthRows(folder: folder)
            func tell(_ title: String, _ by: String, _ counts: [String: Int], of whole: Int) {
                for (what, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(25) {
                    evaluation.rows.append([title, by, what, "\(count)", "\(whole)", Evaluation.share(count, of: whole)])
                }
            }
            func count(_ names: [String]) -> [String: Int] { Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +) }
            for (title, pairs) in [("missed", truth.pairs.subtracting(found.pairs)), ("false", found.pairs.subtracting(truth.pairs))] {
                let list = pairs.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
                let causes = try IncidentDiagnosis.causes(of: list.map { ($0.first, $0.second) }, on: connection)
                tell(title, "cause", count(causes.map(\.cause)), of: list.count)
                tell(title, "levels", count(causes.map { $0.cause + " " + $0.levels.map(String.init).joined(separator: " ") }), of: list.count)
                tell(title, "sources", count(list.map(\.kind)), of: list.count)
                tell(title, "place in truth", count(list.map(rows.place)), of: list.count)
            }
            // Of the pairs of one incident that a noise struck, how many were missed.
            for noise in Set(rows.noise.values.joined()).sorted() {
                let struck = truth.pairs.filter { rows.noise[$0.first]?.contains(noise) == true || rows.noise[$0.second]?.contains(noise) == true }
                let missed = struck.subtracting(found.pairs)
                evaluation.rows.append(["missed", "noise", noise, "\(missed.count)", "\(struck.count)", Evaluation.share(missed.count, of: struck.count)])
            }
        }
        return evaluation
    }

    /// `incidents-learn`: the weights of a town whose truth is known, as `Schemas/incidents/weights.json` has them.
    static func learn() throws -> Evaluation {
        var evaluation = Evaluation(
            name: "incidents-learn", note: "town of seed 7, without \(SimulatedEvaluation.heldOut.map(\.rawValue).joined(separator: ", "))", columns: ["place trouble words time", "probability", "pairs", "same", "precision so far", "recall so far"])
        try inTown(seed: 7, noise: NoiseSet(without: SimulatedEvaluation.heldOut.map(\.rawValue))) { connection, folder in
            let same = try Truth(folder: folder).pairs.sorted { ($0.first, $0.second) < ($1.first, $1.second) }.map { ($0.first, $0.second) }
            let learned = try IncidentWeights.learned(from: same, on: connection)
            var linked = 0, right = 0
            for (levels, probability, pairs, isSame) in learned.patterns {
                (linked, right) = (linked + pairs, right + isSame)
                // Of the rest there are hundreds, of a pair each.
                guard pairs > 15 else { continue }
                evaluation.rows.append([
                    levels.map(String.init).joined(separator: " "), String(format: "%.3f", probability), "\(pairs)", "\(isSame)", Evaluation.share(right, of: linked),
                    Evaluation.share(right, of: same.count),
                ])
            }
            for line in learned.json.split(separator: "\n") { evaluation.rows.append([String(line), "", "", "", "", ""]) }
        }
        return evaluation
    }

    private static func row(_ town: String, _ kind: String, _ truth: Set<ReportPair>, _ found: Set<ReportPair>, _ review: Set<ReportPair>) -> [String] {
        let right = truth.intersection(found).count
        return [
            town, kind, "\(truth.count)", "\(found.count)", Evaluation.share(right, of: found.count), Evaluation.share(right, of: truth.count), "\(review.count)",
            "\(review.intersection(truth).count)",
        ]
    }

    // MARK: The town's twin

    /// - Parameter noise: of the departments' files.
    private static func inTown(seed: UInt64, noise: NoiseSet = .all, _ body: (Connection, String) throws -> Void) throws {
        let hub = try BenchmarkHub()
        let folder = hub.server.folder + "/town"
        let map = home + "/Adapters/osm-buildings/samples/shanghai_buildings.geojson"
        try Neighbourhood(buildings: Footprint.read(geoJSON: map), seed: seed, households: households, noise: noise).write(to: folder)
        for name in adapters {
            let place = folder + "/adapters/" + name, delivered = folder + "/" + name
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(home)/Adapters/\(name)/adapter.json5", toPath: place + "/adapter.json5")
            let isMade = FileManager.default.fileExists(atPath: delivered)
            try FileManager.default.createSymbolicLink(atPath: place + "/samples", withDestinationPath: isMade ? delivered : "\(home)/Adapters/\(name)/samples")
            let manifest = try Manifest.read(folder: place)
            let source = try Sources.register(manifest.sourceDescription, on: hub.owner)
            _ = try AdapterRun(manifest, connection: Connection(hub.server.conninfo(user: source.role)), keys: .forSamples).run()
        }
        try Projector(Connection(hub.conninfo)) { TwinProjection() }.once()
        try body(hub.owner, folder)
    }
}

/// Two reports, the smaller id first.
private struct ReportPair: Hashable {
    let first: String
    let second: String

    init(_ a: String, _ b: String) { (first, second) = a < b ? (a, b) : (b, a) }

    /// By whom they were reported.
    var kind: String {
        [first, second].map { id in String(id.prefix { $0 != ":" }) }.sorted().joined(separator: ", ")
    }

    static func all(of ids: [String]) -> [ReportPair] {
        ids.indices.flatMap { left in ids.indices.dropFirst(left + 1).map { ReportPair(ids[left], ids[$0]) } }
    }
}

private struct Truth {
    private struct Incident: Decodable {
        struct Report: Decodable {
            let file: String
            let key: String
        }
        let reports: [Report]
    }

    let pairs: Set<ReportPair>

    init(folder: String) throws {
        let text = try String(contentsOfFile: folder + "/truth/incidents.ndjson", encoding: .utf8)
        pairs = Set(try text.split(separator: "\n").flatMap { line in
            let incident = try JSONDecoder().decode(Incident.self, from: Data(line.utf8))
            return ReportPair.all(of: incident.reports.map { "\($0.file.prefix { $0 != "/" }):\($0.key)" })
        })
    }
}

/// What the simulator did to each row, and which thing it is about.
private struct TruthRows {
    private struct Row: Decodable {
        let file: String
        let key: String?
        let thing: String
        let noise: [String]?
    }

    private(set) var noise: [String: Set<String>] = [:]
    private var buildings: [String: String] = [:]

    init(folder: String) throws {
        var homes: [Substring: Substring] = [:]
        for line in try String(contentsOfFile: folder + "/truth/dwellings.csv", encoding: .utf8).split(separator: "\n").dropFirst() {
            let cells = line.split(separator: ",", maxSplits: 2)
            homes[cells[0]] = cells[1]
        }
        let text = try String(contentsOfFile: folder + "/truth/register_rows.ndjson", encoding: .utf8)
        for line in text.split(separator: "\n") where line.contains("hotline-12345") || line.contains("police-incidents") || line.contains("property-desk") || line.contains("grid-workers") {
            let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
            guard let key = row.key else { continue }
            let id = "\(row.file.prefix { $0 != "/" }):\(key)"
            noise[id, default: []].formUnion(row.noise ?? [])
            buildings[id] = String(homes[Substring(row.thing)] ?? Substring(row.thing))
        }
    }

    func place(_ pair: ReportPair) -> String {
        guard let one = buildings[pair.first], let other = buildings[pair.second] else { return "unknown" }
        return one == other ? "one building" : "different buildings"
    }
}

private struct Linked {
    /// What stands in one incident.
    var pairs: Set<ReportPair> = []
    var review: Set<ReportPair> = []

    init(on connection: Connection) throws {
        let rows = try connection.query("SELECT array_to_string(case_ids, ' ') FROM twin.incident WHERE reports > 1")
        for row in 0..<rows.count { pairs.formUnion(ReportPair.all(of: (rows.text(row, 0) ?? "").split(separator: " ").map(String.init))) }
        let open = try connection.query("SELECT first_case, second_case FROM twin.incident_pair WHERE band = 'review' AND NOT is_same")
        for row in 0..<open.count { review.insert(ReportPair(open.text(row, 0) ?? "", open.text(row, 1) ?? "")) }
    }
}
