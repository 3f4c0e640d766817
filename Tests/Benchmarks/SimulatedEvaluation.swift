import DigitalTwin
import Foundation
import Simulation

/// `identity-simulated`: the resolver on the simulator's registers, by kind of thing and kind of noise.
///
/// What is learned (weights, by expectation and maximisation) is learned on another town, with another seed and without the kinds of noise in
/// `heldOut`; then it is measured on a town with every kind of noise.
enum SimulatedEvaluation {
    /// 8,000 households (about 20,000 residents) unless the environment says otherwise.
    private static let households = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_HOUSEHOLDS"].flatMap { Int($0) } ?? 8_000
    /// Kinds of noise that are off where weights are learned.
    static let heldOut: [Noise] = [.swappedName, .transposedDigits, .wrongBuildingCode, .compoundAlias, .blankCell, .nearDuplicate, .nullWord, .registeredElsewhere]

    static func run() throws -> Evaluation {
        let home = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let folder = FileManager.default.temporaryDirectory.path + "/twinhub-benchmark-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let samples = home + "/Adapters/osm-buildings/samples"
        guard let map = try FileManager.default.contentsOfDirectory(atPath: samples).first(where: { $0.hasSuffix(".geojson") }) else {
            throw BenchmarkError("\(samples) holds no base map.")
        }
        let buildings = try Footprint.read(geoJSON: "\(samples)/\(map)")
        let calm = try NoiseSet(without: heldOut.map(\.rawValue))
        try Neighbourhood(buildings: buildings, seed: 7, households: min(households, 8_000), noise: calm).write(to: folder + "/learned")
        try Neighbourhood(buildings: buildings, seed: 42, households: households).write(to: folder + "/measured")
        return try evaluate(learnedOn: folder + "/learned", folder + "/measured")
    }

    static func evaluate(learnedOn calm: String, _ folder: String) throws -> Evaluation {
        var evaluation = Evaluation(
            name: "identity-simulated",
            note: "\(households) households; weights learned on another town without \(heldOut.map(\.rawValue).joined(separator: ", ")); by the noise on either claim of a pair",
            columns: ["kind", "noise", "same in truth", "linked", "recall", "precision", "to review", "of claims"])
        let calmFiles = try SimulatedPlaces.Files(folder: calm), files = try SimulatedPlaces.Files(folder: folder)
        var buildings: [String: [String: String]] = [:]
        for withPlaces in [false, true] {
            for (town, source) in [(calm, calmFiles), (folder, files)] {
                let places = try SimulatedPlaces.buildings(source, withPlaces: withPlaces)
                let learned = Calibration(places.kind.rules, learningFrom: try SimulatedPlaces.buildings(calmFiles, withPlaces: withPlaces).table)
                let (things, rows) = judge(
                    "building, \(withPlaces ? "address and place" : "address alone")", places.kind.rules, learned, places.table,
                    places.claims.map { ($0.truth, $0.noise) })
                if town == folder { evaluation.rows += rows }
                buildings[town] = Dictionary(zip(places.claims, things).map { ($0.id, places.claims[$1].id) }, uniquingKeysWith: { first, _ in first })
            }
        }
        let homes = try SimulatedPlaces.homes(files, buildings: buildings[folder] ?? [:])
        let learnedHomes = Calibration(homes.kind.rules, learningFrom: try SimulatedPlaces.homes(calmFiles, buildings: buildings[calm] ?? [:]).table)
        evaluation.rows += judge("dwelling", homes.kind.rules, learnedHomes, homes.table, homes.claims.map { ($0.truth, $0.noise) }).rows
        let people = try SimulatedRegisters(folder: folder), calmPeople = try SimulatedRegisters(folder: calm)
        for withNumbers in [true, false] {
            let rules = SimulatedRegisters.rules(withNumbers: withNumbers)
            evaluation.rows += judge(
                "person, \(withNumbers ? "all attributes" : "without numbers")", rules, Calibration(rules, learningFrom: calmPeople.table(rules)), people.table(rules),
                people.claims.map { ($0.person, $0.noise) }).rows
        }
        return evaluation
    }

    /// Resolves, and says how right it was.
    /// - Returns: by claim, the one that stands for its thing; and the rows of the table.
    private static func judge(
        _ name: String, _ rules: MatchRules, _ calibration: Calibration, _ table: ClaimTable, _ claims: [(truth: String, noise: [String])]
    ) -> (things: [Int], rows: [[String]]) {
        let outcome = Resolver(rules, calibration).resolve(table)
        let truth = claims.map(\.truth)
        let pairs = PairwiseAccuracy(things: outcome.things, truth: truth), cubed = CubedAccuracy(things: outcome.things, truth: truth)
        func format(_ value: Double) -> String { String(format: "%.4f", value) }
        var reachable = 0
        Resolver.forEachCandidate(rules, table) { if truth[$0] == truth[$1] { reachable += 1 } }
        var rows = [
            [name, "all, pairwise", "\(pairs.matches)", "\(pairs.agreed)", format(pairs.recall), format(pairs.precision), "\(outcome.review.count)",
             Evaluation.share(outcome.review.count, of: claims.count)],
            [name, "all, B-cubed", "", "", format(cubed.recall), format(cubed.precision), "", ""],
            [name, "all, in a common block", "\(pairs.matches)", "\(reachable)", Evaluation.share(reachable, of: pairs.matches), "", "", ""],
        ]
        for (kind, count) in byNoise(claims, outcome.things).sorted(by: { $0.key < $1.key }) {
            rows.append(
                [name, kind, "\(count.same)", "\(count.linked)", Evaluation.share(count.linked, of: count.same), Evaluation.share(count.linked, of: count.joined), "", ""])
        }
        return (outcome.things, rows)
    }

    /// For each kind of noise, of the pairs of claims that it struck: how many are one thing, how many of these were linked, and how many were linked at all.
    private static func byNoise(_ claims: [(truth: String, noise: [String])], _ things: [Int]) -> [String: (same: Int, linked: Int, joined: Int)] {
        var counts: [String: (same: Int, linked: Int, joined: Int)] = [:]
        func count(_ rows: [Int], _ body: (inout (same: Int, linked: Int, joined: Int), _ left: Int, _ right: Int) -> Void) {
            for (place, left) in rows.enumerated() {
                for right in rows[(place + 1)...] {
                    let noise = Set(claims[left].noise + claims[right].noise)
                    for kind in noise.isEmpty ? ["none"] : noise { body(&counts[kind, default: (0, 0, 0)], left, right) }
                }
            }
        }
        for rows in Dictionary(grouping: claims.indices, by: { claims[$0].truth }).values {
            count(rows) { counts, left, right in
                counts.same += 1
                if things[left] == things[right] { counts.linked += 1 }
            }
        }
        for rows in Dictionary(grouping: claims.indices, by: { things[$0] }).values { count(rows) { counts, _, _ in counts.joined += 1 } }
        return counts
    }
}
