import PostgresClient

/// The roles of a hub. Groups hold the privileges (`Schemas/sql/privileges`); people and services log in as roles of their own.
///
/// Roles belong to the whole server, so each bears the hub's name: `<hub>_analyst`, `<hub>_analyst_wang`. The owner is
/// whoever ran `twinhub migrate`.
package enum Roles {
    /// What a role is for.
    package enum Kind: String, Sendable, CaseIterable {
        /// Writes one source's facts. Its login roles are made by `Sources.register`.
        case adapter
        /// Reads the twin and how the hub is.
        case analyst
        /// Folds the log into the twin.
        case projector
        /// Sees facts and refusals, and decides.
        case steward
        /// Reads facts in order, to pass them on.
        case consumer

        /// The group that holds the privileges.
        package func group(of hub: String) -> String { "\(hub)_\(rawValue)" }
    }

    /// Makes a login role, or leaves the one there is.
    ///
    /// A projector's sessions act as its group: every projector may then replace what another one made, and views made by
    /// the owner before are handed over.
    /// - Parameters:
    ///   - name: lower-case letters and digits.
    ///   - connection: of the hub's owner.
    ///   - password: where the server asks for one; nil leaves what there is.
    /// - Returns: the role's name, `<hub>_<kind>_<name>`.
    @discardableResult
    package static func makeLogin(_ name: String, _ kind: Kind, on connection: Connection, password: String? = nil) throws -> String {
        let hub = try Migrations.hubName(on: connection)
        guard kind != .adapter else {
            throw LogError(.badName, "An adapter's role comes with its source: register the source instead.")
        }
        let role = "\(kind.group(of: hub))_\(name)"
        guard !name.isEmpty, name != "adapter", role.utf8.count <= 63, name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) }) else {
            throw LogError(.badName, "The role's name \(name) may hold lower-case letters and digits only, and be no longer than 63 bytes with the hub's name.")
        }
        try connection.transaction { connection in
            try make("\(SQL.identifier(role)) LOGIN IN ROLE \(SQL.identifier(kind.group(of: hub)))", named: role, on: connection)
            if let password { try setPassword(password, of: role, on: connection) }
            if kind == .projector {
                let group = kind.group(of: hub)
                try connection.execute(
                    "ALTER ROLE \(SQL.identifier(role)) IN DATABASE \(SQL.identifier(hub)) SET role = \(SQL.literal(group))")
                try handOverTwin(to: group, on: connection)
            }
        }
        return role
    }

    /// A role that somebody logs in as.
    package struct Login: Sendable, Hashable, Codable {
        /// `<hub>_<kind>_<name>`.
        package let role: String
        package let kind: String
        /// What `makeLogin` was given; of an adapter the source's name.
        package let name: String
        /// Open sessions.
        package let sessions: Int
    }

    /// Everyone who may log in to this hub, but its owner and superusers.
    package static func logins(on connection: Connection) throws -> [Login] {
        let hub = try Migrations.hubName(on: connection)
        let rows = try connection.query(
            """
            SELECT r.rolname, k.kind, coalesce(s.name, substr(r.rolname, length(g.rolname) + 2)),
                   (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid AND a.datname = current_database())
              FROM unnest($2::text[]) k (kind)
              JOIN pg_roles g ON g.rolname = $1 || '_' || k.kind
              JOIN pg_auth_members m ON m.roleid = g.oid
              JOIN pg_roles r ON r.oid = m.member AND r.rolcanlogin AND starts_with(r.rolname, g.rolname || '_')
              LEFT JOIN hub.source s ON k.kind = 'adapter' AND r.rolname = $1 || '_adapter_' || s.id
             ORDER BY k.kind, 3
            """, [.text(hub), .text("{" + Kind.allCases.map(\.rawValue).joined(separator: ",") + "}")])
        return (0..<rows.count).map {
            Login(role: rows.text($0, 0) ?? "", kind: rows.text($0, 1) ?? "", name: rows.text($0, 2) ?? "", sessions: Int(rows.int($0, 3) ?? 0))
        }
    }

    /// Ends a login's sessions and drops it. An adapter's stays: its facts bear its source's number.
    package static func dropLogin(_ role: String, on connection: Connection) throws {
        let all = try logins(on: connection)
        guard let login = all.first(where: { $0.role == role }) else {
            let known = all.filter { $0.kind != Kind.adapter.rawValue }.map(\.role).joined(separator: ", ")
            throw LogError(.badName, "There is no login role \(role) of this hub.\(known.isEmpty ? "" : " There are: \(known).")")
        }
        guard login.kind != Kind.adapter.rawValue else {
            throw LogError(.badName, "\(role) is the role of the source \(login.name), which keeps it for good.")
        }
        let owned = try connection.query(
            """
            SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_shdepend d JOIN pg_database b ON b.oid = d.dbid
             WHERE b.datname = current_database() AND d.refobjid = $1::regrole AND d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o' LIMIT 3
            """, [.text(SQL.identifier(role))])
        guard owned.count == 0 else {
            let things = (0..<owned.count).compactMap { owned.text($0, 0) }.joined(separator: ", ")
            throw LogError(
                .badName,
                "\(role) owns what it made (\(things)). Give that to somebody first: REASSIGN OWNED BY \(role) TO another role, in `twinhub psql`.")
        }
        // Nobody logs in any more when the last session is gone.
        try connection.execute("ALTER ROLE \(SQL.identifier(role)) NOLOGIN")
        try connection.query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1", [.text(role)])
        // What was granted to it by hand goes too.
        try connection.execute("BEGIN; DROP OWNED BY \(SQL.identifier(role)); DROP ROLE \(SQL.identifier(role)); COMMIT")
    }

    static func setPassword(_ password: String, of role: String, on connection: Connection) throws(PostgresError) {
        let verifier = try connection.passwordVerifier(password, role: role)
        try connection.execute("ALTER ROLE \(SQL.identifier(role)) PASSWORD \(SQL.literal(verifier))")
    }

    /// Makes the groups that are missing.
    /// - Returns: whether any was.
    static func makeGroups(hub: String, on connection: Connection) throws -> Bool {
        var made = false
        for kind in Kind.allCases {
            let group = kind.group(of: hub)
            if try make("\(SQL.identifier(group)) NOLOGIN", named: group, on: connection) { made = true }
        }
        return made
    }

    static func makeAdapter(_ role: String, hub: String, on connection: Connection) throws {
        try make("\(SQL.identifier(role)) LOGIN IN ROLE \(SQL.identifier(Kind.adapter.group(of: hub)))", named: role, on: connection)
    }

    /// Roles are no part of a database's dump: after a restore elsewhere the sources' ones are missing.
    static func remakeAdapters(hub: String, on connection: Connection) throws {
        let rows = try connection.query("SELECT id FROM hub.source ORDER BY id")
        for row in 0..<rows.count {
            if let id = rows.int(row, 0) { try makeAdapter("\(hub)_adapter_\(id)", hub: hub, on: connection) }
        }
    }

    @discardableResult
    private static func make(_ definition: String, named role: String, on connection: Connection) throws -> Bool {
        guard try connection.query("SELECT FROM pg_roles WHERE rolname = $1", [.text(role)]).count == 0 else { return false }
        try connection.execute("CREATE ROLE \(definition)")
        return true
    }

    /// What an owner's projector made before there was a role for it.
    private static func handOverTwin(to group: String, on connection: Connection) throws {
        let rows = try connection.query(
            """
            SELECT format('ALTER SCHEMA %I OWNER TO %I', n.nspname, $1::text)
              FROM pg_namespace n WHERE n.nspname ~ '^twin(_g[0-9]+)?$'
            UNION ALL
            SELECT format('ALTER %s %I.%I OWNER TO %I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END,
                          n.nspname, c.relname, $1::text)
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname ~ '^twin(_g[0-9]+)?$' AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
            """, [.text(group)])
        for row in 0..<rows.count {
            if let statement = rows.text(row, 0) { try connection.execute(statement) }
        }
    }
}
