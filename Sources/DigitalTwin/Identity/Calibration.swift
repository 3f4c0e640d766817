#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a resolver has learned: how often attributes agree among claims of one thing (m) and of different things (u), level by level, and
/// what share of all pairs is the same thing.
///
/// Fellegi and Sunter, “A theory for record linkage”, 1969: agreement on level l of an attribute multiplies the odds that two claims are
/// the same thing by m[l]/u[l]. Both are estimated from unlabelled pairs (Winkler, 1988, for m by expectation and maximisation).
package struct Calibration: Sendable, Codable, Equatable {
    /// Of all pairs of claims, the share that is the same thing.
    package var share: Double
    /// By attribute and level; level 0 (missing) says nothing and is 1.
    package var m: [[Double]]
    package var u: [[Double]]
    /// From which probability on two claims are linked, and from which on a steward is asked.
    package var linkFrom = 0.95
    package var reviewFrom = 0.5

    private enum CodingKeys: String, CodingKey {
        case share, m, u
        case linkFrom = "link_from", reviewFrom = "review_from"
    }

    /// Whether it can be used with these rules: attribute by attribute a number for each level.
    func fits(_ rules: MatchRules) -> Bool {
        let levels = rules.attributes.map(\.levels)
        func isWhole(_ table: [[Double]]) -> Bool { table.map(\.count) == levels && table.joined().allSatisfy { $0 > 0 && $0 <= 1 } }
        return isWhole(m) && isWhole(u) && share > 0 && share < 1 && linkFrom >= reviewFrom && linkFrom <= 1 && reviewFrom >= 0
    }

    /// The probability that two claims which agree so are the same thing.
    func probability(_ pattern: AgreementPattern) -> Double {
        let odds = share / (1 - share) * ratio(pattern)
        return odds.isInfinite ? 1 : odds / (1 + odds)
    }

    /// How much one attribute speaks for (above 0) or against (below 0) the same thing: log2 of m/u.
    package func weight(attribute: Int, level: Int) -> Double { level == 0 ? 0 : log2(m[attribute][level] / u[attribute][level]) }

    private func ratio(_ pattern: AgreementPattern) -> Double {
        var ratio = 1.0
        for attribute in m.indices {
            let level = pattern[attribute]
            if level > 0 { ratio *= m[attribute][level] / u[attribute][level] }
        }
        return ratio
    }

    // MARK: Learning

    /// How often each pattern occurs, in an order that depends on the patterns alone: sums of floating-point numbers do on theirs.
    typealias Patterns = [(pattern: AgreementPattern, count: Double)]

    /// Learns from claims whose truth nobody knows.
    ///
    /// u comes from pairs drawn from everywhere, which are hardly ever the same thing; m and the share come by expectation and maximisation
    /// from the pairs that share a block, among which the same things are. (Were u learned there too, it would be that of blocks: where one
    /// pass is by surname, half of all different people would seem to agree in it.)
    ///
    /// - Parameter table: of all claims, or of a sample.
    package init(_ rules: MatchRules, learningFrom table: ClaimTable) {
        guard rules.isLearned else {
            self.init(of: rules)
            return
        }
        var candidates: [AgreementPattern: Int] = [:], everywhere: [AgreementPattern: Int] = [:]
        CandidatePairs(rules, table).forEach { candidates[rules.pattern(table, $0, $1), default: 0] += 1 }
        // What can never be the same thing says nothing about how the same things agree.
        candidates = candidates.filter { rules.veto($0.key) == nil }
        Self.forEachDrawn(table) { everywhere[rules.pattern(table, $0, $1), default: 0] += 1 }
        func sorted(_ counts: [AgreementPattern: Int]) -> Patterns {
            counts.sorted { $0.key.bits < $1.key.bits }.map { ($0.key, Double($0.value)) }
        }
        let count = Double(table.count)
        self.init(rules, candidates: sorted(candidates), everywhere: sorted(everywhere), pairs: max(1, count * (count - 1) / 2))
    }

    /// Of rules that need no weights: nothing speaks for or against.
    private init(of rules: MatchRules) {
        share = 1e-12
        m = rules.attributes.map { [Double](repeating: 1, count: $0.levels) }
        u = m
    }

    /// - Parameter pairs: how many pairs of claims there are at all.
    init(_ rules: MatchRules, candidates: Patterns, everywhere: Patterns, pairs: Double) {
        var different = rules.attributes.map { [Double](repeating: Self.smallest, count: $0.levels) }
        for (pattern, count) in everywhere {
            for attribute in different.indices where pattern[attribute] > 0 { different[attribute][pattern[attribute]] += count }
        }
        u = different.map(Self.shares)
        m = rules.attributes.map { Self.falling($0.levels, first: 0.9) }
        share = Self.bounded(candidates.reduce(0) { $0 + $1.count } / 10 / pairs)
        guard !candidates.isEmpty else { return }
        for _ in 0..<200 {
            let before = self
            step(candidates, pairs)
            if change(from: before) < 1e-6 { break }
        }
    }

    /// One round: how probably each pattern is a match under what is believed, then what that makes of m and the share.
    private mutating func step(_ candidates: Patterns, _ pairs: Double) {
        var same = m.map { [Double](repeating: Self.smallest, count: $0.count) }
        var matches = 0.0
        for (pattern, count) in candidates {
            let expected = probability(pattern) * count
            matches += expected
            for attribute in m.indices where pattern[attribute] > 0 { same[attribute][pattern[attribute]] += expected }
        }
        m = same.map { Self.shares($0).map { max($0, Self.leastError) } }
        share = Self.bounded(matches / pairs)
    }

    private static func bounded(_ share: Double) -> Double { min(max(share, 1e-12), 1 - 1e-9) }

    /// About a million pairs from everywhere, the same for the same claims in any order.
    private static func forEachDrawn(_ table: ClaimTable, _ body: (Int, Int) -> Void) {
        let rows = table.ids.indices.sorted { table.ids[$0] < table.ids[$1] }
        let furthest = rows.count / 2
        guard furthest > 0 else { return }
        let steps = min(furthest, max(1, 1_000_000 / rows.count))
        for number in 0..<steps {
            let step = 1 + number * furthest / steps
            for place in rows.indices { body(rows[place], rows[(place + step) % rows.count]) }
        }
    }

    /// A pseudo-count for what was never seen.
    private static let smallest = 0.01
    /// No register is right more often than this: what the learned claims of one thing never differed in, others may. Else one disagreement, of a building
    /// whose number was mistyped, outweighs everything that agrees.
    private static let leastError = 0.005

    private static func shares(_ counts: [Double]) -> [Double] {
        let sum = counts.dropFirst().reduce(0, +)
        return [1] + counts.dropFirst().map { $0 / sum }
    }

    /// Shares that begin with `first` at the level of equality, each next one half of the one before.
    private static func falling(_ levels: Int, first: Double) -> [Double] {
        let rest = (2..<levels).map { pow(0.5, Double($0 - 1)) }
        let sum = rest.reduce(0, +)
        return [1, first] + rest.map { $0 / sum * (1 - first) }
    }

    private func change(from other: Calibration) -> Double {
        zip(m.joined(), other.m.joined()).reduce(abs(log2(share / other.share))) { max($0, abs($1.0 - $1.1)) }
    }
}
