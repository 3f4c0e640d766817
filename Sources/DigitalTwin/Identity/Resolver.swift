/// Says which claims of a kind are the same thing.
///
/// It knows two ways that give the same: all at once, and claim by claim, where only the things that a claim's blocks touch are
/// gathered anew. What it finds depends on the claims, the rules, the calibration and the stewards' decisions, never on the order of arrival.
package struct Resolver: Sendable {
    package let rules: MatchRules
    package let calibration: Calibration
    package let decisions: StewardDecisions
    /// Two that are less probably the same than this are put into one thing by no third one that both are linked to.
    let apartBelow: Double

    package init(_ rules: MatchRules, _ calibration: Calibration, decisions: StewardDecisions = StewardDecisions(), apartBelow: Double = 0) {
        self.rules = rules
        self.calibration = calibration
        self.decisions = decisions
        self.apartBelow = apartBelow
    }

    /// What is to be thought of a pair.
    package enum Band: Sendable { case link, review, apart }

    /// Two claims side by side.
    package struct Judgement: Sendable {
        package let band: Band
        /// That they are the same thing, from 0 to 1.
        package let probability: Double
        /// Why they cannot be.
        package let veto: String?
        /// Whether a steward has decided it.
        package let isDecided: Bool
        /// By attribute: the level of agreement (0 missing, 1 equal, higher the less) and how much it speaks for or against (log2).
        package let evidence: [(attribute: String, level: Int, weight: Double)]
    }

    /// Judges a pair, whether or not it shares a block.
    package func judge(_ table: ClaimTable, _ left: Int, _ right: Int) -> Judgement {
        let pattern = rules.pattern(table, left, right)
        let (byRules, probability) = band(pattern)
        let veto = rules.veto(pattern)?.name
        let decision = decisions.decision(table.ids[left], table.ids[right])
        let band: Band =
            switch decision {
            case true?: .link
            case false?: .apart
            case nil: byRules
            }
        let evidence = rules.attributes.enumerated().map { attribute, rule in
            (rule.name, pattern[attribute], calibration.weight(attribute: attribute, level: pattern[attribute]))
        }
        return Judgement(band: band, probability: probability, veto: veto, isDecided: decision != nil, evidence: evidence)
    }

    /// What the rules and the calibration say of a pair that agrees so.
    func band(_ pattern: AgreementPattern) -> (band: Band, probability: Double) {
        let probability = calibration.probability(pattern)
        guard rules.veto(pattern) == nil else { return (.apart, probability) }
        if let key = rules.keys.firstIndex(where: { $0.holds(pattern) }) {
            let sure = MatchRules.strength(ofKey: key)
            return (band(sure), sure)
        }
        let band = band(probability)
        return band != .review && rules.doubts.contains { $0.holds(pattern) } ? (.review, calibration.reviewFrom) : (band, probability)
    }

    private func band(_ probability: Double) -> Band {
        probability >= calibration.linkFrom ? .link : probability >= calibration.reviewFrom ? .review : .apart
    }

    /// Calls `body` for every pair that the rules' blocks bring together.
    package static func forEachCandidate(_ rules: MatchRules, _ table: ClaimTable, _ body: (Int, Int) -> Void) { CandidatePairs(rules, table).forEach(body) }

    // MARK: All at once

    /// What a run found.
    package struct Outcome: Sendable {
        /// By row, the row that stands for its thing.
        package internal(set) var things: [Int]
        /// Pairs that a steward should look at, the surest first.
        package internal(set) var review: [(left: Int, right: Int, probability: Double)]
        /// How many pairs were compared.
        package internal(set) var compared: Int
    }

    package func resolve(_ table: ClaimTable) -> Outcome {
        var weights = PatternWeights(self)
        var links = decidedLinks(table)
        var review: [(left: Int, right: Int, probability: Double)] = []
        var compared = 0
        CandidatePairs(rules, table).forEach { left, right in
            compared += 1
            let (band, probability) = weights[rules.pattern(table, left, right)]
            switch band {
            case .link: links.append(Link(left: left, right: right, strength: probability))
            case .review: review.append((left, right, probability))
            case .apart: break
            }
        }
        let rows = Set(links.flatMap { [$0.left, $0.right] })
        let gathered = cluster(rows, links, table)
        let things = (0..<table.count).map { gathered[$0] ?? $0 }
        review.removeAll { things[$0.left] == things[$0.right] || decisions.decision(table.ids[$0.left], table.ids[$0.right]) != nil }
        review.sort { a, b in
            a.probability != b.probability ? a.probability > b.probability : (table.ids[a.left], table.ids[a.right]) < (table.ids[b.left], table.ids[b.right])
        }
        return Outcome(things: things, review: review, compared: compared)
    }

    /// Gathers rows component by component: a link never leaves its component, so that components can be gathered one at a time.
    func cluster(_ rows: Set<Int>, _ links: [Link], _ table: ClaimTable) -> [Int: Int] {
        Clustering(
            rows: rows, links: links.filter { decisions.decision(table.ids[$0.left], table.ids[$0.right]) != false },
            order: { ClaimID(table.ids[$0]) < ClaimID(table.ids[$1]) },
            isGuarded: { decisions.isSplit(table.ids[$0]) },
            isSplit: { decisions.decision(table.ids[$0], table.ids[$1]) == false },
            // Probabilities depend on all that is compared: then hardly two rows are equal.
            signature: { apartBelow > 0 ? UInt64($0) : rules.signature(table, $0) },
            isVetoed: { isApart(rules.pattern(table, $0, $1)) },
            isUnambiguous: rules.isUnambiguous
        ).things
    }

    private func isApart(_ pattern: AgreementPattern) -> Bool {
        rules.veto(pattern) != nil || apartBelow > 0 && calibration.probability(pattern) < apartBelow
    }

    /// The links that stewards made.
    func decidedLinks(_ table: ClaimTable) -> [Link] {
        guard !decisions.isEmpty else { return [] }
        let rows = Dictionary(table.ids.enumerated().map { (ClaimID($1), $0) }, uniquingKeysWith: { first, _ in first })
        return decisions.merged.compactMap { pair in
            guard let left = rows[pair.left], let right = rows[pair.right] else { return nil }
            return Link(left: left, right: right, strength: .infinity)
        }
    }

    /// Bands by pattern: there are few patterns and many pairs.
    struct PatternWeights {
        private let resolver: Resolver
        private var known: [AgreementPattern: (Band, Double)] = [:]

        init(_ resolver: Resolver) { self.resolver = resolver }

        subscript(pattern: AgreementPattern) -> (Band, Double) {
            mutating get {
                if let known = known[pattern] { return known }
                let found = resolver.band(pattern)
                known[pattern] = found
                return found
            }
        }
    }
}

/// What stewards have said of pairs of claims: the last word on a pair counts, and it counts more than any rule.
package struct StewardDecisions: Sendable, Equatable {
    private var decisions: [ClaimPair: Bool] = [:]
    /// For each claim those that it was merged with.
    private var mergedWith: [ClaimID: Set<ClaimID>] = [:]
    /// For each claim those that it was kept apart from.
    private var splitFrom: [ClaimID: Set<ClaimID>] = [:]

    package init() {}

    package mutating func merge(_ a: String, _ b: String) { decide(a, b, true) }
    package mutating func split(_ a: String, _ b: String) { decide(a, b, false) }
    /// Takes a decision back: the rules decide again.
    package mutating func undo(_ a: String, _ b: String) { decide(a, b, nil) }

    private mutating func decide(_ a: String, _ b: String, _ isSame: Bool?) {
        let pair = ClaimPair(ClaimID(a), ClaimID(b))
        guard pair.left != pair.right else { return }
        decisions[pair] = isSame
        for (one, other) in [(pair.left, pair.right), (pair.right, pair.left)] {
            if isSame == true { mergedWith[one, default: []].insert(other) } else { mergedWith[one]?.remove(other) }
            if isSame == false { splitFrom[one, default: []].insert(other) } else { splitFrom[one]?.remove(other) }
        }
    }

    /// The claims that a claim was merged with.
    func partners(of id: String) -> Set<ClaimID> { mergedWith[ClaimID(id)] ?? [] }

    /// Whether a claim was kept apart from any.
    func isSplit(_ id: String) -> Bool { !splitFrom.isEmpty && splitFrom[ClaimID(id)]?.isEmpty == false }

    var isEmpty: Bool { decisions.isEmpty }
    /// Every pair that was decided, in an order of their own.
    var pairs: [ClaimPair] { decisions.keys.sorted { ($0.left, $0.right) < ($1.left, $1.right) } }
    /// Those that were merged.
    var merged: [ClaimPair] { pairs.filter { decisions[$0] == true } }

    /// Whether the two were said to be one thing; nil where nobody said anything.
    func decision(_ a: String, _ b: String) -> Bool? { decisions.isEmpty ? nil : decisions[ClaimPair(ClaimID(a), ClaimID(b))] }
}
