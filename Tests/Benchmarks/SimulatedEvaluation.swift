import DigitalTwin
import Foundation
import PostgresClient
import Projections
import Simulation

/// `identity-simulated`: the resolver on the simulator's registers, by kind of thing and kind of noise.
///
/// What is learned (weights, by expectation and maximisation) is learned on another town, with another seed and without the kinds of noise in
/// `heldOut`; then it is measured on a town with every kind of noise.
enum SimulatedEvaluation {
    /// 82,500 households (about 200,000 residents) unless the environment says otherwise.
    private static let households = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_HOUSEHOLDS"].flatMap { Int($0) } ?? 82_500
    /// Kinds of noise that are off where weights are learned.
    static let heldOut: [Noise] = [.swappedName, .transposedDigits, .wrongBuildingCode, .compoundAlias, .blankCell, .nearDuplicate, .nullWord, .registeredElsewhere]

    static func run() throws -> Evaluation {
        PeakMemory.forget()
        let folder = FileManager.default.temporaryDirectory.path + "/twinhub-benchmark-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var evaluation: Evaluation?
        let seconds = try timed {
            let buildings = try BenchmarkHub.baseMap(), calm = try NoiseSet(without: heldOut.map(\.rawValue))
            try Neighbourhood(buildings: buildings, seed: 7, households: min(households, 8_000), noise: calm).write(to: folder + "/learned")
            try Neighbourhood(buildings: buildings, seed: 42, households: households).write(to: folder + "/measured")
            evaluation = try evaluate(learnedOn: folder + "/learned", folder + "/measured")
        }
        guard var evaluation else { throw BenchmarkError("Nothing was measured.") }
        struct Summary: Decodable { let residents: Int }
        let summary = try JSONDecoder().decode(Summary.self, from: Data(contentsOf: URL(filePath: folder + "/measured/truth/summary.json")))
        evaluation.rows.append(["\(summary.residents) residents, \(Int(seconds)) s, \(PeakMemory.now_MiB.map { "\($0) MiB" } ?? "-")"] + Array(repeating: "", count: evaluation.columns.count - 1))
        return evaluation
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
        let joined = try buildingsInTheTwin(folder, files)
        evaluation.rows += rows("building in the twin", joined.claims, joined.things) { _, _ in .keptApart }
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
        let resolver = Resolver(rules, calibration), outcome = resolver.resolve(table)
        var reachable: Set<ClaimRows> = []
        Resolver.forEachCandidate(rules, table) { if claims[$0].truth == claims[$1].truth { reachable.insert(ClaimRows($0, $1)) } }
        let rows = rows(name, claims, outcome.things, review: Set(outcome.review.flatMap { [$0.left, $0.right] })) { left, right in
            guard reachable.contains(ClaimRows(left, right)) else { return .noBlock }
            let judgement = resolver.judge(table, left, right)
            return judgement.veto != nil ? .vetoed : judgement.band == .review ? .review : judgement.band == .apart ? .tooLittle : .keptApart
        }
        return (outcome.things, rows)
    }

    /// The rows of the table: how right it was, by kind of noise.
    private static func rows(
        _ name: String, _ claims: [(truth: String, noise: [String])], _ things: [Int], review: Set<Int> = [], _ stage: (Int, Int) -> MissedPairs.Stage
    ) -> [[String]] {
        let cubed = CubedAccuracy(things: things, truth: claims.map(\.truth))
        return byNoise(claims, things, stage).sorted { $0.key < $1.key }.map { kind, count in
            let struck = claims.indices.filter { kind == all || (claims[$0].noise.isEmpty ? kind == none : claims[$0].noise.contains(kind)) }
            let asked = struck.filter { review.contains($0) }.count
            return [
                name, kind, "\(count.same)", Evaluation.share(count.linked, of: count.same), Evaluation.share(count.linked, of: count.joined),
                cubed.mean(\.recall, of: struck), cubed.mean(\.precision, of: struck),
            ] + MissedPairs.Stage.allCases.map { "\(count.missed[$0] ?? 0)" } + ["\(asked)", Evaluation.share(asked, of: struck.count)]
        }
    }

    /// The buildings as the twin has them: base map, police and property companies through their adapters, by number, outline and address.
    private static func buildingsInTheTwin(_ folder: String, _ files: SimulatedPlaces.Files) throws -> (claims: [(truth: String, noise: [String])], things: [Int]) {
        let hub = try BenchmarkHub()
        for adapter in ["osm-buildings", "property-manager", "police-register"] { try hub.pull(adapter, from: folder) }
        guard let kind = EntityKind.named("building") else { throw BenchmarkError("Buildings are not joined.") }
        try hub.calibrate(kind, Calibration(kind.rules, learningFrom: ClaimTable(kind.rules.attributes)))
        try Projector(Connection(hub.conninfo)) { TwinProjection() }.rebuild()
        let truth = try files.buildingClaims()
        let rows = try hub.owner.query("SELECT id, building_id FROM twin.building_claim ORDER BY id")
        var claims: [(truth: String, noise: [String])] = [], things: [Int] = [], numbers: [String: Int] = [:]
        for row in 0..<rows.count {
            guard let id = rows.text(row, 0), let known = truth[id], let building = rows.text(row, 1) else { continue }
            claims.append((known.thing, known.noise))
            things.append(numbers[building, default: numbers.count])
            numbers[building] = things.last
        }
        return (claims, things)
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
