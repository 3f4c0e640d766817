import DigitalTwin
import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub identity …`: which claims of several sources are one thing.
struct IdentityCommand: Command {
    static let name = "identity"
    static let abstract = "Say which claims of several sources are the same thing: learn from them, look at doubtful pairs, join and part them."
    static let discussion = """
        Kinds: \(EntityKind.all.map(\.name).joined(separator: ", ")). Until somebody
        calibrates a kind, only its own keys, places and stewards join its claims. What is learned and what stewards decide are facts in
        the log: a rebuild, and the twin of any moment, use what held then. A claim is named as <kind>/<source>:<key>; a thing by any of its claims.
        """
    static let subcommands: [any Command.Type] = [Review.self, Explain.self, Merge.self, Split.self, Reopen.self, Calibrate.self]

    static let kind = Positional("KIND", "The kind of thing, such as building.")
    static let thing = Positional("THING", "<kind>/<id>: a thing, by its id in the twin or by any of its claims.")
    static let other = Positional("CLAIM", "The other claim: <source>:<key>.")
    static let steward = StewardsPen.steward
    static let reason = StewardsPen.reason
    static let json = Flag("json", "For machines: one JSON document.")

    /// `twinhub identity review KIND`
    struct Review: Command {
        static let name = "review"
        static let abstract = "Show pairs of claims that may be the same thing, the surest first, side by side with what speaks for it."
        static let limit = Option("limit", value: "N", "At most so many.", default: "5")
        static let arguments: [any Argument] = [limit, json, kind]

        struct Pair: Codable {
            let left: String
            let right: String
            let comparison: EntityDesk.Comparison
        }

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            guard let most = Int64(input[limit] ?? ""), most > 0 else { throw UsageError("--limit takes a whole number from 1 on.") }
            let room = try IdentityRoom(kind: input.required(kind), context)
            guard room.desk.calibration != nil else {
                throw CommandError(.failure, "Nobody has calibrated \(room.kind) for these rules: twinhub identity calibrate \(room.kind) --as STEWARD --reason TEXT")
            }
            let rows = try room.owner.query(
                "SELECT left_id, right_id, count(*) OVER () FROM \(IdentityRoom.pairs) p WHERE is_open AND kind = $1 ORDER BY probability DESC, left_id, right_id LIMIT $2",
                [.text(room.kind), .int(most)])
            let pairs = try (0..<rows.count).compactMap { row -> Pair? in
                guard let left = rows.text(row, 0), let right = rows.text(row, 1) else { return nil }
                return try room.desk.compare(ClaimID(left), ClaimID(right)).map { Pair(left: left, right: right, comparison: $0) }
            }
            if input[json] {
                try context.out.json(pairs)
                return room.done()
            }
            for pair in pairs { context.out.write(IdentityText.pair(pair.left, pair.right, pair.comparison) + "\n") }
            let open = rows.int(0, 2) ?? 0
            context.out.line(
                open == 0
                    ? "No pair of \(room.kind) is in doubt."
                    : "\(pairs.count) of \(open) pairs. Decide: twinhub identity merge \(room.kind)/\(pairs.first?.left ?? "A") \(pairs.first?.right ?? "B") --as STEWARD --reason TEXT; or split.")
            return room.done()
        }
    }

    /// `twinhub identity explain THING`
    struct Explain: Command {
        static let name = "explain"
        static let abstract = "Say of which claims a thing is made, and why: the sources' own words, the rules' evidence, stewards' decisions."
        static let arguments: [any Argument] = [json, thing]

        struct Reason: Codable {
            let left: String
            let right: String
            let comparison: EntityDesk.Comparison?
            /// `same` or `different`; nil where no steward has decided.
            let verdict: String?
            let decidedBy: String?
            let reason: String?
            let position: Int64?
        }

        struct Explanation: Codable {
            struct Claim: Codable {
                let claim: String
                let department: String?
                let method: String
            }
            let entity: String
            let claims: [Claim]
            let reasons: [Reason]
        }

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let room = try IdentityRoom(thing: input.required(thing), context)
            let members = try room.members(of: room.id)
            let rows = try room.owner.query(
                "SELECT entity_id, claim_id, department, method FROM \(IdentityRoom.claims) t WHERE kind = $1 AND claim_id = ANY ($2::text[]) ORDER BY method <> 'self', claim_id",
                [.text(room.kind), .text(SQL.array(members.map(\.text)))])
            let claims =
                rows.count == 0
                ? [Explanation.Claim(claim: room.id.text, department: nil, method: "self")]
                : (0..<rows.count).map { Explanation.Claim(claim: rows.text($0, 1) ?? "", department: rows.text($0, 2), method: rows.text($0, 3) ?? "") }
            let found = Explanation(entity: rows.text(0, 0) ?? room.id.text, claims: claims, reasons: try reasons(room, members))
            if input[json] { try context.out.json(found) } else { context.out.write(text(found, room.kind)) }
            return room.done()
        }

        /// Pairs within the thing, and those that reach out of it.
        private static func reasons(_ room: IdentityRoom, _ members: [ClaimID]) throws -> [Reason] {
            let rows = try room.owner.query(
                """
                SELECT left_id, right_id, verdict, decided_by, reason, decision FROM \(IdentityRoom.pairs) t
                 WHERE kind = $1 AND (left_id = ANY ($2::text[]) OR right_id = ANY ($2::text[])) ORDER BY is_same DESC, probability DESC NULLS LAST, left_id, right_id
                """, [.text(room.kind), .text(SQL.array(members.map(\.text)))])
            return try (0..<rows.count).map { row in
                let left = rows.text(row, 0) ?? "", right = rows.text(row, 1) ?? ""
                return Reason(
                    left: left, right: right, comparison: try room.desk.compare(ClaimID(left), ClaimID(right)), verdict: rows.text(row, 2), decidedBy: rows.text(row, 3),
                    reason: rows.text(row, 4), position: rows.int(row, 5))
            }
        }

        private static func text(_ found: Explanation, _ kind: String) -> String {
            var table = Table([.left("claim"), .left("department"), .left("belongs by")])
            for claim in found.claims { table.add([claim.claim, claim.department ?? "", claim.method]) }
            var text = "\(kind)/\(found.entity)\n\(table.rendered)\n"
            for reason in found.reasons {
                if let verdict = reason.verdict {
                    text += "\(reason.left) and \(reason.right): \(verdict), by \(reason.decidedBy ?? "a steward") at position \(reason.position ?? 0): \(reason.reason ?? "")\n"
                }
                if let comparison = reason.comparison { text += IdentityText.pair(reason.left, reason.right, comparison) + "\n" }
            }
            return text
        }
    }
}

/// How pairs are shown.
enum IdentityText {
    static func pair(_ left: String, _ right: String, _ comparison: EntityDesk.Comparison) -> String {
        var table = Table([.left(""), .left(left), .left(right), .left(""), .right("weight")])
        for field in comparison.fields where field.left != nil || field.right != nil {
            table.add([field.attribute, field.left ?? "-", field.right ?? "-", field.agreement, field.weight.map { String(format: "%+.1f", $0) } ?? ""])
        }
        var last = ""
        if let rule = comparison.rule { last += "\(rule): " }
        if let probability = comparison.probability { last += String(format: "the same with probability %.4f", probability) }
        if let veto = comparison.veto { last += "\(last.isEmpty ? "" : "; ")never the same by the rules: \(veto)" }
        return table.rendered + (last.isEmpty ? "" : last + "\n")
    }
}

/// A kind of thing, looked at.
struct IdentityRoom {
    let hub: Hub
    let owner: Connection
    let desk: EntityDesk
    /// The claim that was named; empty where only a kind was.
    let id: ClaimID

    var kind: String { desk.kind.name }

    init(kind: String, _ context: Context) throws { try self.init(kind, id: "", context) }

    init(thing: String, _ context: Context) throws {
        guard let slash = thing.firstIndex(of: "/"), slash > thing.startIndex, thing.index(after: slash) < thing.endIndex else {
            throw UsageError("Name the thing as <kind>/<id>, such as building/osm-buildings:415667804.")
        }
        try self.init(String(thing[..<slash]), id: String(thing[thing.index(after: slash)...]), context)
    }

    private init(_ kind: String, id: String, _ context: Context) throws {
        guard let known = EntityKind.named(kind) else {
            throw UsageError("Claims of \(kind) are not joined. Kinds: \(EntityKind.all.map(\.name).joined(separator: ", ")).")
        }
        hub = try context.openHub()
        owner = try hub.connectAsOwner(application: "twinhub identity")
        guard let desk = try EntityDesk(known, on: owner) else {
            throw CommandError(.configuration, "There is no twin yet, or it was made by an older twinhub. Run `twinhub project`.")
        }
        self.desk = desk
        self.id = ClaimID(id)
    }

    /// Pairs and claims of all kinds: those of people, and what registers say of their homes, stand in views of their own.
    static let pairs = """
        (SELECT kind, left_id, right_id, probability, is_same, verdict, is_open, decided_by, reason, decision FROM twin.identity_pair
         UNION ALL SELECT kind, left_id, right_id, probability, is_same, verdict, is_open, decided_by, reason, decision FROM twin.person_pair)
        """
    static let claims = """
        (SELECT kind, entity_id, claim_id, department, method FROM twin.entity_claim
         UNION ALL SELECT 'person', entity_id, claim_id, department, method FROM twin.person_claim
         UNION ALL SELECT 'dwelling', dwelling_id, resident_id, department, method FROM twin.dwelling_resident)
        """

    /// The claims of the thing that a claim belongs to.
    func members(of id: ClaimID) throws -> [ClaimID] {
        guard let members = try desk.claims(with: id) else {
            throw CommandError(.failure, "No source says anything of \(kind)/\(id.text) now. What there is: \(kind == "person" ? "SELECT id FROM twin.resident" : "SELECT DISTINCT claim_id FROM twin.claim_value WHERE kind = '\(kind)'")")
        }
        return members
    }

    /// The hub was needed up to here.
    func done() -> ExitCode { withExtendedLifetime(hub) { .success } }
}
