import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub explain building/… [ATTRIBUTE]`: why a value is as it is.
struct ExplainCommand: Command {
    static let name = "explain"
    static let abstract = "Say why a value of the twin is as it is: every claim, the rule, and whose word stands."
    static let discussion = """
        The rules are rows of hub.survivorship_rule; hub.set_survivorship sets one. What a steward decided
        (`twinhub conflict resolve`) goes before every rule.
        """
    static let thing = Positional("THING", "<kind>/<id>, as in the twin: building/…, pipe/…, sensor/…, compound/…, dwelling/…, entrance/…, case/…")
    static let attribute = Positional("ATTRIBUTE", "One attribute alone, such as height_m.", .optional)
    static let json = Flag("json", "For machines: one JSON document.")
    static let arguments: [any Argument] = [thing, attribute, json]

    /// One value and how it came about.
    struct Explanation: Codable {
        struct Loser: Codable {
            let claim: String
            let department: String
            let value: String
            let since: String
            let position: Int64
        }

        let attribute: String
        let value: String
        let claim: String
        let department: String
        let since: String
        let position: Int64
        let rule: String
        /// Position of the steward's decision that chose the claim.
        let decision: Int64?
        /// The ranked sources of the rule.
        let sources: [String]
        let losers: [Loser]?
    }

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner(application: "twinhub explain")
        let (kind, id) = try TwinThing.parse(try input.required(thing), on: connection)
        let rows = try connection.query(
            """
            SELECT json_build_object('attribute', p.attribute, 'value', p.value, 'claim', p.claim_id, 'department', p.department, 'since', p.since,
                       'position', p.position, 'rule', p.rule, 'decision', p.decision, 'losers', p.losers,
                       'sources', coalesce((SELECT r.sources FROM hub.survivorship_rule r JOIN hub.survivorship_now n USING (kind, attribute, valid_from)
                                             WHERE r.kind = p.kind AND r.attribute = p.attribute ORDER BY r.set_at DESC LIMIT 1), '{}'))
              FROM twin.provenance p WHERE p.kind = $1 AND p.entity_id = $2 AND ($3::text IS NULL OR p.attribute = $3) ORDER BY p.attribute
            """, [.text(kind), .text(id), .text(input[attribute])])
        let found = try (0..<rows.count).compactMap { row in
            try rows.text(row, 0).map { try JSONDecoder().decode(Explanation.self, from: Data($0.utf8)) }
        }
        guard !found.isEmpty else {
            throw CommandError(.failure, "Nobody says anything of \(input[attribute].map { "\($0) of " } ?? "")\(kind)/\(id). What there is: SELECT * FROM twin.claim_value")
        }
        if input[json] { try context.out.json(found) } else { context.out.write(text(found, "\(kind)/\(id)")) }
        return withExtendedLifetime(hub) { .success }
    }

    private static func text(_ found: [Explanation], _ thing: String) -> String {
        var table = Table([.left("attribute"), .left(""), .left("value"), .left("who says so"), .left("since"), .right("position")])
        for value in found {
            table.add([value.attribute, "stands", value.value, "\(value.department) (\(value.claim))", String(value.since.prefix(10)), "\(value.position)"])
            for loser in value.losers ?? [] {
                table.add(["", loser.value == value.value ? "agrees" : "not", loser.value, "\(loser.department) (\(loser.claim))", String(loser.since.prefix(10)), "\(loser.position)"])
            }
            table.add(["", "by", why(value)])
        }
        return "\(thing)\n\(table.rendered)"
    }

    private static func why(_ value: Explanation) -> String {
        if let decision = value.decision { return "a steward's decision, at position \(decision)" }
        guard value.losers != nil else { return "nobody else says anything" }
        return value.rule == "trusted_source" ? "trusted_source: \(value.sources.joined(separator: ", ")); then the most recent" : value.rule
    }
}

/// A thing of the twin, as a command line names it.
enum TwinThing {
    /// - Returns: kind and id.
    static func parse(_ word: String, on connection: Connection) throws -> (kind: String, id: String) {
        guard try connection.query("SELECT to_regclass('twin.provenance') IS NOT NULL").bool(0, 0) else {
            throw CommandError(.configuration, "There is no twin yet, or it was made by an older twinhub. Run `twinhub project`.")
        }
        guard let slash = word.firstIndex(of: "/"), slash > word.startIndex else {
            throw UsageError("Name the thing as <kind>/<id>, such as building/osm-buildings:415667804.")
        }
        return (String(word[..<slash]), String(word[word.index(after: slash)...]))
    }
}
