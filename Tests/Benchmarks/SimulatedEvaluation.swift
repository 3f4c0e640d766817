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
    /// Of the town that is measured.
    private static let seed = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_SEED"].flatMap { UInt64($0) } ?? 42
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
            try Neighbourhood(buildings: buildings, seed: seed, households: households).write(to: folder + "/measured")
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
            note: "\(households) households, seed \(seed); learned on another town without \(heldOut.map(\.rawValue).joined(separator: ", ")); by the noise on either claim of a pair; where the missed pairs were lost",
            columns: ["kind", "noise", "same in truth", "recall", "precision", "B-cubed recall", "precision"] + MissedPairs.columns + ["claims to review", "of claims"])
        let calmFiles = try SimulatedPlaces.Files(folder: calm), files = try SimulatedPlaces.Files(folder: folder)
        for withPlaces in [false, true] {
            let places = try SimulatedPlaces.buildings(files, withPlaces: withPlaces)
            let learned = Calibration(places.kind.rules, learningFrom: try SimulatedPlaces.buildings(calmFiles, withPlaces: withPlaces).table)
            evaluation.rows += judge(
                "building by \(withPlaces ? "address and place" : "address alone")", places.kind.rules, learned, places.table, places.claims.map { ($0.truth, $0.noise) })
        }
        evaluation.rows += try inTheTwin(folder, files)
        let people = try SimulatedRegisters(folder: folder), calmPeople = try SimulatedRegisters(folder: calm)
        for withNumbers in [true, false] {
            let rules = SimulatedRegisters.rules(withNumbers: withNumbers)
            evaluation.rows += judge(
                "person\(withNumbers ? "" : " without numbers")", rules, Calibration(rules, learningFrom: calmPeople.table(rules)), people.table(rules),
                people.claims.map { ($0.person, $0.noise) })
        }
        return evaluation
    }

    /// Resolves, and says how right it was.
    private static func judge(
        _ name: String, _ rules: MatchRules, _ calibration: Calibration, _ table: ClaimTable, _ claims: [(truth: String, noise: [String])]
    ) -> [[String]] {
        let resolver = Resolver(rules, calibration), outcome = resolver.resolve(table)
        return rows(
            name, claims, outcome.things, review: Set(outcome.review.flatMap { [$0.left, $0.right] }), stage(resolver, table, truth: claims.map(\.truth)))
    }

    /// Says of two rows that are one thing in truth where they were lost.
    private static func stage(_ resolver: Resolver, _ table: ClaimTable, truth: [String?]) -> (Int, Int) -> MissedPairs.Stage {
        var reachable: Set<ClaimRows> = []
        Resolver.forEachCandidate(resolver.rules, table) { if truth[$0] != nil, truth[$0] == truth[$1] { reachable.insert(ClaimRows($0, $1)) } }
        return { [reachable] left, right in
            guard reachable.contains(ClaimRows(left, right)) else { return .noBlock }
            let judgement = resolver.judge(table, left, right)
            return judgement.veto != nil ? .vetoed : judgement.band == .review ? .review : judgement.band == .apart ? .tooLittle : .keptApart
        }
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

    /// Buildings and homes as the twin has them: base map, police, property companies and grid workers through their adapters.
    private static func inTheTwin(_ folder: String, _ files: SimulatedPlaces.Files) throws -> [[String]] {
        let hub = try BenchmarkHub()
        for adapter in ["osm-buildings", "property-manager", "police-register", "grid-visits"] { try hub.pull(adapter, from: folder) }
        let kinds = ["building", "dwelling"].compactMap(EntityKind.named)
        for kind in kinds { try hub.calibrate(kind, Calibration(kind.rules, learningFrom: ClaimTable(kind.rules.attributes))) }
        try Projector(Connection(hub.conninfo)) { TwinProjection() }.rebuild()
        guard let generation = try hub.owner.query("SELECT number FROM twin.generation").int(0, 0) else { throw BenchmarkError("There is no twin.") }
        let twin = try Connection(hub.conninfo)
        try twin.execute("SET search_path = twin_g\(generation), public")
        return try kinds.flatMap { kind in
            let truth = try kind.name == "building" ? files.buildingClaims() : files.homeClaims()
            let links = try twin.query(
                kind.name == "building" ? "SELECT id, building_id FROM building_link WHERE kind = 'building'" : "SELECT id, entity_id FROM entity_link WHERE kind = 'dwelling'")
            let things = Dictionary((0..<links.count).map { (links.text($0, 0) ?? "", links.text($0, 1) ?? "") }, uniquingKeysWith: { first, _ in first })
            var all = EntityClaims(kind)
            try all.loadAll(on: twin)
            // The rules by themselves say where a pair was lost. Of buildings the twin knows more: who names one, and who stands in its outline.
            let resolver = Resolver(kind.rules, Calibration(kind.rules, learningFrom: ClaimTable(kind.rules.attributes)))
            let open = try twin.query(
                """
                SELECT left_id FROM twin.identity_pair WHERE kind = $1 AND is_open UNION SELECT right_id FROM twin.identity_pair WHERE kind = $1 AND is_open
                UNION SELECT left_id FROM twin.person_pair WHERE kind = $1 AND is_open UNION SELECT right_id FROM twin.person_pair WHERE kind = $1 AND is_open
                """, [.text(kind.name)])
            let review = Set((0..<open.count).compactMap { open.text($0, 0) })
            // Claims of what is not simulated have no truth: the base map's other buildings.
            let known = all.ids.indices.filter { truth[all.ids[$0].text] != nil }
            let claims = known.compactMap { truth[all.ids[$0].text] }.map { (truth: $0.thing, noise: $0.noise) }
            let found = known.map { things[all.ids[$0].text] ?? all.ids[$0].text }
            var numbers: [String: Int] = [:]
            for thing in found where numbers[thing] == nil { numbers[thing] = numbers.count }
            let stage = stage(resolver, all.table, truth: all.ids.map { truth[$0.text]?.thing })
            return rows(kind.name + " in the twin", claims, found.map { numbers[$0] ?? 0 }, review: Set(known.indices.filter { review.contains(all.ids[known[$0]].text) })) {
                stage(known[$0], known[$1])
            }
        }
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
