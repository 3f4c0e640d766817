import DigitalTwin
import EventLog
import Operations
import PostgresClient
import Projections

/// `twinhub twin-at TIME|POSITION --schema NAME`: the whole twin as it was known.
struct TwinAtCommand: Command {
    static let name = "twin-at"
    static let abstract = "Build the whole twin as it was known at a moment or a position, in a schema of its own."
    static let discussion = """
        A moment is the position that was settled then (hub.tick): asked twice, the rows are the same, whatever was open at the
        time. The twin that is read goes on as it is. Whoever was erased since is in no twin of any moment; which source's word
        stands goes by the rules of today and the stewards' decisions of then. One thing as of a moment, and all its versions, give
        twin.building_at(valid, recorded, id) and twin.building_history(id), and so of the other kinds.
        """
    static let moment = Positional("MOMENT", "A time, such as 2026-06-30T12:00:00+08:00 or '2026-06-30 12:00' (the server's zone), or a position.", .optional)
    static let schema = Option("schema", value: "NAME", "The schema for its views: a new one. Its tables go to NAME_tables.", required: true)
    static let valid = Option("valid", value: "TIME", "Of what was known, only what counted by this time in the world.")
    static let drop = Flag("drop", "Drop what an earlier twin-at built there.")
    static let json = Flag("json", "For machines: what was built, as one JSON document.")
    static let arguments: [any Argument] = [schema, valid, drop, json, moment]

    struct Outcome: Codable {
        let schema: String
        let position: Int64
        let facts: Int
    }

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let name = try input.required(schema)
        guard name.wholeMatch(of: /[a-z][a-z0-9_]{0,50}/) != nil, !name.hasPrefix("pg_"), !name.hasPrefix("twin_g"), !["twin", "hub", "public"].contains(name) else {
            throw UsageError("--schema takes a new name of lower-case letters, digits and underscores; not twin, hub or public.")
        }
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner(application: "twinhub twin-at")
        let word = input[moment]
        guard input[drop] != (word != nil) else { throw UsageError("'\(input.path)' takes a moment, or --drop.") }
        if input[drop] {
            guard try TwinSnapshots.drop(name, on: connection) else { throw CommandError(.failure, "No twin-at built a schema \(name).") }
            context.out.line("Dropped \(name) and \(name)_tables.")
            return withExtendedLifetime(hub) { .success }
        }
        let position = try self.position(of: word ?? "", on: connection)
        var counted: Timestamp?
        if let word = input[valid] {
            guard let time = Timestamp(iso8601: word) else { throw UsageError("--valid takes a time such as 2026-06-30T12:00:00+08:00, not '\(word)'.") }
            counted = time
        }
        let bar = Progress(context.err, "folding")
        var facts = 0
        let projector = Projector(
            connection,
            progress: { state in
                try Cancellation.check()
                facts = state.facts
                bar.update(state.facts, note: "facts, position \(state.position) of \(state.upTo), \(state.phase.rawValue)")
            }, make: { TwinProjection() })
        try TwinSnapshots.build(name, at: position, valid: counted, with: projector, on: connection)
        bar.finish("The twin as of position \(position) is in \(name): SELECT * FROM \(name).building")
        if input[json] { try context.out.json(Outcome(schema: name, position: position, facts: facts)) }
        return withExtendedLifetime(hub) { .success }
    }

    /// A position as it is; a time's by the last tick up to it.
    private static func position(of word: String, on connection: Connection) throws -> Int64 {
        if let position = Int64(word) {
            guard position >= 0 else { throw UsageError("A position is 0 or more.") }
            return position
        }
        do {
            // What is settled now is written down first; a second that is not over may still get a tick.
            try connection.query("SELECT hub.record_tick()")
            let row = try connection.query(
                "SELECT hub.position_at($1::timestamptz), $1::timestamptz < date_trunc('second', clock_timestamp()), (SELECT min(at) <= $1::timestamptz FROM hub.tick)",
                [.text(word)])
            guard row.bool(0, 1) else { throw CommandError(.failure, "\(word) is not over yet. Name a moment before this second.") }
            guard row.bool(0, 2) else { throw CommandError(.failure, "Nothing was written down as settled before \(word): SELECT min(at) FROM hub.tick") }
            return row.int(0, 0) ?? 0
        } catch let error as PostgresError where error.sqlState?.hasPrefix("22") == true {
            throw UsageError("'\(word)' is neither a position nor a time such as 2026-06-30T12:00:00+08:00.")
        }
    }
}

/// Twins as of a position, beside the one that is read: told from other schemas by their comments.
enum TwinSnapshots {
    private static let mark = "The twin as of position "

    static func build(_ name: String, at position: Int64, valid: Timestamp?, with projector: Projector, on connection: Connection) throws {
        let taken = try connection.query("SELECT nspname FROM pg_namespace WHERE nspname = ANY ($1::text[]) ORDER BY 1 LIMIT 1", [.text("{\(name),\(name)_tables}")])
        if let schema = taken.text(0, 0) {
            throw CommandError(.failure, "The schema \(schema) exists. Choose another name, or drop it: twinhub twin-at --schema \(name) --drop")
        }
        do {
            try projector.build(asOf: position, valid: valid, schema: name)
            let analysts = SQL.identifier("\(try Migrations.hubName(on: connection))_analyst")
            // The name may be a word of SQL's.
            let schema = SQL.identifier(name)
            try connection.transaction { connection in
                try connection.execute(
                    """
                    COMMENT ON SCHEMA \(schema) IS '\(mark)\(position) (历史孪生)'; GRANT USAGE ON SCHEMA \(schema) TO \(analysts);
                    GRANT SELECT ON ALL TABLES IN SCHEMA \(schema) TO \(analysts);
                    REVOKE ALL ON \(schema).resident, \(schema).person_claim, \(schema).person_pair, \(schema).dwelling_resident FROM \(analysts)
                    """)
            }
        } catch {
            try? projector.dropBuilt(schema: name)
            throw error
        }
    }

    /// - Returns: whether there was one.
    static func drop(_ name: String, on connection: Connection) throws -> Bool {
        guard try all(on: connection).contains(name) else { return false }
        try connection.execute("DROP SCHEMA IF EXISTS \(SQL.identifier(name)), \(SQL.identifier(name + "_tables")) CASCADE")
        return true
    }

    static func all(on connection: Connection) throws -> [String] {
        let rows = try connection.query("SELECT nspname FROM pg_namespace WHERE starts_with(obj_description(oid, 'pg_namespace'), $1) ORDER BY 1", [.text(mark)])
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }
}
