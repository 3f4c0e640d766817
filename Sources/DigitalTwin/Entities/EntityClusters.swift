/// Claims gathered into things: by what they say themselves (of buildings: which building they name or stand in), by the rules, and by what
/// stewards have decided.
struct EntityClusters {
    /// Where a claim belongs.
    struct Place: Hashable {
        /// The claim that stands for the thing.
        let entity: ClaimID
        /// `self`, `key`, `inside`, `among`, `match`, `steward`.
        let method: String
    }

    /// What a claim says by itself: the building that it names or stands in.
    struct Word: Hashable {
        let building: ClaimID
        let method: String

        var strength: Double { method == "key" ? Link.named : method == "inside" ? Link.placed : Link.placedAmong }
    }

    /// Pairs that the rules link, with the probability.
    var edges: [ClaimPair: Double] = [:]
    /// By claim; of those that give a building its place, and of other kinds, nothing.
    var words: [ClaimID: Word] = [:]
    /// Pairs that stewards have decided, and whether they are one thing.
    var decisions: [ClaimPair: Bool] = [:]

    /// Gathers claims that are there. Every link of theirs must be known.
    /// - Returns: by claim. Those that are alone stand for themselves, and of kinds other than buildings have none.
    func places(_ claims: EntityClaims, _ rows: [Int]) -> [ClaimID: Place] {
        let present = Set(rows)
        var links: [Link] = []
        var linked: Set<Int> = []
        func add(_ pair: ClaimPair, _ strength: Double) {
            guard decisions[pair] != false, let left = claims.row(pair.left), let right = claims.row(pair.right), present.contains(left), present.contains(right) else { return }
            links.append(Link(left: left, right: right, strength: strength))
            linked.formUnion([left, right])
        }
        for (pair, probability) in edges { add(pair, probability) }
        for (claim, word) in words where claim != word.building { add(ClaimPair(claim, word.building), word.strength) }
        for (pair, isSame) in decisions where isSame { add(pair, .infinity) }
        let split = Set(decisions.lazy.filter { !$0.value }.flatMap { [$0.key.left, $0.key.right] })
        let clustering = Clustering(
            rows: linked, links: links,
            order: { claims.ids[$0] < claims.ids[$1] },
            isGuarded: { claims.outlined.contains($0) || split.contains(claims.ids[$0]) },
            isSplit: { !decisions.isEmpty && decisions[ClaimPair(claims.ids[$0], claims.ids[$1])] == false },
            signature: { claims.kind.rules.signature(claims.table, $0) },
            isVetoed: { claims.kind.rules.veto(claims.pattern($0, $1)) != nil },
            isUnambiguous: claims.kind.rules.isUnambiguous,
            // A steward who joins two claims does not say that the outlines they stand in are one.
            isExclusive: { claims.outlined.contains($0) && claims.outlined.contains($1) })
        var places = named(Dictionary(grouping: linked) { clustering.things[$0] ?? $0 }, claims)
        if claims.kind.name == "building" {
            for row in rows where !linked.contains(row) { places[claims.ids[row]] = Place(entity: claims.ids[row], method: "self") }
        }
        return places
    }

    private func named(_ things: [Int: [Int]], _ claims: EntityClaims) -> [ClaimID: Place] {
        var merged: [ClaimID: [ClaimID]] = [:]
        for (pair, isSame) in decisions where isSame {
            merged[pair.left, default: []].append(pair.right)
            merged[pair.right, default: []].append(pair.left)
        }
        var places: [ClaimID: Place] = [:]
        for members in things.values {
            // Who has an outline goes before who has none, and a home's own claim before those of its people.
            let standing = members.contains(where: claims.standing.contains) ? members.filter(claims.standing.contains) : members
            guard let entity = standing.map({ claims.ids[$0] }).min() else { continue }
            let ids = Set(members.map { claims.ids[$0] })
            for id in ids {
                let method =
                    if id == entity { "self" }
                    else if let word = words[id], word.building != id, ids.contains(word.building) { word.method }
                    else if merged[id, default: []].contains(where: ids.contains) { "steward" }
                    else { "match" }
                places[id] = Place(entity: entity, method: method)
            }
        }
        return places
    }
}
