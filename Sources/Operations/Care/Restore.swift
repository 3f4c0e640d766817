import EventLog
import Foundation
import PostgresClient

/// Brings a backup into an empty database, and makes sure that it is what was backed up.
package struct Restore {
    /// Rebuilds the twin from the log's facts alone: up to a position, into tables in the schema `<schema>_tables`.
    package typealias Rebuild = (_ connection: Connection, _ position: Int64, _ schema: String) throws -> Void

    /// How long each step took.
    package struct Times: Sendable {
        package var restored_s = 0.0
        package var verified_s = 0.0
        /// nil where the twin was not rebuilt.
        package var rebuilt_s: Double?
        package var total_s: Double { restored_s + verified_s + (rebuilt_s ?? 0) }
    }

    private let backup: BackupFolder
    private let isCancelled: () -> Bool
    private let report: (String) -> Void
    private var manifest: BackupManifest { backup.manifest }

    /// - Parameter report: told before each step that takes long.
    package init(_ backup: BackupFolder, isCancelled: @escaping () -> Bool = { false }, report: @escaping (String) -> Void = { _ in }) {
        self.backup = backup
        self.isCancelled = isCancelled
        self.report = report
    }

    /// Into an empty hub. Everything or nothing is restored; then the chain is verified, and the log has a new epoch.
    package func run(into home: HubHome, conninfo: String) throws -> (epoch: String, times: Times) {
        let connection = try Connection(conninfo, application: "twinhub restore")
        try checkEmpty(connection)
        let times = try load(into: conninfo, connection)
        try LastVerification.note(manifest.heads, home, on: connection)
        return (try connection.query("SELECT epoch FROM hub.log").text(0, 0) ?? "", times)
    }

    /// What is wrong with the keys in a hub's folder, seen from this backup: they are no part of it.
    package func problemsWithKeys(_ home: HubHome) throws -> [String] {
        try KeyFiles(home).problems(with: manifest.keys.mapValues { hex in
            stride(from: 0, to: hex.utf8.count - 1, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
        })
    }

    /// Restores into a server that is thrown away, verifies the chain, rebuilds the twin from the facts and compares it with
    /// the twin that was backed up.
    ///
    /// - Parameters:
    ///   - folder: where that server lies meanwhile; has to have room for the whole database.
    ///   - twinMark: of the tables that `rebuild` makes; a twin of other tables is not comparable.
    package func rehearse(in folder: String, twinMark: String, rebuild: Rebuild) throws -> (times: Times, note: String?) {
        try checkRoom(folder)
        report("starting a server for the rehearsal")
        let scratch = try ScratchServer(directory: folder)
        defer { withExtendedLifetime(scratch) {} }
        if manifest.hub != EmbeddedServer.database {
            try Connection(scratch.server.conninfo()).execute("CREATE DATABASE \(SQL.identifier(manifest.hub))")
        }
        let conninfo = scratch.server.conninfo(database: manifest.hub)
        let connection = try Connection(conninfo, application: "twinhub rehearsal")
        var times = try load(into: conninfo, connection)
        guard let twin = manifest.twin else { return (times, "There is no twin in the backup.") }
        guard twin.mark == twinMark else { return (times, "The twin in the backup has the tables of another twinhub: it was not rebuilt.") }
        let archived = try connection.query("SELECT count(*) FROM hub.leaf WHERE archived_at IS NOT NULL").int(0, 0) ?? 0
        guard archived == 0 else { return (times, "\(archived) partitions of the log are archived, so the twin was not rebuilt.") }
        report("rebuilding the twin")
        let clock = ContinuousClock.now
        try rebuild(connection, twin.position, "rehearsal")
        let expected = manifest.tables.filter { $0.schema == twin.tables }
        let rebuilt = try connection.transaction { connection in
            try connection.execute(TableDigest.settings)
            return try TableDigest.all(in: "rehearsal_tables", on: connection).map { $0.moved(to: twin.tables) }
        }
        try compare(expected, rebuilt, "The twin that is rebuilt from the facts is not the one that was backed up")
        times.rebuilt_s = (ContinuousClock.now - clock) / .seconds(1)
        return (times, nil)
    }

    /// Notes in the hub itself that this backup of it was restored with success.
    /// - Returns: false where the hub is not the one that was backed up.
    package func noteRehearsal(_ times: Times, on connection: Connection) throws -> Bool {
        guard try connection.query("SELECT extract(epoch FROM created_at)::text = $1 FROM hub.log", [.text(manifest.log)]).bool(0, 0) else { return false }
        try connection.query(
            """
            INSERT INTO hub.backup (name, taken_at, position, bytes, folder, rehearsed_at, rehearsal_seconds) VALUES ($1, $2, $3, $4, $5, now(), $6)
            ON CONFLICT (name) DO UPDATE SET rehearsed_at = excluded.rehearsed_at, rehearsal_seconds = excluded.rehearsal_seconds
            """,
            [
                .text(manifest.name), .text(manifest.takenAt), .int(manifest.lastPosition), .int(Int64(manifest.bytes)), .text(backup.path),
                .double(times.total_s),
            ])
        return true
    }

    // MARK: -

    private func checkEmpty(_ connection: Connection) throws {
        let rows = try connection.query(
            "SELECT to_regclass('hub.log') IS NOT NULL, to_regnamespace('hub') IS NOT NULL OR to_regnamespace('twin') IS NOT NULL, rolsuper FROM pg_roles WHERE rolname = current_user")
        if rows.bool(0, 0) {
            let facts = try connection.query("SELECT coalesce(max(position), 0) FROM hub.event").int(0, 0) ?? 0
            throw OperationsError(
                .configuration, "This hub has a log, up to position \(facts). A restore never overwrites.",
                advice: "Restore into a new clone, or an empty database; or move this hub's data away first (`twinhub server status` says where they are).")
        }
        guard !rows.bool(0, 1) else {
            throw OperationsError(.configuration, "The database has a schema hub or twin already.", advice: "Restore into an empty database.")
        }
        guard rows.bool(0, 2) else {
            throw OperationsError(
                .configuration, "Only a superuser can restore: the backup holds PostGIS, roles and rights on the server's own functions.",
                advice: "Set TWINHUB_DATABASE to a superuser's connection for the time of the restore.")
        }
    }

    private func checkRoom(_ folder: String) throws(OperationsError) {
        guard let space = DiskSpace(at: (folder as NSString).deletingLastPathComponent) else { return }
        let needed = manifest.databaseBytes + manifest.databaseBytes / 2 + space.reserve([:])
        guard space.free >= needed else {
            throw OperationsError(
                .configuration, "The rehearsal needs \(sizeText(needed)); \(sizeText(space.free)) are free.", where: folder,
                advice: "Make room, or rehearse on another machine.")
        }
    }

    private func load(into conninfo: String, _ connection: Connection) throws -> Times {
        var times = Times()
        var clock = ContinuousClock.now
        let name = try Migrations.hubName(on: connection)
        guard name == manifest.hub else {
            throw OperationsError(
                .configuration, "The backup is of the hub \(manifest.hub), the database is called \(name): the names of its roles would not fit.",
                advice: "Restore into a database of the name \(manifest.hub).")
        }
        guard manifest.migration <= (Migrations.steps.last?.number ?? 0) else {
            throw OperationsError(.configuration, "The backup was taken by a newer twinhub (\(manifest.program)).", advice: "Restore with that one.")
        }
        report("checking the backup's \(manifest.files.count) files")
        try backup.check { _ in if isCancelled() { throw OperationsError(.transient, "It was cancelled.") } }
        report("restoring \(manifest.facts) facts")
        try makeRoles(connection)
        let program = try ClientProgram("pg_restore", forServer: connection.serverVersion / 10_000)
        try program.run(
            ["--single-transaction", "--exit-on-error", "--format=directory", "\(backup.path)/dump"], on: conninfo, isCancelled: isCancelled) {}
        try compareRestored(connection)
        // Before anything else: positions after the backup will be drawn again, for other facts.
        try connection.query("SELECT hub.renew_epoch()")
        try Migrations.apply(on: connection, renewing: true)
        try renewProjectors(connection)
        try connection.execute("ANALYZE")
        times.restored_s = (ContinuousClock.now - clock) / .seconds(1)

        report("verifying the chain")
        clock = ContinuousClock.now
        let verified = try ChainVerifier(connection).verify(pinned: manifest.heads) { _ in
            if isCancelled() { throw OperationsError(.transient, "It was cancelled.") }
        }
        if let finding = verified.findings.first {
            throw OperationsError(
                .data, "The restored log is not the one that was backed up: \(finding).", where: backup.path, advice: "Take another backup.")
        }
        times.verified_s = (ContinuousClock.now - clock) / .seconds(1)
        return times
    }

    /// Roles belong to the whole server, and are no part of the dump that names them.
    private func makeRoles(_ connection: Connection) throws {
        try connection.transaction { connection in
            for role in manifest.roles where try connection.query("SELECT FROM pg_roles WHERE rolname = $1", [.text(role.name)]).count == 0 {
                try connection.execute("CREATE ROLE \(SQL.identifier(role.name)) \(role.canLogIn ? "LOGIN" : "NOLOGIN")")
            }
            for role in manifest.roles {
                for group in role.groups {
                    let rows = try connection.query("SELECT pg_has_role($1, $2, 'MEMBER')", [.text(role.name), .text(group)])
                    if !rows.bool(0, 0) { try connection.execute("GRANT \(SQL.identifier(group)) TO \(SQL.identifier(role.name))") }
                }
            }
        }
    }

    /// That a projector's sessions act as their group is a setting of the database, and no part of the dump.
    private func renewProjectors(_ connection: Connection) throws {
        for login in try Roles.logins(on: connection) where login.kind == Roles.Kind.projector.rawValue {
            try Roles.makeLogin(login.name, .projector, on: connection)
        }
    }

    private func compareRestored(_ connection: Connection) throws {
        let schemas = Set(manifest.tables.map(\.schema)).sorted()
        let found = try connection.transaction { connection in
            try connection.execute(TableDigest.settings)
            return try schemas.flatMap { try TableDigest.all(in: $0, on: connection) }
        }
        try compare(manifest.tables, found, "What was restored is not what was backed up")
    }

    private func compare(_ expected: [TableDigest], _ found: [TableDigest], _ sentence: String) throws(OperationsError) {
        let differing = expected.filter { !found.contains($0) }
        guard differing.isEmpty, found.count == expected.count else {
            let names = differing.map { table in
                let rows = found.first { $0.schema == table.schema && $0.table == table.table }?.rows
                return "\(table.schema).\(table.table) (\(table.rows) rows; now \(rows.map { $0 == table.rows ? "others" : "\($0)" } ?? "none"))"
            }
            throw OperationsError(
                .data, "\(sentence): \(names.isEmpty ? "there are other tables" : names.joined(separator: ", ")).", where: backup.path,
                advice: "Keep it for an examination, and take another backup.")
        }
    }
}
