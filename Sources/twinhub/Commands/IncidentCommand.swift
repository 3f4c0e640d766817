import Operations
import PostgresClient

/// `twinhub incident …`: which cases are reports of one incident, why, and who decides.
struct IncidentCommand: Command {
    static let name = "incident"
    static let abstract = "List which cases are reports of one incident, see why, and decide where the weights are wrong."
    static let subcommands: [any Command.Type] = [List.self, Show.self, Merge.self, Split.self, Undo.self]

    static let first = Positional("CASE", "A case: <source>:<number>, as in twin.incident_report.")
    static let second = Positional("OTHER", "The other case.")
    static let steward = StewardsPen.steward
    static let reason = StewardsPen.reason

    /// `twinhub incident list`
    struct List: Command {
        static let name = "list"
        static let abstract = "List incidents with several reports, the latest first; or pairs that a steward should look at."
        static let review = Flag("review", "Pairs that may be one incident, the likeliest first, in place of the incidents.")
        static let limit = Option("limit", value: "N", "At most so many.", default: "50")
        static let arguments: [any Argument] = [review, limit]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            guard let most = Int64(input[limit] ?? ""), most > 0 else { throw UsageError("--limit takes a whole number from 1 on.") }
            let hub = try context.openHub()
            let connection = try IncidentTwin.connect(hub)
            context.out.write(try input[review] ? pairs(connection, most) : incidents(connection, most))
            return withExtendedLifetime(hub) { .success }
        }

        private static func incidents(_ connection: Connection, _ most: Int64) throws -> String {
            var table = Table([.left("incident"), .left("about"), .left("first reported"), .right("reports"), .left("channels"), .right("open"), .right("weakest link")])
            let rows = try connection.query(
                """
                SELECT id, concat_ws(' / ', category, subcategory), to_char(first_reported_at, 'YYYY-MM-DD HH24:MI'), reports::text,
                       array_to_string(channels, ', '), open_reports::text, coalesce(round(weakest_link::numeric, 3)::text, '')
                  FROM twin.incident WHERE reports > 1 ORDER BY last_reported_at DESC, id LIMIT $1
                """, [.int(most)])
            for row in 0..<rows.count { table.add((0..<7).map { rows.text(row, $0) ?? "" }) }
            return table.isEmpty ? "No incident has more than one report yet.\n" : table.rendered
        }

        private static func pairs(_ connection: Connection, _ most: Int64) throws -> String {
            var table = Table([.left("case"), .left("other"), .left("about"), .left("other about"), .right("apart"), .right("probability")])
            let rows = try connection.query(
                """
                SELECT p.first_case, p.second_case, concat_ws(' / ', a.category, a.subcategory), concat_ws(' / ', b.category, b.subcategory),
                       to_char(abs(extract(epoch FROM a.received_at - b.received_at)) / 3600, 'FM990.0') || ' h', round(p.probability::numeric, 3)::text
                  FROM twin.incident_pair p
                  JOIN twin."case" a ON a.id = p.first_case
                  JOIN twin."case" b ON b.id = p.second_case
                 WHERE p.band = 'review' AND NOT p.is_same ORDER BY p.probability DESC, 1, 2 LIMIT $1
                """, [.int(most)])
            for row in 0..<rows.count { table.add((0..<6).map { rows.text(row, $0) ?? "" }) }
            return table.isEmpty ? "Nothing is to be looked at.\n" : table.rendered
        }
    }

    /// `twinhub incident show CASE`
    struct Show: Command {
        static let name = "show"
        static let abstract = "Show the incident of a case: its reports, and by what evidence they hang together."
        static let arguments: [any Argument] = [first]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let connection = try IncidentTwin.connect(hub)
            let id = try IncidentTwin.known(try input.required(first), on: connection)
            let rows = try connection.query(
                """
                SELECT r.case_id, coalesce(r.channel, ''), concat_ws(' / ', r.category, r.subcategory), to_char(r.received_at, 'YYYY-MM-DD HH24:MI'),
                       coalesce(r.status, ''), CASE r.linked_by WHEN 'merged' THEN 'steward' WHEN 'link' THEN round(r.probability::numeric, 3)::text ELSE '' END,
                       coalesce(r.linked_to, ''), coalesce((SELECT string_agg(CASE WHEN jsonb_typeof(e.value) = 'object'
                         THEN e.key || ' ' || (e.value ->> 'level') || ' (' || (e.value ->> 'weight') || ')' ELSE e.key END, ', ' ORDER BY e.key)
                         FROM jsonb_each(r.evidence::jsonb) e), '')
                  FROM twin.incident_report r WHERE r.incident_id = (SELECT incident_id FROM twin.incident_report WHERE case_id = $1)
                 ORDER BY r.received_at, r.case_id
                """, [.text(id)])
            var table = Table([
                .left("report"), .left("channel"), .left("about"), .left("received"), .left("status"), .right("sure"), .left("agrees best with"),
                .left("level and weight"),
            ])
            for row in 0..<rows.count { table.add((0..<8).map { rows.text(row, $0) ?? "" }) }
            context.out.write(table.rendered)
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub incident merge CASE OTHER --as STEWARD --reason TEXT`
    struct Merge: Command {
        static let name = "merge"
        static let abstract = "Decide that two cases are reports of one incident. The decision is a fact in the log, and wins over the weights."
        static let arguments: [any Argument] = [steward, reason, first, second]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            try IncidentDesk(input, context).tell("incident.decided", verdict: "merged")
        }
    }

    /// `twinhub incident split CASE OTHER --as STEWARD --reason TEXT`
    struct Split: Command {
        static let name = "split"
        static let abstract = "Decide that two cases are reports of different incidents: they stand in one again only where stewards merge both with a third."
        static let arguments: [any Argument] = [steward, reason, first, second]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            try IncidentDesk(input, context).tell("incident.decided", verdict: "split")
        }
    }

    /// `twinhub incident undo CASE OTHER --as STEWARD --reason TEXT`
    struct Undo: Command {
        static let name = "undo"
        static let abstract = "Take a decision about two cases back: the weights decide again."
        static let arguments: [any Argument] = [steward, reason, first, second]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            try IncidentDesk(input, context).tell("incident.undecided", verdict: nil)
        }
    }
}

private enum IncidentTwin {
    static func connect(_ hub: Hub) throws -> Connection {
        let connection = try hub.connectAsOwner(application: "twinhub incident")
        guard try connection.query("SELECT to_regclass('twin.incident') IS NOT NULL").bool(0, 0) else {
            throw CommandError(.failure, "There is no twin with incidents yet. Fold the log: twinhub project")
        }
        return connection
    }

    /// - Returns: the case's id, where the twin knows it.
    static func known(_ id: String, on connection: Connection) throws -> String {
        guard try connection.query("SELECT EXISTS (SELECT FROM twin.\"case\" WHERE id = $1)", [.text(id)]).bool(0, 0) else {
            throw CommandError(.failure, "The twin has no case \(id). Cases are named <source>:<number>: twinhub incident list")
        }
        return id
    }
}

/// Where a steward decides about two cases.
private struct IncidentDesk {
    /// The smaller id first: a pair has one subject.
    private let first: String
    private let second: String
    private let pen: StewardsPen
    private let context: Context

    init(_ input: ParsedArguments, _ context: Context) throws {
        self.context = context
        let hub = try context.openHub()
        let owner = try IncidentTwin.connect(hub)
        let one = try IncidentTwin.known(try input.required(IncidentCommand.first), on: owner)
        let other = try IncidentTwin.known(try input.required(IncidentCommand.second), on: owner)
        guard one != other else { throw UsageError("A case is one with itself. Name two cases.") }
        (first, second) = one < other ? (one, other) : (other, one)
        pen = try StewardsPen(input, of: "incident", hub, owner)
    }

    /// Appends the decision, unless the last one says the same.
    func tell(_ type: String, verdict: String?) throws -> ExitCode {
        let members = verdict.map { ["first_case": first, "second_case": second, "verdict": $0] } ?? [:]
        return try pen.tell(pen.event(type, "incident/\(first)/\(second)", members), context)
    }
}
