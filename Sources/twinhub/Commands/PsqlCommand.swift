import Operations

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `twinhub psql …`: psql takes this process's place, and with it its hold on the server.
struct PsqlCommand: Command {
    static let name = "psql"
    static let abstract = "Open psql on the hub's database; further words are psql's own."
    static let discussion = """
        twinhub psql                                          an interactive session
        twinhub psql -Atc "select count(*) from twin.building"
        """
    static let words = Rest("PSQL-ARGUMENTS", "Handed on to psql as they are.")
    static let arguments: [any Argument] = [words]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        var program = findProgram("psql")
        if hub.isEmbedded, let installed = try? hub.home.server.installation().path("psql"), access(installed, X_OK) == 0 {
            program = installed
        }
        guard let program else {
            throw CommandError(.configuration, "psql is not installed. Install PostgreSQL's client (Debian: postgresql-client).")
        }
        // A password in the list of arguments would be seen by everyone on this machine.
        var connection = try ConnectionString(parsing: hub.conninfo)
        if let password = connection.settings.removeValue(forKey: "password") { setenv("PGPASSWORD", password, 1) }
        hub.keepAcrossExec()
        let arguments = ([program, "-d", connection.text] + input.all(words)).map { strdup($0) }
        execv(program, arguments + [nil])
        throw CommandError(.configuration, "psql cannot be started: \(String(cString: strerror(errno))).")
    }
}
