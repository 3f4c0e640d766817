/// A pair of rows that are probably the same thing.
struct Link: Hashable, Sendable {
    let left: Int
    let right: Int
    /// The higher, the surer: a probability, above 1 what a claim says itself, infinite a steward's word.
    let strength: Double

    /// A claim names the other one.
    static let named = 3.0
    /// A claim stands in the other one's outline.
    static let placed = 2.0
    /// A claim stands in the other one's outline and in others: less than what the rules link.
    static let placedAmong = 0.1

    /// Whether a claim says it itself: the rules cannot contradict that, only a steward can.
    var isWord: Bool { strength > 1 || strength == Self.placedAmong }
}

/// Claims gathered into things: the surest links first, and no two claims in one thing that veto each other.
///
/// Claims that a steward merged count as one: where they contradict each other, what contradicts only some of them may still join them.
struct Clustering {
    /// For each row the row that stands for its thing: the smallest.
    private(set) var things: [Int: Int] = [:]
    /// By row, another one of its thing; the last of that chain is where the thing is kept.
    private var parents: [Int: Int] = [:]
    private var kept: [Int: Thing] = [:]

    private struct Thing {
        var rows: [Int]
        var smallest: Int
        /// Those whom a steward, or an outline of their own, may keep apart from others.
        var guarded: [Int]
        /// What the rules look at: of claims that they hold for equal one; those that stewards merged in one list.
        var lists: [[Int]]
    }

    /// - Parameters:
    ///   - rows: the claims to gather.
    ///   - order: what decides between links of one strength, and never arrival: compares two rows by their ids.
    ///   - isGuarded: whether a steward's split names the claim, or it is exclusive of others.
    ///   - isSplit: whether a steward keeps two claims apart.
    ///   - signature: equal of claims that the rules' vetoes hold for equal. (A building may have thousands of claims, and hardly ever many different ones.)
    ///   - isVetoed: whether by the rules two claims can never be one thing.
    ///   - isUnambiguous: whether links of a strength count only where they point to one thing.
    ///   - isExclusive: whether only a steward may put them into one thing, whatever claims say themselves.
    init(
        rows: some Sequence<Int>, links: [Link], order: (Int, Int) -> Bool, isGuarded: (Int) -> Bool, isSplit: (Int, Int) -> Bool, signature: (Int) -> UInt64,
        isVetoed: (Int, Int) -> Bool, isUnambiguous: (Double) -> Bool = { _ in false }, isExclusive: (Int, Int) -> Bool = { _, _ in false }
    ) {
        for row in rows { parents[row] = row }
        let sorted = links.map { order($0.left, $0.right) ? $0 : Link(left: $0.right, right: $0.left, strength: $0.strength) }.sorted { a, b in
            if a.strength != b.strength { return a.strength > b.strength }
            return a.left != b.left ? order(a.left, b.left) : order(a.right, b.right)
        }
        var strength = 0.0, contested: Set<Int> = []
        for (place, link) in sorted.enumerated() {
            if link.strength != strength {
                strength = link.strength
                contested = isUnambiguous(strength) ? self.contested(sorted[place...].prefix { $0.strength == strength }, signature, isVetoed) : []
            }
            guard let left = root(of: link.left), let right = root(of: link.right), left != right else { continue }
            if !contested.isDisjoint(with: [link.left, link.right]) { continue }
            func mayJoin(_ some: Thing, _ others: Thing) -> Bool {
                if link.strength == .infinity { return true }
                if some.guarded.contains(where: { a in others.guarded.contains { isSplit(a, $0) } }) { return false }
                return link.isWord
                    ? !some.guarded.contains { a in others.guarded.contains { isExclusive(a, $0) } }
                    : !some.lists.contains { a in others.lists.contains { b in Self.isApart(a, b, isVetoed) } }
            }
            if mayJoin(thing(left, isGuarded), thing(right, isGuarded)) { join(left, right, isOne: link.strength == .infinity, isGuarded, signature) }
        }
        for row in parents.keys { things[row] = row }
        for thing in kept.values { for row in thing.rows { things[row] = thing.smallest } }
    }

    /// Claims that some links join with things that contradict each other: one of these is the right one, and nothing says which.
    private mutating func contested(_ links: ArraySlice<Link>, _ signature: (Int) -> UInt64, _ isVetoed: (Int, Int) -> Bool) -> Set<Int> {
        var partners: [Int: (rows: Set<Int>, things: Set<Int>)] = [:]
        for link in links {
            guard let left = root(of: link.left), let right = root(of: link.right), left != right else { continue }
            for (own, row, other) in [(left, link.left, right), (right, link.right, left)] {
                partners[own, default: ([], [])].rows.insert(row)
                partners[own, default: ([], [])].things.insert(other)
            }
        }
        var contested: Set<Int> = []
        for (rows, things) in partners.values where things.count > 1 {
            // Of lists that the rules hold for equal one, with the thing that it is of; nil where it is of several.
            var lists: [(list: [Int], thing: Int?)] = [], places: [UInt64: Int] = [:]
            for thing in things {
                for list in self.thing(thing, { _ in false }).lists {
                    if list.count == 1, let place = places[signature(list[0])] {
                        if lists[place].thing != thing { lists[place].thing = nil }
                        continue
                    }
                    if list.count == 1 { places[signature(list[0])] = lists.count }
                    lists.append((list, thing))
                }
            }
            let isContested = lists.indices.contains { a in
                lists[(a + 1)...].contains { (lists[a].thing == nil || lists[a].thing != $0.thing) && Self.isApart(lists[a].list, $0.list, isVetoed) }
            }
            if isContested { contested.formUnion(rows) }
        }
        return contested
    }

    private static func isApart(_ some: [Int], _ others: [Int], _ isVetoed: (Int, Int) -> Bool) -> Bool {
        some.allSatisfy { a in others.allSatisfy { isVetoed(a, $0) } }
    }

    private mutating func root(of row: Int) -> Int? {
        guard var place = parents[row] else { return nil }
        while let next = parents[place], next != place {
            parents[row] = next
            place = next
        }
        return place
    }

    private func thing(_ root: Int, _ isGuarded: (Int) -> Bool) -> Thing {
        kept[root] ?? Thing(rows: [root], smallest: root, guarded: isGuarded(root) ? [root] : [], lists: [[root]])
    }

    private mutating func join(_ left: Int, _ right: Int, isOne: Bool, _ isGuarded: (Int) -> Bool, _ signature: (Int) -> UInt64) {
        let isLeftLarger = kept[left]?.rows.count ?? 1 >= kept[right]?.rows.count ?? 1
        let (larger, smaller) = isLeftLarger ? (left, right) : (right, left), taken = thing(smaller, isGuarded)
        var joined = thing(larger, isGuarded)
        (kept[larger], kept[smaller]) = (nil, nil)
        parents[smaller] = larger
        joined.rows += taken.rows
        joined.smallest = min(joined.smallest, taken.smallest)
        joined.guarded += taken.guarded
        if isOne {
            // All of them, also those that the rules did not look at: what contradicts some of them may still join.
            joined.lists = [Self.different(joined.rows, signature)]
        } else {
            var known = Set(joined.lists.filter { $0.count == 1 }.map { signature($0[0]) })
            for list in taken.lists where list.count > 1 || known.insert(signature(list[0])).inserted { joined.lists.append(list) }
        }
        kept[larger] = joined
    }

    /// Of rows that the rules hold for equal one.
    private static func different(_ rows: [Int], _ signature: (Int) -> UInt64) -> [Int] {
        var known: Set<UInt64> = []
        return rows.filter { known.insert(signature($0)).inserted }
    }
}
