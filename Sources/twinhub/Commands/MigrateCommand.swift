import EventLog
import Operations
import PostgresClient

/// `twinhub migrate`: the schema, brought up to date.
struct MigrateCommand: Command {
    static let name = "migrate"
    static let abstract = "Bring the database's schema up to date. Safe to repeat, and to run twice at once."

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let done = try Migrations.apply(on: try Connection(hub.conninfo))
        for step in done { context.out.line(step) }
        context.out.line(done.isEmpty ? "The schema was up to date." : "The schema is up to date.")
        return withExtendedLifetime(hub) { .success }
    }
}
