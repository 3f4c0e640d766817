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
            note: "\(households) households; learned on another town without \(heldOut.map(\.rawValue).joined(separator: ", ")); by the noise on either claim of a pair; where the missed pairs were lost",
            columns: ["kind", "noise", "same in truth", "recall", "precision", "B-cubed recall", "precision"] + MissedPairs.columns + ["claims to review", "of claims"])
        let calmFiles = try SimulatedPlaces.Files(folder: calm), files = try SimulatedPlaces.Files(folder: folder)
        var buildings: [String: [String: String]] = [:]
        for withPlaces in [false, true] {
            for (town, source) in [(calm, calmFiles), (folder, files)] {
                let places = try SimulatedPlaces.buildings(source, withPlaces: withPlaces)
                let learned = Calibration(places.kind.rules, learningFrom: try SimulatedPlaces.buildings(calmFiles, withPlaces: withPlaces).table)
                let (things, rows) = judge(
                    "building by \(withPlaces ? "address and place" : "address alone")", places.kind.rules, learned, places.table,
                    places.claims.map { ($0.truth, $0.noise) })
                if town == folder { evaluation.rows += rows }
                buildings[town] = Dictionary(zip(places.claims, things).map { ($0.id, places.claims[$1].id) }, uniquingKeysWith: { first, _ in first })
            }
        }
        let homes = try SimulatedPlaces.homes(files, buildings: buildings[folder] ?? [:])
        let learnedHomes = Calibration(homes.kind.rules, learningFrom: try SimulatedPlaces.homes(calmFiles, buildings: buildings[calm] ?? [:]).table)
        evaluation.rows += judge("dwelling", homes.kind.rules, learnedHomes, homes.table, homes.claims.map { ($0.truth, $0.noise) }).rows
        let named = SimulatedPlaces(kind: homes.kind, claims: homes.claims.filter(\.isNamed))
        evaluation.rows += judge("dwelling named with entrance and room", homes.kind.rules, learnedHomes, named.table, named.claims.map { ($0.truth, $0.noise) }).rows
        let people = try SimulatedRegisters(folder: folder), calmPeople = try SimulatedRegisters(folder: calm)
        for withNumbers in [true, false] {
            let rules = SimulatedRegisters.rules(withNumbers: withNumbers)
            evaluation.rows += judge(
                "person\(withNumbers ? "" : " without numbers")", rules, Calibration(rules, learningFrom: calmPeople.table(rules)), people.table(rules),
                people.claims.map { ($0.person, $0.noise) }).rows
        }
        return evaluation
    }

    /// Resolves, and says how right it was.
    /// - Returns: by claim, the one that stands for its thing; and the rows of the table.
    private static func judge(
        _ name: String, _ rules: MatchRules, _ calibration: Calibration, _ table: ClaimTable, _ claims: [(truth: String, noise: [String])]
    ) -> (things: [Int], rows: [[String]]) {
        let resolver = Resolver(rules, calibration)
        let outcome = resolver.resolve(table)
        let truth = claims.map(\.truth)
        let cubed = CubedAccuracy(things: outcome.things, truth: truth)
        var reachable: Set<ClaimRows> = []
        Resolver.forEachCandidate(rules, table) { if truth[$0] == truth[$1] { reachable.insert(ClaimRows($0, $1)) } }
        let review = Set(outcome.review.flatMap { [$0.left, $0.right] })
        func stage(_ left: Int, _ right: Int) -> MissedPairs.Stage {
            guard reachable.contains(ClaimRows(left, right)) else { return .noBlock }
            let judgement = resolver.judge(table, left, right)
            return judgement.veto != nil ? .vetoed : judgement.band == .review ? .review : judgement.band == .apart ? .tooLittle : .keptApart
        }
        let rows = byNoise(claims, outcome.things, stage).sorted { $0.key < $1.key }.map { kind, count in
            let struck = claims.indices.filter { kind == all || (claims[$0].noise.isEmpty ? kind == none : claims[$0].noise.contains(kind)) }
            let asked = struck.filter { review.contains($0) }.count
            return [
                name, kind, "\(count.same)", Evaluation.share(count.linked, of: count.same), Evaluation.share(count.linked, of: count.joined),
                cubed.mean(\.recall, of: struck), cubed.mean(\.precision, of: struck),
            ] + MissedPairs.Stage.allCases.map { "\(count.missed[$0] ?? 0)" } + ["\(asked)", Evaluation.share(asked, of: struck.count)]
        }
        return (outcome.things, rows)
    }

    private static let all = "(all)", none = "(none)"

    /// For each kind of noise, of the pairs of claims that it struck: how many are one thing, how many of these were linked and where the others were
    /// lost, and how many were linked at all.
    private static func byNoise(
        _ claims: [(truth: String, noise: [String])], _ things: [Int], _ stage: (Int, Int) -> MissedPairs.Stage
    ) -> [String: MissedPairs] {
        var counts: [String: MissedPairs] = [:]
        func count(_ groups: some Sequence<[Int]>, _ body: (Int, Int) -> (inout MissedPairs) -> Void) {
            for rows in groups {
                for (place, left) in rows.enumerated() {
                    for right in rows[(place + 1)...] {
                        let add = body(left, right), noise = Set(claims[left].noise + claims[right].noise)
                        for kind in (noise.isEmpty ? [none] : noise) + [all] { add(&counts[kind, default: MissedPairs()]) }
                    }
                }
            }
        }
        count(Dictionary(grouping: claims.indices, by: { claims[$0].truth }).values) { left, right in
            let missed = things[left] == things[right] ? nil : stage(left, right)
            return { counts in
                counts.same += 1
                if let missed { counts.missed[missed, default: 0] += 1 } else { counts.linked += 1 }
            }
        }
        count(Dictionary(grouping: claims.indices, by: { things[$0] }).values) { _, _ in { $0.joined += 1 } }
        return counts
    }
}

/// Two rows of claims, the smaller first.
private struct ClaimRows: Hashable {
    let left: UInt32, right: UInt32
    init(_ a: Int, _ b: Int) { (left, right) = (UInt32(min(a, b)), UInt32(max(a, b))) }
}

/// Of some pairs of claims: how many are one thing in truth, how many of these were linked, how many were linked at all, and where the missed ones were lost.
private struct MissedPairs {
    enum Stage: String, CaseIterable { case noBlock = "no block", vetoed, review = "in review", tooLittle = "too little", keptApart = "kept apart" }
    var same = 0, linked = 0, joined = 0
    var missed: [Stage: Int] = [:]

    static let columns = Stage.allCases.map(\.rawValue)
}
