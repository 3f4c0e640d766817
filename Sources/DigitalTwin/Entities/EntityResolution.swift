import Foundation
import PostgresClient

/// Finds which claims of one kind are the same thing, on the tables of a generation: inside the transaction that wrote the claims, with
/// their schema first on the search path.
///
/// What it finds depends on the claims, the calibration and the decisions that stand in the tables, and on nothing else: claim by claim, all
/// at once, live and rebuilt it is the same. `Resolver` says what is found, and `IncrementalResolver` how, in memory.
struct EntityResolution {
    let kind: EntityKind
    /// Nil where nobody has calibrated, or for other rules: then only stewards join.
    let calibration: Calibration?
    let connection: Connection

    var isOfBuildings: Bool { kind.name == "building" }
    private var name: String { SQL.literal(kind.name) }

    /// Reads what is known of a kind.
    init(_ kind: EntityKind, on connection: Connection) throws {
        self.kind = kind
        self.connection = connection
        let row = try connection.query("SELECT rules, parameters FROM calibration WHERE kind = $1", [.text(kind.name)])
        calibration = row.text(0, 1).flatMap { Self.calibration($0, rules: row.text(0, 0), kind) }
    }

    /// A calibration that was recorded; nil where it is for other rules.
    static func calibration(_ parameters: String, rules: String?, _ kind: EntityKind) -> Calibration? {
        guard rules == kind.mark, let read = try? JSONDecoder().decode(Calibration.self, from: Data(parameters.utf8)), read.fits(kind.rules) else { return nil }
        return read
    }

    /// Whether anything can be joined at all.
    func isAtWork() throws -> Bool {
        if calibration != nil { return true }
        return try connection.query("SELECT EXISTS (SELECT FROM steward_pair WHERE kind = $1)", [.text(kind.name)]).bool(0, 0)
    }

    private var resolver: Resolver? { calibration.map { Resolver(kind.rules, $0) } }

    // MARK: All at once

    /// Compares all claims, and writes blocks and edges anew.
    /// - Parameter words: the table in which buildings' claims say which building they name or stand in.
    func all(words: String?) throws -> [ClaimID: EntityClusters.Place] {
        try connection.execute("DELETE FROM match_block WHERE kind = \(name); DELETE FROM match_edge WHERE kind = \(name)")
        guard try isAtWork() else { return try words.map { try self.words(in: $0) }.map(Self.alone) ?? [:] }
        var claims = EntityClaims(kind)
        try claims.loadAll(on: connection)
        var clusters = EntityClusters()
        if let resolver { clusters.edges = try compareAll(claims, resolver) }
        if let words { clusters.words = try self.words(in: words) }
        try addDecisions(to: &clusters, where: "true")
        return clusters.places(claims, Array(claims.ids.indices))
    }

    private static func alone(_ words: [ClaimID: EntityClusters.Word]) -> [ClaimID: EntityClusters.Place] {
        words.mapValues { EntityClusters.Place(entity: $0.building, method: $0.method) }
    }

    /// - Returns: the edges that link.
    private func compareAll(_ claims: EntityClaims, _ resolver: Resolver) throws -> [ClaimPair: Double] {
        try connection.copyRows(into: "match_block", ["kind", "block", "id"]) { rows, sent in
            for row in claims.ids.indices {
                for block in claims.blocks(row).sorted() {
                    write(block, claims.ids[row], into: &rows)
                    try sent(&rows)
                }
            }
        }
        var bands = Resolver.PatternWeights(resolver)
        var edges: [ClaimPair: Double] = [:]
        try connection.copyRows(into: "match_edge", Self.edgeColumns) { rows, sent in
            try CandidatePairs(kind.rules, claims.table).forEach { left, right in
                let (band, probability) = bands[claims.pattern(left, right)]
                guard band != .apart else { return }
                let pair = ClaimPair(claims.ids[left], claims.ids[right])
                write(pair, probability, into: &rows)
                if band == .link { edges[pair] = probability }
                try sent(&rows)
            }
        }
        return edges
    }

    // MARK: What a batch touched

    /// Compares the claims that a batch touched, and gathers the things that these are in, or came out of.
    /// - Parameters:
    ///   - touched: claims that are new, have changed, or are gone.
    ///   - ends: claims of which a link may have changed otherwise.
    /// - Returns: by claim, of every claim whose place may be another one, what it is now; those that are gone have none.
    func update(touched: Set<ClaimID>, ends: Set<ClaimID>) throws -> (asked: Set<ClaimID>, places: [ClaimID: EntityClusters.Place]) {
        var claims = EntityClaims(kind)
        var affected = touched.union(ends)
        if let resolver { affected.formUnion(try compare(touched, &claims, resolver)) }
        affected.formUnion(try ids("SELECT o.id FROM \(links) l JOIN \(links) o ON o.entity_id = l.entity_id WHERE l.id = ANY (\(list(affected)))"))
        let (seen, clusters) = try gather(affected)
        try claims.load(seen, on: connection)
        return (seen, clusters.places(claims, seen.compactMap { claims.row($0) }))
    }

    /// Everything that hangs together with some claims, and how.
    private func gather(_ affected: Set<ClaimID>) throws -> (Set<ClaimID>, EntityClusters) {
        var clusters = EntityClusters()
        var seen = affected, frontier = affected
        while !frontier.isEmpty {
            let list = list(frontier)
            var found: Set<ClaimID> = []
            if let calibration {
                for (pair, probability) in try edges(where: "(left_id = ANY (\(list)) OR right_id = ANY (\(list))) AND probability >= \(calibration.linkFrom)") {
                    clusters.edges[pair] = probability
                    found.formUnion([pair.left, pair.right])
                }
            }
            try addDecisions(to: &clusters, where: "(left_id = ANY (\(list)) OR right_id = ANY (\(list)))")
            for (pair, isSame) in clusters.decisions where isSame { found.formUnion([pair.left, pair.right]) }
            if isOfBuildings {
                for (claim, word) in try words(of: frontier) where frontier.contains(claim) || frontier.contains(word.building) {
                    clusters.words[claim] = word
                    found.formUnion([claim, word.building])
                }
            }
            frontier = found.subtracting(seen)
            seen.formUnion(frontier)
        }
        return (seen, clusters)
    }

    /// Brings blocks and edges up to date.
    /// - Returns: the ends of edges that came, went or changed.
    private func compare(_ touched: Set<ClaimID>, _ claims: inout EntityClaims, _ resolver: Resolver) throws -> Set<ClaimID> {
        guard !touched.isEmpty else { return [] }
        try claims.load(touched, on: connection)
        let resized = try moveBlocks(touched, claims)
        let compared = touched.union(try ids("SELECT id FROM match_block WHERE kind = \(name) AND block = ANY (\(numbers(resized)))"))
        // Of each block that is not too large, its claims.
        var members: [Int64: [ClaimID]] = [:]
        let rows = try connection.query(
            """
            SELECT b.block, b.id FROM match_block b WHERE b.kind = \(name) AND b.block IN (
                   SELECT o.block FROM (SELECT DISTINCT m.block FROM match_block m WHERE m.kind = \(name) AND m.id = ANY (\(list(compared)))) o
                    WHERE (SELECT count(*) FROM match_block n WHERE n.kind = \(name) AND n.block = o.block) <= \(kind.rules.largestBlock))
            """)
        for row in 0..<rows.count {
            if let block = rows.int(row, 0), let id = rows.text(row, 1) { members[block, default: []].append(ClaimID(id)) }
        }
        try claims.load(Set(members.values.joined()).union(compared), on: connection)
        var bands = Resolver.PatternWeights(resolver)
        var now: [ClaimPair: Double] = [:]
        for block in members.values {
            for left in block where compared.contains(left) {
                for right in block where right != left {
                    let pair = ClaimPair(left, right)
                    guard now[pair] == nil, let a = claims.row(left), let b = claims.row(right) else { continue }
                    let (band, probability) = bands[claims.pattern(a, b)]
                    if band != .apart { now[pair] = probability }
                }
            }
        }
        return try replaceEdges(of: compared, with: now)
    }

    private func replaceEdges(of compared: Set<ClaimID>, with now: [ClaimPair: Double]) throws -> Set<ClaimID> {
        let list = list(compared)
        let before = try edges(where: "(left_id = ANY (\(list)) OR right_id = ANY (\(list)))")
        let gone = before.filter { now[$0.key] != $0.value }.map(\.key), new = now.filter { before[$0.key] != $0.value }
        if !gone.isEmpty {
            try connection.query(
                "DELETE FROM match_edge e USING unnest($1::text[], $2::text[]) g (a, b) WHERE e.kind = \(name) AND e.left_id = g.a COLLATE \"C\" AND e.right_id = g.b COLLATE \"C\"",
                [.text(SQL.array(gone.map(\.left.text))), .text(SQL.array(gone.map(\.right.text)))])
        }
        try connection.copyRows(into: "match_edge", Self.edgeColumns) { rows, sent in
            for (pair, probability) in new {
                write(pair, probability, into: &rows)
                try sent(&rows)
            }
        }
        return Set((gone + new.keys).flatMap { [$0.left, $0.right] })
    }

    /// - Returns: the blocks that became too large to count, or small enough.
    private func moveBlocks(_ touched: Set<ClaimID>, _ claims: EntityClaims) throws -> Set<Int64> {
        struct Entry: Hashable { let block: Int64, id: ClaimID }
        var before: Set<Entry> = []
        let rows = try connection.query("SELECT block, id FROM match_block WHERE kind = \(name) AND id = ANY (\(list(touched)))")
        for row in 0..<rows.count {
            if let block = rows.int(row, 0), let id = rows.text(row, 1) { before.insert(Entry(block: block, id: ClaimID(id))) }
        }
        let now = Set(touched.flatMap { id in (claims.row(id).map(claims.blocks) ?? []).map { Entry(block: $0, id: id) } })
        let gone = before.subtracting(now), new = now.subtracting(before)
        guard !gone.isEmpty || !new.isEmpty else { return [] }
        let sizes = try sizes(Set(gone.map(\.block)).union(new.map(\.block)))
        if !gone.isEmpty {
            try connection.query(
                "DELETE FROM match_block m USING unnest($1::bigint[], $2::text[]) g (block, id) WHERE m.kind = \(name) AND m.block = g.block AND m.id = g.id COLLATE \"C\"",
                [.text("{" + gone.map { "\($0.block)" }.joined(separator: ",") + "}"), .text(SQL.array(gone.map(\.id.text)))])
        }
        try connection.copyRows(into: "match_block", ["kind", "block", "id"]) { rows, sent in
            for entry in new {
                write(entry.block, entry.id, into: &rows)
                try sent(&rows)
            }
        }
        var change: [Int64: Int] = [:]
        for entry in gone { change[entry.block, default: 0] -= 1 }
        for entry in new { change[entry.block, default: 0] += 1 }
        let limit = kind.rules.largestBlock
        return Set(change.filter { (sizes[$0.key, default: 0] <= limit) != (sizes[$0.key, default: 0] + $0.value <= limit) }.keys)
    }

    private func sizes(_ blocks: Set<Int64>) throws -> [Int64: Int] {
        let rows = try connection.query("SELECT block, count(*) FROM match_block WHERE kind = \(name) AND block = ANY (\(numbers(blocks))) GROUP BY block")
        return Dictionary(uniqueKeysWithValues: (0..<rows.count).map { (rows.int($0, 0) ?? 0, Int(rows.int($0, 1) ?? 0)) })
    }

    // MARK: Tables

    /// Which claims are one thing, as `id` and `entity_id`.
    private var links: String {
        isOfBuildings
            ? "(SELECT id, building_id AS entity_id FROM building_link WHERE kind = 'building')" : "(SELECT id, entity_id FROM entity_link WHERE kind = \(name))"
    }

    private static let edgeColumns = ["kind", "left_id", "right_id", "probability"]

    private func write(_ pair: ClaimPair, _ probability: Double, into row: inout BinaryCopyWriter) {
        row.row(columns: 4)
        row.text(kind.name)
        row.text(pair.left.text)
        row.text(pair.right.text)
        row.double(probability)
    }

    private func write(_ block: Int64, _ id: ClaimID, into row: inout BinaryCopyWriter) {
        row.row(columns: 3)
        row.text(kind.name)
        row.int8(block)
        row.text(id.text)
    }

    private func list(_ ids: Set<ClaimID>) -> String { SQL.literal(SQL.array(ids.sorted().map(\.text))) + "::text[]" }
    private func numbers(_ numbers: Set<Int64>) -> String { "'{\(numbers.sorted().map(String.init).joined(separator: ","))}'::bigint[]" }

    private func ids(_ statement: String) throws -> Set<ClaimID> {
        let rows = try connection.query(statement)
        return Set((0..<rows.count).compactMap { rows.text($0, 0).map(ClaimID.init) })
    }

    private func edges(where condition: String) throws -> [ClaimPair: Double] {
        var edges: [ClaimPair: Double] = [:]
        try connection.copyOut("COPY (SELECT left_id, right_id, probability FROM match_edge WHERE kind = \(name) AND \(condition)) TO STDOUT (FORMAT binary)") { message in
            var row = BinaryRow(message)
            guard let left = row.text(), let right = row.text(), let bits = row.int8() else { return }
            edges[ClaimPair(ClaimID(left), ClaimID(right))] = Double(bitPattern: UInt64(bitPattern: bits))
        }
        return edges
    }

    private func addDecisions(to clusters: inout EntityClusters, where condition: String) throws {
        let rows = try connection.query("SELECT left_id, right_id, is_same FROM steward_pair WHERE kind = \(name) AND \(condition)")
        for row in 0..<rows.count {
            if let left = rows.text(row, 0), let right = rows.text(row, 1) { clusters.decisions[ClaimPair(ClaimID(left), ClaimID(right))] = rows.bool(row, 2) }
        }
    }

    private func words(in table: String) throws -> [ClaimID: EntityClusters.Word] {
        var words: [ClaimID: EntityClusters.Word] = [:]
        try connection.copyOut("COPY (SELECT id, building_id, method FROM \(table) WHERE kind = 'building') TO STDOUT (FORMAT binary)") { message in
            var row = BinaryRow(message)
            if let id = row.text(), let building = row.text(), let method = row.text() { words[ClaimID(id)] = .init(building: ClaimID(building), method: method) }
        }
        return words
    }

    /// What some claims of buildings say by themselves, and those that name them or stand in their outlines.
    private func words(of claims: Set<ClaimID>) throws -> [ClaimID: EntityClusters.Word] {
        try connection.execute(TwinSQL.derive("probe_buildings").replacing("{ids}", with: list(claims)) + ";" + TwinSQL.probedLinks)
        return try words(in: "base_link")
    }
}
