import EventLog
import Foundation
import PostgresClient

/// What a backup is, in a file beside it: `manifest.json`.
package struct BackupManifest: Codable, Sendable {
    static let currentFormat = 1
    static let fileName = "manifest.json"

    /// A file of the backup.
    struct File: Codable, Sendable {
        let path: String
        let bytes: Int
        let sha256: String
    }

    /// A role that the database speaks of; passwords are no part of a backup.
    struct Role: Codable, Sendable {
        let name: String
        let canLogIn: Bool
        let groups: [String]
    }

    /// The generation of the twin that was read.
    package struct Twin: Codable, Sendable {
        /// The schema of its tables.
        let tables: String
        /// Hash of the SQL that made them: another twinhub may make others.
        package let mark: String
        /// Everything up to here is folded.
        let position: Int64
    }

    let format: Int
    package let name: String
    /// The moment of the snapshot; RFC 3339.
    package let takenAt: String
    /// Of twinhub and of PostgreSQL.
    let program: String
    let server: String
    /// The hub's name, which is its database's.
    let hub: String
    let epoch: String
    /// When the log was made: tells it from others.
    let log: String
    package let lastPosition: Int64
    package let facts: Int64
    let heads: [ChainVerifier.Head]
    /// Number of the last migration.
    let migration: Int
    let roles: [Role]
    let tables: [TableDigest]
    let twin: Twin?
    /// By which the key files are recognised, by name, hexadecimal.
    let keys: [String: String]
    let databaseBytes: Int
    let files: [File]

    package var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }
}

/// How many rows a table has, and a digest of them that does not depend on their order.
struct TableDigest: Codable, Sendable, Hashable {
    let schema: String
    let table: String
    let rows: Int64
    /// The sum of 64 bits of each row's SHA-256: finds what went wrong by chance, not what somebody forged; that is the chain's.
    let digest: String

    /// The same rows in a table of that name elsewhere.
    func moved(to schema: String) -> TableDigest { TableDigest(schema: schema, table: table, rows: rows, digest: digest) }

    /// Of every table of a schema; without the log's partitions, whose facts the chain covers.
    static func all(in schema: String, on connection: Connection) throws -> [TableDigest] {
        let tables = try connection.query(
            """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = $1 AND c.relkind = 'r' AND NOT c.relispartition AND (n.nspname <> 'hub' OR c.relname !~ '^event_[0-9]+$')
             ORDER BY c.relname COLLATE "C"
            """, [.text(schema)])
        return try (0..<tables.count).compactMap { tables.text($0, 0) }.map { name in
            let rows = try connection.query(
                """
                SELECT count(*), coalesce(sum(('x' || encode(substr(sha256(convert_to(t::text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint::numeric), 0)
                  FROM \(SQL.identifier(schema)).\(SQL.identifier(name)) t
                """)
            return TableDigest(schema: schema, table: name, rows: rows.int(0, 0) ?? 0, digest: rows.text(0, 1) ?? "")
        }
    }

    /// What makes the same row the same text everywhere.
    static let settings = "SET LOCAL bytea_output = hex; SET LOCAL extra_float_digits = 1; SET LOCAL search_path = public"
}

/// A backup's folder, whose manifest has been read.
package struct BackupFolder {
    package let path: String
    package let manifest: BackupManifest

    package init(_ path: String) throws {
        guard let real = realPath(path) else {
            throw OperationsError(.configuration, "The folder does not exist.", where: path, advice: "Name a folder that `twinhub backup` has written.")
        }
        guard let text = FileManager.default.contents(atPath: "\(real)/\(BackupManifest.fileName)") else {
            let inside = (try? FileManager.default.contentsOfDirectory(atPath: real))?.sorted()
                .last { FileManager.default.fileExists(atPath: "\(real)/\($0)/\(BackupManifest.fileName)") }
            throw OperationsError(
                .configuration, "The folder holds no backup: \(BackupManifest.fileName) is missing.", where: real,
                advice: inside.map { "Did you mean \(real)/\($0)?" } ?? "Name a folder that `twinhub backup` has written.")
        }
        self.path = real
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let found = try? decoder.decode(BackupManifest.self, from: text), found.format == BackupManifest.currentFormat else {
            throw OperationsError(
                .configuration, "The manifest cannot be read: it is damaged, or another twinhub has written it.",
                where: "\(real)/\(BackupManifest.fileName)", advice: "Take another backup, or the twinhub that wrote it.")
        }
        manifest = found
    }

    /// Reads every file and compares it with the manifest.
    package func check(progress: (Int) throws -> Void = { _ in }) throws {
        var done = 0
        for file in manifest.files {
            let place = "\(path)/\(file.path)"
            guard let found = try Self.summary(of: place) else {
                throw OperationsError(.data, "A file of the backup is missing.", where: place, advice: "Take another backup.")
            }
            guard found.bytes == file.bytes, found.sha256 == file.sha256 else {
                throw OperationsError(.data, "A file of the backup is not what was written.", where: place, advice: "Take another backup.")
            }
            done += found.bytes
            try progress(done)
        }
    }

    /// Every file below a folder, with its digest.
    static func files(below path: String) throws -> [BackupManifest.File] {
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return try names.sorted().compactMap { name in
            try summary(of: "\(path)/\(name)").map { BackupManifest.File(path: name, bytes: $0.bytes, sha256: $0.sha256) }
        }
    }

    /// nil where there is no such file, or where it is a folder.
    private static func summary(of path: String) throws -> (bytes: Int, sha256: String)? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { return nil }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw OperationsError(.configuration, "A file of the backup cannot be read.", where: path)
        }
        defer { try? file.close() }
        var hash = SHA256()
        var bytes = 0
        while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty {
            chunk.withUnsafeBytes { hash.update($0) }
            bytes += chunk.count
        }
        return (bytes, hash.finish().hexadecimal)
    }
}
