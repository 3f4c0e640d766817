/// The pairs of claims that share a block.
struct CandidatePairs {
    let rules: MatchRules
    let table: ClaimTable
    /// By pass, the block of every row; 0 where it has none, or where its block is too large to say anything.
    private(set) var blocks: [[UInt64]] = []

    init(_ rules: MatchRules, _ table: ClaimTable) {
        self.rules = rules
        self.table = table
        for pass in rules.blocks.indices {
            var blocks = (0..<table.count).map { rules.block(pass, table, $0) ?? 0 }
            for members in Self.runs(of: blocks) where members.count > rules.largestBlock {
                for row in members { blocks[row] = 0 }
            }
            self.blocks.append(blocks)
        }
    }

    /// Calls `body` once for every pair, the smaller row first.
    func forEach(_ body: (Int, Int) throws -> Void) rethrows {
        for pass in blocks.indices {
            for members in Self.runs(of: blocks[pass]) {
                for (place, left) in members.enumerated() {
                    for right in members[(place + 1)...] where isFirst(pass, left, right) { try body(left, right) }
                }
            }
        }
    }

    /// Whether no earlier pass has the pair as well.
    private func isFirst(_ pass: Int, _ left: Int, _ right: Int) -> Bool {
        for earlier in 0..<pass where blocks[earlier][left] != 0 && blocks[earlier][left] == blocks[earlier][right] { return false }
        return true
    }

    /// The rows of each block of two and more.
    private static func runs(of blocks: [UInt64]) -> [[Int]] {
        var rows = blocks.indices.filter { blocks[$0] != 0 }
        rows.sort { (blocks[$0], $0) < (blocks[$1], $1) }
        var runs: [[Int]] = []
        var start = 0
        for place in 1..<(rows.count + 1) where place == rows.count || blocks[rows[place]] != blocks[rows[start]] {
            if place - start > 1 { runs.append(Array(rows[start..<place])) }
            start = place
        }
        return runs
    }
}
