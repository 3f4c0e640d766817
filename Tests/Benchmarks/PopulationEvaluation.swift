import DigitalTwin
import Foundation
import PostgresClient
import Projections
import Simulation

/// `population`: how many people live in each compound and grid cell, as the twin says from four departments' files, against the truth that the
/// simulator writes beside them.
enum PopulationEvaluation {
    /// 16,000 households (about 38,000 residents in 221 compounds) unless the environment says otherwise.
    private static let households = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_HOUSEHOLDS"].flatMap { Int($0) } ?? 16_000
    private static let seed = ProcessInfo.processInfo.environment["TWINHUB_SEED"].flatMap { UInt64($0) } ?? 42
    private static let adapters = ["osm-buildings", "property-manager", "police-register", "grid-visits", "access-control"]
    private static let lists = ["police-register", "grid-visits", "access-control"]

    static func run() throws -> Evaluation {
        var evaluation = Evaluation(
            name: "population", note: "\(households) households, seed \(seed); error in % of the truth, mean over areas that are estimated",
            columns: ["areas", "by", "estimated", "refused", "mean absolute error", "mean error", "truth in the interval", "width of it"])
        // A wrong number puts a whole building's people into another place: that is no question of counting.
        try measure(&evaluation, NoiseSet(without: [Noise.wrongBaseMapNumber.rawValue]), "buildings linked right: ")
        try measure(&evaluation, .all, "every noise: ")
        return evaluation
    }

    private static func measure(_ evaluation: inout Evaluation, _ noise: NoiseSet, _ title: String) throws {
        let hub = try BenchmarkHub()
        let folder = hub.server.folder + "/town"
        try Neighbourhood(
            buildings: BenchmarkHub.baseMap(), seed: seed, households: households, noise: noise
        ).write(to: folder)
        for adapter in adapters { try hub.pull(adapter, from: folder) }
        _ = try Projector(Connection(hub.conninfo), make: { TwinProjection() }).rebuild()
        let truth = try Truth(folder: folder)
        var all: [[String?]] = []
        let seconds = try timed {
            let rows = try hub.owner.query(
                "SELECT area_kind, split_part(area_id, ':', 2), estimate, low, high, on_any_list, \(lists.map { "lists ->> '\($0)'" }.joined(separator: ", ")) "
                    + "FROM twin.population_at('\(truth.date)'::date + 1) ORDER BY 1, 2")
            for row in 0..<rows.count { all.append((0..<rows.columnCount).map { rows.text(row, $0) }) }
        }
        for (kind, people) in [("compound", truth.compounds), ("grid_cell", truth.cells)] {
            add(&evaluation, title + kind + "s", all.filter { $0[0] == kind }.map { Array($0.dropFirst()) }, people)
        }
        evaluation.rows.append([title + "\(truth.residents) residents", "seconds for all", String(format: "%.1f", seconds), "", "", "", "", ""])
    }

    private static func add(_ evaluation: inout Evaluation, _ kind: String, _ all: [[String?]], _ truth: [String: Int]) {
        let areas = all.filter { (truth[$0[0] ?? ""] ?? 0) > 0 }
        let estimated = areas.filter { $0[1] != nil }
        func real(_ row: [String?]) -> Double { Double(truth[row[0] ?? ""] ?? 0) }
        func number(_ row: [String?], _ column: Int) -> Double { Double(row[column] ?? "0") ?? 0 }
        func mean(_ value: ([String?]) -> Double) -> String { String(format: "%.2f", estimated.reduce(0) { $0 + value($1) } / Double(max(estimated.count, 1))) }
        func errors(_ column: Int) -> [String] {
            [mean { 100 * abs(number($0, column) - real($0)) / real($0) }, mean { 100 * (number($0, column) - real($0)) / real($0) }]
        }
        let covered = estimated.filter { number($0, 2) <= real($0) && real($0) <= number($0, 3) }.count
        evaluation.rows.append(
            [kind, "interval", "\(estimated.count)", "\(areas.count - estimated.count)"] + errors(1)
                + [Evaluation.share(covered, of: estimated.count), mean { 100 * (number($0, 3) - number($0, 2)) / real($0) }])
        for (place, name) in (["all lists, united"] + lists).enumerated() { evaluation.rows.append([kind, name, "", ""] + errors(4 + place) + ["", ""]) }
    }

    /// Who really lives where.
    private struct Truth {
        var compounds: [String: Int] = [:], cells: [String: Int] = [:]
        var residents = 0
        let date: String

        init(folder: String) throws {
            func table(_ name: String) throws -> [[String]] {
                try String(contentsOfFile: "\(folder)/truth/\(name).csv", encoding: .utf8).split(separator: "\n").dropFirst().map {
                    $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                }
            }
            struct Summary: Decodable { let as_of: String }
            date = try JSONDecoder().decode(Summary.self, from: Data(contentsOf: URL(filePath: folder + "/truth/summary.json"))).as_of
            var areas: [String: (compound: String, cell: String)] = [:]
            for row in try table("buildings") {
                func step(_ degrees: String) -> Int { Int((((Double(degrees) ?? 0) * 1e6).rounded() / 2_500).rounded(.down)) }
                areas[row[0]] = (row[3], "WG\(step(row[8]))-\(step(row[9]))")
            }
            let buildings = Dictionary(try table("dwellings").map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
            for row in try table("households") {
                guard let area = areas[buildings[row[1]] ?? ""], let people = Int(row[4]) else { continue }
                compounds[area.compound, default: 0] += people
                cells[area.cell, default: 0] += people
                residents += people
            }
        }
    }
}
