import EventLog
import PostgresClient

/// People and services that come from other machines.
package enum Visitors {
    /// How far one may go.
    package struct Limits: Sendable {
        /// How long one statement may run.
        package var statement_s = 300
        /// How many sessions at a time.
        package var connections = 10
        package init() {}
    }

    /// Makes a login for an analyst or a consumer with a password and limits. Safe to repeat: the password stays.
    /// - Returns: the role's name.
    package static func add(
        _ name: String, _ kind: Roles.Kind, password: String, limits: Limits = Limits(), on connection: Connection
    ) throws -> String {
        let role = try Roles.makeLogin(name, kind, on: connection, password: password)
        let identifier = SQL.identifier(role)
        try connection.execute(
            """
            ALTER ROLE \(identifier) CONNECTION LIMIT \(limits.connections);
            ALTER ROLE \(identifier) SET statement_timeout = '\(limits.statement_s)s';
            ALTER ROLE \(identifier) SET idle_in_transaction_session_timeout = '10min'
            """)
        // A consumer writes down its progress.
        if kind == .analyst { try connection.execute("ALTER ROLE \(identifier) SET default_transaction_read_only = on") }
        return role
    }
}
