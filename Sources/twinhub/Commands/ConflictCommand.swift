import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub conflict …`: where departments disagree, and who decides.
struct ConflictCommand: Command {
    static let name = "conflict"
    static let abstract = "List where departments disagree about the same thing, and decide whose word stands."
    static let subcommands: [any Command.Type] = [List.self, Resolve.self, Reopen.self]

    static let thing = Positional("THING", "<kind>/<id>, as in twin.conflict.")
    static let attribute = Positional("ATTRIBUTE", "The attribute, such as floors.")
    static let steward = StewardsPen.steward
    static let reason = StewardsPen.reason

    /// `twinhub conflict list`
    struct List: Command {
        static let name = "list"
        static let abstract = "List conflicts, the widest first; and how often each two departments disagree."
        static let all = Flag("all", "Resolved ones too.")
        static let share = Flag("share", "How often each two departments disagree, in place of the conflicts.")
        static let limit = Option("limit", value: "N", "At most so many.", default: "50")
        static let arguments: [any Argument] = [all, share, limit]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            guard let most = Int64(input[limit] ?? ""), most > 0 else { throw UsageError("--limit takes a whole number from 1 on.") }
            let hub = try context.openHub()
            let connection = try hub.connectAsOwner(application: "twinhub conflict")
            _ = try TwinThing.parse("building/", on: connection)
            context.out.write(try input[share] ? shares(connection, most) : conflicts(connection, most, all: input[all]))
            return withExtendedLifetime(hub) { .success }
        }

        private static func shares(_ connection: Connection, _ most: Int64) throws -> String {
            var table = Table([.left("attribute"), .left("departments"), .right("compared"), .right("differ"), .right("share")])
            let rows = try connection.query(
                """
                SELECT kind || ' ' || attribute, department || ', ' || other_department, compared::text, differing::text, share::text
                  FROM twin.conflict_share ORDER BY share DESC, compared DESC, 1, 2 LIMIT $1
                """, [.int(most)])
            for row in 0..<rows.count { table.add((0..<5).map { rows.text(row, $0) ?? "" }) }
            return table.isEmpty ? "No two departments describe the same thing yet.\n" : table.rendered
        }

        private static func conflicts(_ connection: Connection, _ most: Int64, all: Bool) throws -> String {
            var table = Table([.left("thing"), .left("attribute"), .left("what each department says"), .right("apart"), .left("status")])
            let rows = try connection.query(
                """
                SELECT kind || '/' || entity_id, attribute, (SELECT string_agg(key || ' ' || value, ', ' ORDER BY key) FROM jsonb_each_text(words)),
                       coalesce(round(difference::numeric, 1)::text, ''), CASE status WHEN 'open' THEN status ELSE coalesce(resolved_by, status) || ': ' || chosen END
                  FROM twin.conflict WHERE status = 'open' OR $2::boolean ORDER BY difference DESC NULLS LAST, 1, 2 LIMIT $1
                """, [.int(most), .text(all ? "true" : "false")])
            for row in 0..<rows.count { table.add((0..<5).map { rows.text(row, $0) ?? "" }) }
            return table.isEmpty ? "No department disagrees with another beyond the tolerances.\n" : table.rendered
        }
    }

    /// `twinhub conflict resolve THING ATTRIBUTE --for SOURCE --as STEWARD --reason TEXT`
    struct Resolve: Command {
        static let name = "resolve"
        static let abstract = "Decide whose word stands for one attribute of one thing. The decision is a fact in the log."
        static let winner = Option("for", value: "SOURCE", "The source, department or claim whose word stands.", required: true)
        static let arguments: [any Argument] = [winner, steward, reason, thing, attribute]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let desk = try StewardsDesk(input, context)
            let word = try input.required(winner)
            let claims = try desk.owner.query(
                """
                SELECT claim_id FROM twin.claim_value WHERE kind = $1 AND entity_id = $2 AND attribute = $3 AND $4 IN (claim_id, source, department)
                 ORDER BY claim_id <> $4, source <> $4, since DESC, claim_id
                """, [.text(desk.kind), .text(desk.id), .text(desk.attribute), .text(word)])
            guard let chosen = claims.text(0, 0) else {
                throw CommandError(.failure, "\(word) says nothing of it. Who does: twinhub explain \(desk.kind)/\(desk.id) \(desk.attribute)")
            }
            return try desk.tell("conflict.resolved", ["entity_kind": desk.kind, "entity": desk.id, "attribute": desk.attribute, "chosen": chosen])
        }
    }

    /// `twinhub conflict reopen THING ATTRIBUTE --as STEWARD --reason TEXT`
    struct Reopen: Command {
        static let name = "reopen"
        static let abstract = "Take a decision back: the rule decides again."
        static let arguments: [any Argument] = [steward, reason, thing, attribute]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            try StewardsDesk(input, context).tell("conflict.reopened", [:])
        }
    }
}

/// Where a steward decides about one attribute of one thing.
private struct StewardsDesk {
    let owner: Connection
    let kind: String
    let id: String
    let attribute: String
    private let pen: StewardsPen
    private let context: Context

    init(_ input: ParsedArguments, _ context: Context) throws {
        self.context = context
        let hub = try context.openHub()
        owner = try hub.connectAsOwner(application: "twinhub conflict")
        (kind, id) = try TwinThing.parse(try input.required(ConflictCommand.thing), on: owner)
        attribute = try input.required(ConflictCommand.attribute)
        pen = try StewardsPen(input, of: "conflict", hub, owner)
    }

    /// Appends the decision, unless the last one says the same.
    func tell(_ type: String, _ members: [String: String]) throws -> ExitCode {
        try pen.tell(pen.event(type, "conflict/\(kind)/\(id)/\(attribute)", members), context)
    }
}
