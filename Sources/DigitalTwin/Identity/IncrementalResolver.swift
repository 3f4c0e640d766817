/// A resolver that keeps what it found, and gathers anew only what a change touches.
///
/// After any changes the things are those that `Resolver.resolve` finds in the claims as they are then: a link depends on its two claims alone, and
/// the things of a component of links on its links alone; so it is enough to compare the claims that changed (and those whose block
/// became too large to count, or small enough), and to gather the components that these compare into, or came out of.
package struct IncrementalResolver: Sendable {
    package let resolver: Resolver
    package private(set) var table: ClaimTable
    private var rows: [String: Int] = [:]
    /// Rows whose claim is gone.
    private var removed: Set<Int> = []
    /// By pass and block, its rows.
    private var blocks: [[UInt64: Set<Int>]]
    /// Pairs that are probably the same thing, or to be reviewed, both ways, with the probability; infinite where a steward said so.
    private var edges: [Int: [Int: Double]] = [:]
    /// Rows that are not alone, with the row that stands for their thing.
    private var things: [Int: Int] = [:]

    package init(_ resolver: Resolver) {
        self.resolver = resolver
        table = ClaimTable(resolver.rules.attributes)
        blocks = Array(repeating: [:], count: resolver.rules.blocks.count)
    }

    /// The id of the claim that stands for a claim's thing: the one that came first. Nil where there is no such claim.
    package func thing(of id: String) -> String? {
        guard let row = rows[id], !removed.contains(row) else { return nil }
        return table.ids[things[row] ?? row]
    }

    /// The ids of all claims.
    package var ids: [String] { table.ids.indices.filter { !removed.contains($0) }.map { table.ids[$0] } }

    /// A claim that is new, has changed, or (nil) is gone.
    package typealias Change = (id: String, values: [ClaimValue]?)

    package mutating func update(_ changes: [Change]) {
        var touched: Set<Int> = [], resized: Set<BlockKey> = []
        for change in changes {
            if let row = rows[change.id] {
                leaveBlocks(row, &resized)
                touched.insert(row)
            }
            guard let values = change.values else {
                if let row = rows[change.id] { removed.insert(row) }
                continue
            }
            let row = store(change.id, values)
            touched.insert(row)
            enterBlocks(row, &resized)
        }
        for block in resized { touched.formUnion(blocks[block.pass][block.value] ?? []) }
        var affected = touched
        for row in touched { affected.formUnion(forget(row)) }
        for row in touched.sorted() where !removed.contains(row) { compare(row) }
        gather(affected)
    }

    private mutating func store(_ id: String, _ values: [ClaimValue]) -> Int {
        if let row = rows[id] {
            table.replace(row, values)
            removed.remove(row)
            return row
        }
        table.append(id, values)
        rows[id] = table.count - 1
        return table.count - 1
    }

    // MARK: Blocks

    private struct BlockKey: Hashable {
        let pass: Int
        let value: UInt64
    }

    private mutating func enterBlocks(_ row: Int, _ resized: inout Set<BlockKey>) {
        for pass in blocks.indices {
            guard let value = resolver.rules.block(pass, table, row) else { continue }
            // It has just become too large: its pairs no longer count.
            if blocks[pass][value, default: []].count == resolver.rules.largestBlock { resized.insert(BlockKey(pass: pass, value: value)) }
            blocks[pass][value, default: []].insert(row)
        }
    }

    private mutating func leaveBlocks(_ row: Int, _ resized: inout Set<BlockKey>) {
        guard !removed.contains(row) else { return }
        for pass in blocks.indices {
            guard let value = resolver.rules.block(pass, table, row), var members = blocks[pass].removeValue(forKey: value) else { continue }
            members.remove(row)
            if members.count == resolver.rules.largestBlock { resized.insert(BlockKey(pass: pass, value: value)) }
            if !members.isEmpty { blocks[pass][value] = members }
        }
    }

    // MARK: Edges

    /// Takes away a row's edges.
    /// - Returns: the rows they led to.
    private mutating func forget(_ row: Int) -> Set<Int> {
        guard let partners = edges.removeValue(forKey: row) else { return [] }
        for partner in partners.keys { edges[partner]?[row] = nil }
        return Set(partners.keys)
    }

    private mutating func compare(_ row: Int) {
        var partners: Set<Int> = []
        for pass in blocks.indices {
            guard let value = resolver.rules.block(pass, table, row), let members = blocks[pass][value], members.count <= resolver.rules.largestBlock else { continue }
            partners.formUnion(members)
        }
        partners.remove(row)
        for partner in partners {
            let (band, probability) = resolver.band(resolver.rules.pattern(table, row, partner))
            if band != .apart { join(row, partner, probability) }
        }
        for other in resolver.decisions.partners(of: table.ids[row]) {
            if let partner = rows[other.text], !removed.contains(partner) { join(row, partner, .infinity) }
        }
    }

    private mutating func join(_ row: Int, _ partner: Int, _ strength: Double) {
        edges[row, default: [:]][partner] = strength
        edges[partner, default: [:]][row] = strength
    }

    // MARK: Things

    /// Gathers the components of links that some rows are in.
    private mutating func gather(_ affected: Set<Int>) {
        var seen: Set<Int> = []
        for start in affected where !seen.contains(start) && !removed.contains(start) {
            var component: Set<Int> = [start]
            var open = [start]
            var links: [Link] = []
            while let row = open.popLast() {
                for (partner, strength) in edges[row] ?? [:] where strength >= resolver.calibration.linkFrom {
                    if row < partner { links.append(Link(left: row, right: partner, strength: strength)) }
                    if component.insert(partner).inserted { open.append(partner) }
                }
            }
            seen.formUnion(component)
            for (row, thing) in resolver.cluster(component, links, table) { things[row] = component.count > 1 ? thing : nil }
        }
        for row in affected where removed.contains(row) { things[row] = nil }
    }
}
