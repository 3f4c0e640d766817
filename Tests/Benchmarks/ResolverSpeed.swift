import DigitalTwin
import Foundation

/// How long the resolver takes over many claims of people, each of whom two registers know.
enum ResolverSpeed {
    /// A million claims unless the environment says otherwise.
    static let claims = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_CLAIMS"].flatMap { Int($0) } ?? 1_000_000

    static func run() throws -> Evaluation {
        var evaluation = Evaluation(
            name: "identity-speed", note: "made-up claims, two of each person; one core", columns: ["what", "claims", "pairs compared", "seconds", "peak memory"])
        PeakMemory.forget()
        var table = ClaimTable(rules.attributes)
        for number in 0..<claims { table.append(id(number), values(number)) }
        var sample = ClaimTable(rules.attributes)
        for number in 0..<min(claims, 100_000) { sample.append(id(number), values(number)) }
        var calibration: Calibration?
        let learning_s = timed { calibration = Calibration(rules, learningFrom: sample) }
        guard let calibration else { return evaluation }
        let resolver = Resolver(rules, calibration)
        var outcome: Resolver.Outcome?
        let taken_s = timed { outcome = resolver.resolve(table) }
        evaluation.rows.append(["calibrate", "\(sample.count)", "", format(learning_s), ""])
        evaluation.rows.append(["resolve all", "\(claims)", "\(outcome?.compared ?? 0)", format(taken_s), PeakMemory.now_MiB.map { "\($0) MiB" } ?? "-"])
        var kept = IncrementalResolver(resolver)
        let known = min(claims, 200_000)
        kept.update((0..<known).map { (id($0), values($0)) })
        let batch_s = timed { kept.update((0..<1_000).map { (id($0 * 7), values($0 * 7 + 1)) }) }
        evaluation.rows.append(["1,000 changes", "\(known)", "", format(batch_s), ""])
        return evaluation
    }

    private static let rules = MatchRules(
        kind: "person",
        attributes: [
            ComparedAttribute("number", .code), ComparedAttribute("name", .encoding), ComparedAttribute("birth", .date), ComparedAttribute("sex", .code),
            ComparedAttribute("dwelling", .code),
        ],
        blocks: [["number"], ["name", "birth"], ["birth", "dwelling"], ["name", "dwelling"]], vetoes: [("birth and sex disagree", ["birth", "sex"])])

    private static func id(_ number: Int) -> String { "register\(number % 2):\(number)" }

    /// Of persons 0 and 1 the claims are 0 to 3, and so on; two fifths of the claims have no ID number, every tenth lives elsewhere.
    private static func values(_ number: Int) -> [ClaimValue] {
        let person = number / 2
        var name: [UInt64] = []
        for word in 0..<Encoding.words {
            // One of a thousand names; about 64 of 512 bits, as an encoding of a short name has.
            let bits = scatter(person % 1_000 &* 64 + word)
            name.append(bits & scatter(person % 1_000 &* 64 + word + 32) & scatter(person % 37 &* 64 + word + 16))
        }
        let birth = scatter(person &+ 7_000_000)
        let date = Int32((1930 + birth % 80) * 10_000 + (1 + birth / 80 % 12) * 100 + 1 + birth / 960 % 28)
        return [
            number % 5 < 3 ? .code("number \(person)") : .missing, .encoding(name), .date(date), .code(birth & (1 << 40) == 0 ? "f" : "m"),
            .code("dwelling \(number % 10 == 0 ? person &+ 90_000_000 : person / 3)"),
        ]
    }

    /// SplitMix64's mixing.
    private static func scatter(_ value: Int) -> UInt64 {
        var z = UInt64(value) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static func format(_ seconds: Double) -> String { String(format: "%.2f", seconds) }
}
