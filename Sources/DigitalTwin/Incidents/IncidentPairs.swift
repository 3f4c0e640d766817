/// Reports side by side: those that share a block, and those about which a steward decided.
struct IncidentPairs {
    /// What is said of two reports.
    struct Judged {
        enum Band: String { case link, review, merged, split }

        /// The smaller id first.
        let left: String
        let right: String
        let band: Band
        let probability: Double
        /// By attribute, as JSON.
        let evidence: String
        /// How surely they are linked; nil where they are not. A steward's word is above all.
        var strength: Double? {
            switch band {
            case .link: probability
            case .merged: .infinity
            case .review, .split: nil
            }
        }
    }

    let resolver: Resolver
    private(set) var reports: [IncidentReport] = []
    private var rows: [ClaimID: Int] = [:]
    private(set) var table = ClaimTable(IncidentRules.rules.attributes)
    private var weights: Resolver.PatternWeights
    /// Reads reports for these pairs; it remembers addresses.
    var reader = ReportReader()

    init(_ decisions: StewardDecisions) {
        resolver = Resolver(IncidentRules.rules, IncidentRules.weights, decisions: decisions, apartBelow: IncidentRules.apartBelow)
        weights = Resolver.PatternWeights(resolver)
    }

    mutating func add(_ report: IncidentReport) {
        guard !contains(report.id) else { return }
        rows[ClaimID(report.id)] = reports.count
        reports.append(report)
        table.append(report.id, report.values)
    }

    func contains(_ id: String) -> Bool { rows[ClaimID(id)] != nil }

    /// - Returns: nil where they are neither linked nor to be looked at, and where one of them is not here.
    mutating func judge(_ a: String, _ b: String) -> Judged? {
        guard let left = rows[ClaimID(a)], let right = rows[ClaimID(b)], left != right else { return nil }
        return judge(rows: left, right)
    }

    /// All that the rules say of two reports; nil where one of them is not here.
    func judgement(_ a: String, _ b: String) -> Resolver.Judgement? {
        guard let left = rows[ClaimID(a)], let right = rows[ClaimID(b)] else { return nil }
        return resolver.judge(table, left, right)
    }

    /// The same of two rows.
    mutating func judge(rows a: Int, _ b: Int) -> Judged? {
        let found: Judged.Band
        if let decision = resolver.decisions.decision(reports[a].id, reports[b].id) {
            found = decision ? .merged : .split
        } else {
            let (band, _) = weights[resolver.rules.pattern(table, a, b)]
            guard band != .apart else { return nil }
            found = band == .link ? .link : .review
        }
        return ClaimID(reports[a].id) < ClaimID(reports[b].id) ? judged(a, b, found) : judged(b, a, found)
    }

    private func judged(_ left: Int, _ right: Int, _ band: Judged.Band) -> Judged {
        let judgement = resolver.judge(table, left, right)
        var members = judgement.evidence.filter { $0.level > 0 }.map { "\"\($0.attribute)\":{\"level\":\($0.level),\"weight\":\(Self.tenths($0.weight))}" }
        if let veto = judgement.veto { members.append("\"veto\":\"\(veto)\"") }
        return Judged(
            left: reports[left].id, right: reports[right].id, band: band, probability: judgement.probability, evidence: "{\(members.joined(separator: ","))}")
    }

    private static func tenths(_ weight: Double) -> Double { (weight * 10).rounded() / 10 }

    /// Gathers reports that are linked into incidents.
    /// - Parameter ids: whole components of links.
    /// - Returns: for each report that is not alone the one that was received first, which stands for the incident.
    func gather(_ ids: some Sequence<String>, _ pairs: [Judged]) -> [(report: String, incident: String)] {
        let links = pairs.compactMap { pair -> Link? in
            guard let strength = pair.strength, let left = rows[ClaimID(pair.left)], let right = rows[ClaimID(pair.right)] else { return nil }
            return Link(left: left, right: right, strength: strength)
        }
        let things = resolver.cluster(Set(ids.compactMap { rows[ClaimID($0)] }), links, table)
        var incidents: [Int: [Int]] = [:]
        for (row, thing) in things { incidents[thing, default: []].append(row) }
        var found: [(report: String, incident: String)] = []
        for members in incidents.values where members.count > 1 {
            var first = members[0]
            for row in members where (reports[row].at, ClaimID(reports[row].id)) < (reports[first].at, ClaimID(reports[first].id)) { first = row }
            for row in members { found.append((reports[row].id, reports[first].id)) }
        }
        return found.sorted { $0.report < $1.report }
    }

    /// Calls `body` once for every two reports that share a block, the row that was added first before the other.
    func forEachCandidate(_ body: (Int, Int) -> Void) {
        var entries = reports.indices.flatMap { row in reports[row].blocks.map { (block: $0, row: row) } }
        entries.sort { ($0.block, $0.row) < ($1.block, $1.row) }
        var runs: [ArraySlice<(block: Int64, row: Int)>] = []
        var tooLarge: Set<Int64> = []
        var start = 0
        for place in 1..<(entries.count + 1) where place == entries.count || entries[place].block != entries[start].block {
            if place - start > IncidentRules.largestBlock { tooLarge.insert(entries[start].block) } else if place - start > 1 { runs.append(entries[start..<place]) }
            start = place
        }
        // Of the blocks that two share the smallest counts: found by walking two short sorted lists.
        let blocks = reports.map { report in report.blocks.filter { !tooLarge.contains($0) }.sorted() }
        for run in runs {
            for left in run.indices {
                for right in run.indices[(left + 1)...] where Self.firstShared(blocks[run[left].row], blocks[run[right].row]) == run[left].block {
                    body(run[left].row, run[right].row)
                }
            }
        }
    }

    private static func firstShared(_ a: [Int64], _ b: [Int64]) -> Int64? {
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] { return a[i] }
            if a[i] < b[j] { i += 1 } else { j += 1 }
        }
        return nil
    }
}
