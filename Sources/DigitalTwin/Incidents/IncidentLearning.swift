import Foundation
import PostgresClient

/// What the weights would be by the reports of one twin of which it is known which are of one incident: how the shipped ones were made.
package enum IncidentWeights {
    /// How often two reports that share a block agree so, level by attribute; with which probability by the weights, and how many are the same.
    package typealias Pattern = (levels: [Int], probability: Double, pairs: Int, same: Int)

    /// - Parameter same: pairs of cases that are reports of one incident.
    /// - Returns: JSON as `Schemas/incidents/weights.json` has it; and how pairs agree, the surest first.
    package static func learned(from same: [(String, String)], on connection: Connection) throws -> (json: String, patterns: [Pattern]) {
        let pairs = try IncidentLinks.allReports(on: connection), counts = pairs.counts(same)
        let learned = Calibration(IncidentRules.rules, likeliestFor: counts)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let patterns = counts.map { count in
            (IncidentRules.rules.attributes.indices.map { count.pattern[$0] }, learned.probability(count.pattern), Int(count.pairs), Int(count.same))
        }
        return (String(decoding: try encoder.encode(learned), as: UTF8.self), patterns.sorted { ($0.1, $0.2) > ($1.1, $1.2) })
    }
}

/// How many pairs agree so, and how many of them are the same.
typealias LabelledPattern = (pattern: AgreementPattern, pairs: Double, same: Double)

extension IncidentPairs {
    /// Of the pairs that share a block and are not vetoed, in the order of the patterns: sums depend on their order.
    /// - Parameter same: pairs of ids that are reports of one incident.
    fileprivate func counts(_ same: [(String, String)]) -> [LabelledPattern] {
        let truth = Set(same.map { ClaimPair(ClaimID($0.0), ClaimID($0.1)) })
        var counts: [AgreementPattern: (pairs: Double, same: Double)] = [:]
        forEachCandidate { left, right in
            let pattern = resolver.rules.pattern(table, left, right)
            guard resolver.rules.veto(pattern) == nil else { return }
            counts[pattern, default: (0, 0)].pairs += 1
            if truth.contains(ClaimPair(ClaimID(reports[left].id), ClaimID(reports[right].id))) { counts[pattern, default: (0, 0)].same += 1 }
        }
        return counts.map { ($0.key, $0.value.pairs, $0.value.same) }.sorted { $0.pattern.bits < $1.pattern.bits }
    }
}

extension Calibration {
    /// The weights under which what is known of pairs is likeliest (logistic regression). How often an attribute agrees among the same and among others would
    /// count twice what agrees together, as trouble and words do; and that two troubles of one kind in one house are hardly ever two.
    ///
    /// The shares of levels among the same pairs are m, and u is what m and the weight make of it.
    init(_ rules: MatchRules, likeliestFor counts: [LabelledPattern]) {
        let weights = Self.weights(rules.attributes.map(\.levels), counts)
        var odds = weights.base
        self.init(rules, candidates: [], everywhere: [], pairs: 1)
        for (attribute, levels) in weights.levels.enumerated() {
            var same = levels.map { _ in 0.0 }, pairs = same
            for count in counts {
                same[count.pattern[attribute]] += count.same
                pairs[count.pattern[attribute]] += count.pairs
            }
            let known = same.dropFirst().reduce(0, +)
            var m = [1] + same.dropFirst().map { max($0 / known, 1e-6) }
            // A missing value says nothing: what it does say is put into the odds.
            let nothing = pairs[0] > 0 ? levels[0] : -log((1..<levels.count).reduce(0) { $0 + m[$1] * exp(-levels[$1]) })
            odds += nothing
            // What no pair may be (a veto) weighs as much as can be written.
            var u = [1] + (1..<levels.count).map { pairs[$0] > 0 ? m[$0] * exp(nothing - levels[$0]) : 1 }
            let scale = max(1, u.dropFirst().max() ?? 1)
            for level in 1..<levels.count { (m[level], u[level]) = (Self.written(m[level] / scale), Self.written(u[level] / scale)) }
            (self.m[attribute], self.u[attribute]) = (m, u)
        }
        share = Self.written(1 / (1 + exp(-odds)))
    }

    /// The base and, by attribute and level, what is added to it, as natural logarithms of odds: one after the other is moved to where the likelihood is highest,
    /// until none moves. Levels that few pairs have are drawn to nought.
    private static func weights(_ levels: [Int], _ counts: [LabelledPattern]) -> (base: Double, levels: [[Double]]) {
        var base = 0.0, weights = levels.map { [Double](repeating: 0, count: $0) }
        var sums = counts.map { _ in 0.0 }
        /// One step of Newton's, at most 1, of the weight that some patterns have.
        func step(_ weight: inout Double, _ rows: [Int], _ pull: Double) -> Double {
            var slope = -pull * weight, bend = pull
            for row in rows {
                let probability = 1 / (1 + exp(-sums[row]))
                slope += counts[row].same - counts[row].pairs * probability
                bend += counts[row].pairs * probability * (1 - probability)
            }
            let change = min(max(slope / max(bend, 1e-9), -1), 1)
            weight += change
            for row in rows { sums[row] += change }
            return abs(change)
        }
        let rows = levels.indices.map { attribute in (0..<levels[attribute]).map { level in counts.indices.filter { counts[$0].pattern[attribute] == level } } }
        for _ in 0..<5_000 {
            var largest = step(&base, Array(counts.indices), 1e-6)
            for attribute in levels.indices {
                for level in 0..<levels[attribute] where !rows[attribute][level].isEmpty {
                    largest = max(largest, step(&weights[attribute][level], rows[attribute][level], 0.5))
                }
            }
            if largest < 1e-6 { break }
        }
        return (base, weights)
    }

    /// Four digits.
    private static func written(_ share: Double) -> Double { Double(String(format: "%.4g", share)) ?? share }
}
