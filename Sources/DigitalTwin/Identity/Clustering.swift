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
}

/// Claims gathered into things: the surest links first, and no two claims in one thing that veto each other.
///
/// Claims that a steward merged count as one: where they contradict each other, what contradicts only some of them may still join them.
struct Clustering {
    /// For each row the row that stands for its thing: the smallest.
    private(set) var things: [Int: Int] = [:]
    /// By the row that stands for a thing: its claims, those that stewards merged in one list.
    private var members: [Int: [[Int]]] = [:]

    /// - Parameters:
    ///   - rows: the claims to gather.
    ///   - order: what decides between links of one strength, and never arrival: compares two rows by their ids.
    ///   - isSplit: whether a steward keeps two claims apart.
    ///   - isVetoed: whether by the rules two claims can never be one thing.
    ///   - isExclusive: whether only a steward may put them into one thing, whatever claims say themselves.
    init(
        rows: some Sequence<Int>, links: [Link], order: (Int, Int) -> Bool, isSplit: (Int, Int) -> Bool, isVetoed: (Int, Int) -> Bool,
        isExclusive: (Int, Int) -> Bool = { _, _ in false }
    ) {
        for row in rows {
            members[row] = [[row]]
            things[row] = row
        }
        let sorted = links.map { order($0.left, $0.right) ? $0 : Link(left: $0.right, right: $0.left, strength: $0.strength) }.sorted { a, b in
            if a.strength != b.strength { return a.strength > b.strength }
            return a.left != b.left ? order(a.left, b.left) : order(a.right, b.right)
        }
        for link in sorted {
            guard let left = things[link.left], let right = things[link.right], left != right, let some = members[left], let others = members[right] else { continue }
            if link.strength == .infinity {
                join(left, right, [(some + others).flatMap { $0 }])
            } else if link.strength > 1 {
                // What a claim says itself the rules cannot contradict, only a steward can.
                if !some.joined().contains(where: { a in others.joined().contains { isSplit(a, $0) || isExclusive(a, $0) } }) { join(left, right, some + others) }
            } else if !some.contains(where: { a in others.contains { b in Self.isApart(a, b, isSplit, isVetoed) } }) {
                join(left, right, some + others)
            }
        }
    }

    private static func isApart(_ some: [Int], _ others: [Int], _ isSplit: (Int, Int) -> Bool, _ isVetoed: (Int, Int) -> Bool) -> Bool {
        some.allSatisfy { a in others.allSatisfy { isVetoed(a, $0) } } || some.contains { a in others.contains { isSplit(a, $0) } }
    }

    private mutating func join(_ left: Int, _ right: Int, _ joined: [[Int]]) {
        members[max(left, right)] = nil
        members[min(left, right)] = joined
        for row in joined.joined() { things[row] = min(left, right) }
    }
}
