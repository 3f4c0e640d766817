import Foundation
import PostgresClient

/// What a steward sees of one kind of thing: claims side by side, with what is compared and how much it weighs. Reads the twin's current
/// tables, and changes nothing.
package final class EntityDesk {
    package let kind: EntityKind
    private let connection: Connection
    private let resolution: EntityResolution

    /// What the rules believe; nil where nobody has calibrated, or for other rules.
    package var calibration: Calibration? { resolution.calibration }

    /// - Parameter connection: of the hub's owner, used by this desk alone: its search path changes.
    /// - Returns: nil where there is no twin.
    package init?(_ kind: EntityKind, on connection: Connection) throws {
        self.kind = kind
        self.connection = connection
        guard try connection.query("SELECT to_regclass('twin.generation') IS NOT NULL AND to_regclass('twin.identity_pair') IS NOT NULL").bool(0, 0),
            let number = try connection.query("SELECT number FROM twin.generation").int(0, 0)
        else { return nil }
        try connection.execute("SET search_path = twin_g\(number), public")
        resolution = try EntityResolution(kind, on: connection)
    }

    // MARK: Things and decisions

    /// The claims of the thing that a claim belongs to, itself included; nil where there is no such claim.
    package func claims(with id: ClaimID) throws -> [ClaimID]? {
        var claims = EntityClaims(kind)
        try claims.load([id], on: connection)
        guard claims.row(id) != nil else { return nil }
        let links = kind.name == "building" ? "(SELECT id, building_id AS entity_id FROM building_link WHERE kind = 'building')" : "(SELECT id, entity_id FROM entity_link WHERE kind = \(SQL.literal(kind.name)))"
        let rows = try connection.query("SELECT o.id FROM \(links) l JOIN \(links) o USING (entity_id) WHERE l.id = $1 ORDER BY o.id", [.text(id.text)])
        let found = (0..<rows.count).compactMap { rows.text($0, 0).map(ClaimID.init) }
        return found.isEmpty ? [id] : found
    }

    /// What stewards have decided between two lists of claims and not taken back: whether they are one thing.
    package func decisions(between some: [ClaimID], _ others: [ClaimID]) throws -> [ClaimPair: Bool] {
        let rows = try connection.query(
            "SELECT left_id, right_id, is_same FROM steward_pair WHERE kind = $1 AND (left_id = ANY ($2::text[]) AND right_id = ANY ($3::text[]) OR left_id = ANY ($3::text[]) AND right_id = ANY ($2::text[]))",
            [.text(kind.name), .text(SQL.array(some.map(\.text))), .text(SQL.array(others.map(\.text)))])
        return Dictionary(
            (0..<rows.count).map { (ClaimPair(ClaimID(rows.text($0, 0) ?? ""), ClaimID(rows.text($0, 1) ?? "")), rows.bool($0, 2)) }, uniquingKeysWith: { $1 })
    }

    // MARK: Side by side

    /// One attribute of two claims.
    package struct Field: Codable, Sendable {
        package let attribute: String
        /// What is compared; nil where a claim says nothing. Encodings are not shown.
        package let left: String?
        package let right: String?
        /// `equal`, `missing`, `alike` or `different`.
        package let agreement: String
        /// How much it speaks for the same thing (above 0) or against it, as the binary logarithm of the odds.
        package let weight: Double?
    }

    /// Two claims side by side.
    package struct Comparison: Codable, Sendable {
        /// That they are the same thing by the rules; nil where nobody has calibrated.
        package let probability: Double?
        /// Why the rules say that they cannot be.
        package let veto: String?
        /// The agreement by which they are one thing, or about which a steward is asked, whatever the weights say.
        package let rule: String?
        package let fields: [Field]
    }

    /// - Returns: nil where one of the claims is not there.
    package func compare(_ a: ClaimID, _ b: ClaimID) throws -> Comparison? {
        var claims = EntityClaims(kind)
        try claims.load([a, b], on: connection)
        guard let left = claims.row(a), let right = claims.row(b) else { return nil }
        let texts = (left: try texts(of: a), right: try texts(of: b))
        let pattern = claims.pattern(left, right)
        let fields = kind.rules.attributes.enumerated().map { number, attribute in
            let level = pattern[number]
            func shown(_ texts: [String?]) -> String? { texts[number].map { attribute.form == .encoding ? "(encoded)" : $0 } }
            return Field(
                attribute: attribute.name, left: shown(texts.left), right: shown(texts.right),
                agreement: level == 0 ? "missing" : level == 1 ? "equal" : level == attribute.levels - 1 ? "different" : "alike",
                weight: kind.rules.isLearned ? calibration?.weight(attribute: number, level: level) : nil)
        }
        let veto = kind.rules.veto(pattern)?.name
        let rule = veto == nil ? (kind.rules.keys + kind.rules.doubts).first { $0.holds(pattern) }?.name : nil
        return Comparison(probability: calibration.map { Resolver(kind.rules, $0).band(pattern).probability }, veto: veto, rule: rule, fields: fields)
    }

    private func texts(of id: ClaimID) throws -> [String?] {
        for source in kind.sources {
            let rows = try connection.query(kind.statement(source, where: "c.id = $1"), [.text(id.text)])
            guard rows.count > 0 else { continue }
            var cells = (1...source.cells.count).map { rows.text(0, $0) }
            EntityKind.replace(try AddressAliases(on: connection), in: &cells, source, at: rows.text(0, source.cells.count + 1))
            return kind.texts(id, cells)
        }
        return Array(repeating: nil, count: kind.rules.attributes.count)
    }

    // MARK: Calibrating

    /// What the resolver learns from the claims that are there.
    package struct Learned {
        package let calibration: Calibration
        /// How many claims it was learned from, and how many pairs share a block.
        package let claims: Int
        package let pairs: Int
        /// How many of these pairs it would link, and how many it would have reviewed.
        package let linked: Int
        package let toReview: Int
    }

    /// Learns from all claims; their truth nobody need know.
    package func learn(linkFrom: Double, reviewFrom: Double) throws -> Learned {
        var claims = EntityClaims(kind)
        try claims.loadAll(on: connection)
        var calibration = Calibration(kind.rules, learningFrom: claims.table)
        calibration.linkFrom = linkFrom
        calibration.reviewFrom = reviewFrom
        let resolver = Resolver(kind.rules, calibration)
        var bands = Resolver.PatternWeights(resolver)
        var pairs = 0, linked = 0, toReview = 0
        CandidatePairs(kind.rules, claims.table).forEach { left, right in
            pairs += 1
            switch bands[claims.pattern(left, right)].0 {
            case .link: linked += 1
            case .review: toReview += 1
            case .apart: break
            }
        }
        return Learned(calibration: calibration, claims: claims.ids.count, pairs: pairs, linked: linked, toReview: toReview)
    }
}
