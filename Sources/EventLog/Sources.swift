import PostgresClient

/// Registers sources: a row in `hub.source` and a login role of its own for each.
package enum Sources {
    /// What a manifest says of its source.
    package struct Description: Sendable, Hashable {
        /// The adapter's name: lower-case letters, digits and hyphens.
        package let name: String
        package let uri: String
        package let department: String
        package let owner: String?

        package init(name: String, uri: String, department: String, owner: String? = nil) {
            self.name = name
            self.uri = uri
            self.department = department
            self.owner = owner
        }
    }

    /// A source and the role that writes for it.
    package struct Registered: Sendable, Hashable {
        package let id: Int32
        /// `<hub>_adapter_<id>`.
        package let role: String
    }

    /// The department of the sources whose facts are decisions.
    package static let hubsOwn = "hub"

    /// Registers a source, or brings its description up to date; a repeated call changes nothing.
    ///
    /// Takes no lock on the log: an analyst's open transaction does not hold it up.
    /// - Parameters:
    ///   - connection: of the hub's owner.
    ///   - password: for the role, where the server asks for one; nil leaves what there is.
    ///   - decides: whether it is the hub's own, whose facts are decisions (`DecisionWriter`): its role is a steward as well.
    ///   - reads: whether its facts come from other facts: its role reads the log, as a consumer does.
    package static func register(
        _ source: Description, on connection: Connection, password: String? = nil, decides: Bool = false, reads: Bool = false
    ) throws -> Registered {
        guard !source.name.isEmpty, source.name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) else {
            throw LogError(.badName, "The source's name \(source.name) may hold lower-case letters, digits and hyphens only.")
        }
        guard decides || (source.department != hubsOwn && source.name != ErasureLog.source.name) else {
            throw LogError(
                .badName,
                "The name \(ErasureLog.source.name) and the department \(hubsOwn) are the hub's own, whose facts are stewards' decisions: give \(source.name) others.")
        }
        let hub = try Migrations.hubName(on: connection)
        return try connection.transaction { connection in
            // Two registrations at once: the second waits here, and finds the role made.
            let rows = try connection.query(
                """
                INSERT INTO hub.source (name, uri, department, owner) VALUES ($1, $2, $3, $4)
                ON CONFLICT (name) DO UPDATE SET uri = excluded.uri, department = excluded.department, owner = excluded.owner
                RETURNING id
                """, [.text(source.name), .text(source.uri), .text(source.department), .text(source.owner)])
            let id = Int32(rows.int(0, 0) ?? 0)
            let role = "\(hub)_adapter_\(id)"
            try Roles.makeAdapter(role, hub: hub, on: connection)
            if decides {
                try connection.execute("GRANT \(SQL.identifier(Roles.Kind.steward.group(of: hub))) TO \(SQL.identifier(role))")
            }
            if reads { try connection.execute("GRANT \(SQL.identifier(Roles.Kind.consumer.group(of: hub))) TO \(SQL.identifier(role))") }
            if let password { try Roles.setPassword(password, of: role, on: connection) }
            return Registered(id: id, role: role)
        }
    }
}
