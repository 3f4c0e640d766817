/// Whose word stands, for one attribute of buildings.
struct ReferenceRule {
    var rule: String
    /// Best first: names of sources or departments; `own` is the claim that gives the building its id.
    var sources: [String] = []
    /// Departments differ from more on; nil is never.
    var tolerance: Double?

    /// What is shipped.
    static let own = ReferenceRule(rule: "trusted_source", sources: ["own"])
    static let shipped: [String: ReferenceRule] = [
        "height_m": ReferenceRule(rule: "trusted_source", sources: ["own"], tolerance: 1),
        "floors": ReferenceRule(rule: "trusted_source", sources: ["own"], tolerance: 0),
        "households": ReferenceRule(rule: "trusted_source", sources: ["own"], tolerance: 0),
        "built_year": ReferenceRule(rule: "trusted_source", sources: ["own"], tolerance: 0),
    ]
}

/// A steward's choice for one attribute of one building.
struct ReferenceDecision {
    var chosen: String
    var by: String?
    var position: Int64
}

extension ReferenceFold {
    /// The attributes of buildings that the generator makes, and how they are read; places apart.
    var buildingAttributes: [(name: String, read: (ReferenceClaim) -> String?)] {
        [
            ("name", { text($0.payload["name"]) }), ("address", { text($0.payload["address"]) }),
            ("compound", { reference($0.payload["compound"], of: $0.source) }), ("height_m", { number($0.payload["height_m"]) }),
            ("floors", { number($0.payload["floors"]) }), ("usage", { text($0.payload["usage"]) }), ("households", { number($0.payload["households"]) }),
            ("built_year", { number($0.payload["built_year"]) }), ("name_en", { text($0.payload["name_en"]) }),
        ]
    }

    /// The decisions that hold, by building and attribute: those of the hub's own sources, of several the last. One about a claim of a
    /// building is about the building.
    func decisions(_ links: ReferenceLinks) -> [String: ReferenceDecision] {
        var found: [String: ReferenceDecision] = [:]
        let claims = present(["conflict.resolved"], ended: ["conflict.reopened", "conflict.removed"])
        for claim in claims.sorted(by: { $0.position < $1.position }) where departments[claim.source] == "hub" {
            guard let entity = text(claim.payload["entity"]), let attribute = text(claim.payload["attribute"]) else { continue }
            guard text(claim.payload["entity_kind"]) == "building" else { continue }
            found["\(links.buildings[entity]?.building ?? entity) \(attribute)"] = ReferenceDecision(
                chosen: text(claim.payload["chosen"]) ?? "", by: text(claim.payload["decided_by"]), position: claim.position)
        }
        return found
    }

    /// The claim whose word stands, and the word: nil where nobody says anything.
    func survivor(
        _ attribute: String, of entity: String, _ claims: [ReferenceClaim], _ decision: ReferenceDecision?, _ read: (ReferenceClaim) -> String?
    ) -> (claim: ReferenceClaim, value: String)? {
        let rule = rules[attribute] ?? .own
        // The most recent first, of equal ones the smallest id.
        let said = claims.filter { read($0) != nil }.sorted { ($1.effective ?? .min, $0.id) < ($0.effective ?? .min, $1.id) }
        if let chosen = said.first(where: { $0.id == decision?.chosen }), let value = read(chosen) { return (chosen, value) }
        func score(_ claim: ReferenceClaim) -> Int {
            let value = read(claim) ?? ""
            switch rule.rule {
            case "trusted_source":
                let rank = rule.sources.firstIndex { word in
                    word == "own" ? claim.id == entity : word == name(claim.source) || word == departments[claim.source]
                }
                return rank.map { -$0 } ?? -1000
            case "longest": return value.unicodeScalars.count
            case "most_complete": return filled(claim)
            case "majority": return said.count { read($0) == value }
            default: return 0
            }
        }
        // The first of the best.
        guard let best = said.map(score).max(), let winner = said.first(where: { score($0) == best }), let value = read(winner) else { return nil }
        let isText = !["height_m", "floors", "households", "built_year"].contains(attribute)
        if rule.rule == "union", isText {
            let all = Set(said.compactMap(read)).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            return (winner, all.joined(separator: "; "))
        }
        return (winner, value)
    }

    /// How many attributes a claim of a building fills, its place included.
    private func filled(_ claim: ReferenceClaim) -> Int {
        let hasPlace = ReferenceLinks.place(claim.payload["location"]) != nil || ReferenceLinks.boxes(claim.payload["footprint"]) != nil
        return buildingAttributes.count { $0.read(claim) != nil } + (hasPlace ? 1 : 0)
    }

    func provenanceRows(_ entity: String, _ claims: [ReferenceClaim], _ decisions: [String: ReferenceDecision]) -> [String] {
        buildingAttributes.compactMap { attribute, read in
            let decision = decisions["\(entity) \(attribute)"]
            guard let (claim, value) = survivor(attribute, of: entity, claims, decision, read) else { return nil }
            return row("provenance", [
                "building", entity, attribute, value, claim.id, departments[claim.source], "\(claim.position)", claim.effective.map(String.init),
                (rules[attribute] ?? .own).rule, claim.id == decision?.chosen ? decision.map { "\($0.position)" } : nil,
                "\(claims.count { read($0) != nil } - 1)",
            ])
        }
    }

    /// Where departments differ by more than the tolerance.
    func conflictRows(_ entity: String, _ claims: [ReferenceClaim], _ decisions: [String: ReferenceDecision]) -> [String] {
        buildingAttributes.compactMap { attribute, read in
            guard let tolerance = rules[attribute]?.tolerance else { return nil }
            // Each department's most recent word.
            let words = Dictionary(grouping: claims.filter { read($0) != nil }) { departments[$0.source] ?? "" }.compactMapValues { claims in
                claims.min { ($1.effective ?? .min, $0.id) < ($0.effective ?? .min, $1.id) }.flatMap(read)
            }
            let numbers = words.values.compactMap(Double.init)
            let isNumber = ["height_m", "floors", "households", "built_year"].contains(attribute)
            let spread = (numbers.max() ?? 0) - (numbers.min() ?? 0)
            guard isNumber ? spread > tolerance : Set(words.values).count > 1 else { return nil }
            let decision = decisions["\(entity) \(attribute)"]
            return row("conflict", [
                "building", entity, attribute, decision == nil ? "open" : "resolved", isNumber ? plainNumber(spread) : nil, decision?.chosen, decision?.by,
                decision.map { "\($0.position)" }, "\(words.count)",
            ])
        }
    }
}
