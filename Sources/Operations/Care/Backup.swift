import EventLog
import Foundation
import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Copies a hub's database into a folder, while it is used.
///
/// By pg_dump, not by pg_basebackup: it needs no more than the owner's role, works with a server elsewhere, takes this
/// database and not others that live on that server, can be restored by a newer PostgreSQL, and reads every fact on its way.
/// One snapshot, exported, serves the dump and the figures in the manifest: they are of the same moment.
package struct Backup {
    private let home: HubHome
    private let conninfo: String
    /// twinhub's version.
    private let program: String

    package init(_ home: HubHome, conninfo: String, program: String) {
        self.home = home
        self.conninfo = conninfo
        self.program = program
    }

    /// Writes `<folder>/<hub>-<time>`, whole or not at all, and notes it in the hub.
    package func take(to folder: String, isCancelled: () -> Bool = { false }) throws -> (path: String, manifest: BackupManifest, sha256: String) {
        let connection = try Connection(conninfo, application: "twinhub backup")
        try Migrations.check(on: connection)
        let dump = try ClientProgram("pg_dump", forServer: connection.serverVersion / 10_000)
        let parent = try prepare(folder)
        let hub = try Migrations.hubName(on: connection)
        return try connection.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") { connection in
            let now = try connection.query("SELECT pg_export_snapshot(), to_char(now(), 'YYYYMMDD\"T\"HH24MISS\"Z\"'), now()")
            let name = "\(hub)-\(now.text(0, 1) ?? "")"
            let path = "\(parent)/\(name)"
            guard access(path, F_OK) != 0 else {
                throw OperationsError(.transient, "A backup of this second is there already.", where: path, advice: "Take the next one a second later.")
            }
            let draft = path + ".part"
            try makeFolder(draft, mode: 0o700)
            var isWhole = false
            defer { if !isWhole { try? FileManager.default.removeItem(atPath: draft) } }
            let described = try dump.run(
                ["--format=directory", "--jobs=2", "--compress=3", "--snapshot=\(now.text(0, 0) ?? "")", "--file=\(draft)/dump"], on: conninfo,
                isCancelled: isCancelled
            ) {
                try describe(name: name, takenAt: now.timestamp(0, 2)?.description ?? "", hub: hub, on: connection)
            }
            let manifest = described(try BackupFolder.files(below: draft))
            let text = try manifest.text
            try writePrivateText(text, to: "\(draft)/\(BackupManifest.fileName)")
            guard rename(draft, path) == 0 else {
                throw OperationsError(.configuration, "The backup cannot be given its name: \(systemMessage()).", where: path)
            }
            isWhole = true
            try note(manifest, path)
            return (path, manifest, SHA256.digest(Array(text.utf8)).hexadecimal)
        }
    }

    /// The folder for backups. Never one with keys in it: whoever finds both can undo the pseudonyms.
    private func prepare(_ folder: String) throws(OperationsError) -> String {
        try makeFolderIfMissing(folder)
        guard let real = realPath(folder), let keys = realPath(home.keys) else {
            throw OperationsError(.configuration, "The folder cannot be entered.", where: folder)
        }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: real)) ?? []
        if (real + "/").hasPrefix(keys + "/") || (keys + "/").hasPrefix(real + "/") || files.contains(where: { $0.hasSuffix(".key") }) {
            throw OperationsError(
                .configuration, "Backups and keys must not lie in the same folder: together they tell whose the pseudonyms are.", where: real,
                advice: "Name another folder, best on another disk.")
        }
        return real
    }

    private func makeFolderIfMissing(_ folder: String) throws(OperationsError) {
        if access(folder, F_OK) != 0 { try makeFolder(folder, mode: 0o700) }
    }

    /// The figures of the snapshot; gives the manifest when it is told the files.
    private func describe(
        name: String, takenAt: String, hub: String, on connection: Connection
    ) throws -> ([BackupManifest.File]) -> BackupManifest {
        try connection.execute(TableDigest.settings)
        let log = try connection.query(
            """
            SELECT epoch, extract(epoch FROM created_at), (SELECT coalesce(max(position), 0) FROM hub.event), (SELECT count(*) FROM hub.event),
                   (SELECT max(number) FROM public.twinhub_migration), pg_database_size(current_database()), current_setting('server_version')
              FROM hub.log
            """)
        let twin = try twin(on: connection)
        let tables = try TableDigest.all(in: "hub", on: connection) + (twin.map { try TableDigest.all(in: $0.tables, on: connection) } ?? [])
        let heads = try ChainVerifier(connection).heads()
        let roles = try Self.roles(of: hub, on: connection)
        let keys = try KeyFiles.noted(on: connection).mapValues(\.hexadecimal)
        let (epoch, made, server) = (log.text(0, 0) ?? "", log.text(0, 1) ?? "", log.text(0, 6) ?? "")
        let (last, facts, migration, size) = (log.int(0, 2) ?? 0, log.int(0, 3) ?? 0, Int(log.int(0, 4) ?? 0), Int(log.int(0, 5) ?? 0))
        return { files in
            BackupManifest(
                format: BackupManifest.currentFormat, name: name, takenAt: takenAt, program: program, server: server, hub: hub, epoch: epoch, log: made,
                lastPosition: last, facts: facts, heads: heads, migration: migration, roles: roles, tables: tables, twin: twin, keys: keys,
                databaseBytes: size, files: files)
        }
    }

    private func twin(on connection: Connection) throws -> BackupManifest.Twin? {
        guard try connection.query("SELECT to_regclass('twin.generation') IS NOT NULL").bool(0, 0) else { return nil }
        let rows = try connection.query(
            """
            SELECT 'twin_g' || g.number, g.tables_mark, c.position FROM twin.generation g JOIN hub.checkpoint c ON c.projector = 'twin'
             WHERE to_regnamespace('twin_g' || g.number) IS NOT NULL
            """)
        guard let tables = rows.text(0, 0), let position = rows.int(0, 2) else { return nil }
        return BackupManifest.Twin(tables: tables, mark: rows.text(0, 1) ?? "", position: position)
    }

    /// Everyone whom the database speaks of: its owner, who owns or was granted something, and who may log in.
    private static func roles(of hub: String, on connection: Connection) throws -> [BackupManifest.Role] {
        let rows = try connection.query(
            """
            WITH named AS (
                SELECT d.refobjid AS oid FROM pg_shdepend d JOIN pg_database b ON b.oid = d.dbid
                 WHERE b.datname = $1 AND d.refclassid = 'pg_authid'::regclass
                UNION SELECT nspowner FROM pg_namespace WHERE nspname = 'hub'
                UNION SELECT oid FROM pg_roles
                 WHERE starts_with(rolname, $1 || '_') AND substr(rolname, length($1) + 2) ~ ('^(' || $2 || ')(_[a-z0-9]+)?$')
            )
            SELECT r.rolname, r.rolcanlogin,
                   (SELECT string_agg(g.rolname, ',' ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                     WHERE m.member = r.oid AND m.roleid IN (SELECT oid FROM named))
              FROM pg_roles r WHERE r.oid IN (SELECT oid FROM named) ORDER BY r.rolname
            """, [.text(hub), .text(Roles.Kind.allCases.map(\.rawValue).joined(separator: "|"))])
        return (0..<rows.count).map {
            BackupManifest.Role(
                name: rows.text($0, 0) ?? "", canLogIn: rows.bool($0, 1), groups: (rows.text($0, 2) ?? "").split(separator: ",").map(String.init))
        }
    }

    /// In a transaction of its own: the snapshot's is read-only.
    private func note(_ manifest: BackupManifest, _ path: String) throws {
        try Connection(conninfo).query(
            "INSERT INTO hub.backup (name, taken_at, position, bytes, folder) VALUES ($1, $2, $3, $4, $5)",
            [.text(manifest.name), .text(manifest.takenAt), .int(manifest.lastPosition), .int(Int64(manifest.bytes)), .text(path)])
    }
}
