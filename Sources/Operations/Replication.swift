import EventLog
import PostgresClient

/// What others may follow by PostgreSQL's logical replication: the publications `twinhub_log` and `twinhub_twin`.
package enum Replication {
    /// A table of a publication.
    package struct Published: Sendable, Hashable, Codable {
        package let publication: String
        package let table: String
    }

    /// Publishes tables behind the twin beside its changes; each rebuild publishes those of the new generation instead.
    /// - Throws: `configuration` for a name that is no table of the current generation.
    package static func publish(_ tables: [String], on connection: Connection) throws {
        let generation = try currentGeneration(on: connection)
        let rows = try connection.query("SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1", [.text(generation)])
        let known = (0..<rows.count).compactMap { rows.text($0, 0) }
        if let unknown = tables.first(where: { !known.contains($0) }) {
            throw OperationsError(
                .configuration, "\(unknown) is no table behind the twin.",
                advice: "Views cannot be published; the tables are: \(known.joined(separator: ", ")).")
        }
        try connection.transaction { connection in
            for table in tables {
                try connection.query("INSERT INTO hub.published_table (name) VALUES ($1) ON CONFLICT DO NOTHING", [.text(table)])
            }
            try connection.query("SELECT hub.publish_generation($1)", [.text(generation)])
        }
    }

    /// Takes tables out of the publication again.
    package static func unpublish(_ tables: [String], on connection: Connection) throws {
        let generation = try currentGeneration(on: connection)
        try connection.transaction { connection in
            for table in tables { try connection.query("DELETE FROM hub.published_table WHERE name = $1", [.text(table)]) }
            try connection.query("SELECT hub.publish_generation($1)", [.text(generation)])
        }
    }

    private static func currentGeneration(on connection: Connection) throws -> String {
        guard try connection.query("SELECT to_regclass('twin.generation') IS NOT NULL").bool(0, 0),
            let number = try connection.query("SELECT number FROM twin.generation").int(0, 0)
        else { throw OperationsError(.configuration, "There is no twin yet.", advice: "Run `twinhub project` first.") }
        return "twin_g\(number)"
    }

    /// The tables that are published now.
    package static func published(on connection: Connection) throws(PostgresError) -> [Published] {
        let rows = try connection.query(
            "SELECT pubname, schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname IN ('twinhub_log', 'twinhub_twin') ORDER BY 1, 2")
        return (0..<rows.count).map { Published(publication: rows.text($0, 0) ?? "", table: rows.text($0, 1) ?? "") }
    }

    /// Drops a slot that nobody uses any more.
    package static func dropSlot(_ name: String, on connection: Connection) throws {
        let rows = try connection.query("SELECT active FROM pg_replication_slots WHERE slot_name = $1", [.text(name)])
        guard rows.count > 0 else { throw OperationsError(.configuration, "There is no replication slot \(name).", advice: "`twinhub status` lists them.") }
        guard !rows.bool(0, 0) else {
            throw OperationsError(.transient, "Somebody is connected to the slot \(name).", advice: "End that program first.")
        }
        try connection.query("SELECT pg_drop_replication_slot($1)", [.text(name)])
    }
}
