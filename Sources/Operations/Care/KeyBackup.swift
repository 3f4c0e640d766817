import EventLog
import Foundation
import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Copies of the key files, apart from backups of the data: who holds both can read everything, who holds one of them nothing.
///
/// Each copy has a day on which it must be destroyed. Until then it may bring back, with an older backup of the data, what was
/// erased since it was taken.
package struct KeyBackup {
    /// What stands beside the key files in `keys.json`.
    package struct Note: Codable, Sendable, Hashable {
        package let hub: String
        package let takenAt: String
        package let expiresAt: String
        /// Of each key file, as in `hub.key_check`, in hexadecimal digits.
        package let digests: [String: String]
    }

    /// One that the hub knows of.
    package struct Known: Sendable, Hashable, Codable {
        package let name: String
        package let folder: String
        package let takenAt: String
        package let expiresAt: String
        package let checkedAt: String?
        package let isExpired: Bool
        /// Whether its `sealing.key` is the one that holds now.
        package let isCurrent: Bool
    }

    private let home: HubHome
    private let connection: Connection

    /// - Parameter connection: of the hub's owner.
    package init(_ home: HubHome, _ connection: Connection) {
        self.home = home
        self.connection = connection
    }

    /// Writes `<folder>/<hub>-keys-<time>` and notes it in the hub.
    /// - Returns: the path.
    package func take(to folder: String, days: Int) throws -> (path: String, expiresAt: String) {
        let digests = try KeyFiles(home).digests()
        guard !digests.isEmpty else {
            throw OperationsError(.configuration, "There are no keys yet.", where: home.keys, advice: "They are made by the first run of an adapter.")
        }
        try refuseBesideData(folder)
        let row = try connection.query(
            """
            SELECT current_database() || '-keys-' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'),
                   to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                   to_char(now() AT TIME ZONE 'UTC' + make_interval(days => $1::int), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), current_database()
            """, [.int(Int64(days))])
        let name = row.text(0, 0) ?? "keys", expires = row.text(0, 2) ?? ""
        let path = "\(folder)/\(name)"
        try makeFolder(path, mode: 0o700)
        for file in digests.keys.sorted() { try copy("\(home.keys)/\(file)", to: "\(path)/\(file)") }
        let note = Note(hub: row.text(0, 3) ?? "", takenAt: row.text(0, 1) ?? "", expiresAt: expires, digests: digests.mapValues(\.hexadecimal))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try writePrivateText(String(decoding: try encoder.encode(note), as: UTF8.self) + "\n", to: "\(path)/keys.json")
        try connection.query(
            "INSERT INTO hub.key_backup (name, taken_at, expires_at, folder, sealing) VALUES ($1, $2, $3, $4, $5)",
            [.text(name), .text(note.takenAt), .text(expires), .text(path), digests["sealing.key"].map { .bytes($0) } ?? .null])
        return (path, expires)
    }

    /// Compares a copy with what it should hold, and with the keys that the hub uses; notes that it was done where nothing is wrong.
    /// - Returns: what is wrong; empty where nothing is.
    package func check(_ path: String) throws -> [String] {
        let (note, name) = try read(path)
        var wrong: [String] = []
        let noted = try KeyFiles.noted(on: connection)
        for (file, digest) in note.digests.sorted(by: { $0.key < $1.key }) {
            guard let key = FileManager.default.contents(atPath: "\(path)/\(file)") else {
                wrong.append("\(file) is missing or cannot be read")
                continue
            }
            let found = KeyCheck.digest(file, Array(key))
            if found.hexadecimal != digest { wrong.append("\(file) was changed since it was copied") }
            else if let used = noted[file], used != found { wrong.append("\(file) is not the key that the hub uses now: take a new backup of the keys") }
        }
        for file in noted.keys.sorted() where note.digests[file] == nil { wrong.append("\(file), which the hub uses, is not in it") }
        if wrong.isEmpty { try connection.query("UPDATE hub.key_backup SET checked_at = now() WHERE name = $1", [.text(name)]) }
        return wrong
    }

    /// Overwrites and removes a copy, and forgets it.
    package func destroy(_ path: String) throws {
        let (note, name) = try read(path)
        for file in note.digests.keys + ["keys.json"] {
            let descriptor = open("\(path)/\(file)", O_WRONLY | O_CLOEXEC)
            if descriptor >= 0 {
                let zeros = [UInt8](repeating: 0, count: 64)
                _ = zeros.withUnsafeBytes { write(descriptor, $0.baseAddress, file == "keys.json" ? 0 : 32) }
                fsync(descriptor)
                close(descriptor)
            }
            unlink("\(path)/\(file)")
        }
        rmdir(path)
        try connection.query("DELETE FROM hub.key_backup WHERE name = $1", [.text(name)])
    }

    /// All that the hub knows of, the newest first.
    package func known() throws -> [Known] {
        let rows = try connection.query(
            """
            SELECT b.name, b.folder, b.taken_at, b.expires_at, b.checked_at, b.expires_at < now(), b.sealing IS NOT DISTINCT FROM k.digest
              FROM hub.key_backup b LEFT JOIN hub.key_check k ON k.name = 'sealing.key' ORDER BY b.taken_at DESC
            """)
        return (0..<rows.count).map {
            Known(
                name: rows.text($0, 0) ?? "", folder: rows.text($0, 1) ?? "", takenAt: rows.text($0, 2) ?? "", expiresAt: rows.text($0, 3) ?? "",
                checkedAt: rows.text($0, 4), isExpired: rows.bool($0, 5), isCurrent: rows.bool($0, 6))
        }
    }

    private func read(_ path: String) throws -> (Note, String) {
        guard let text = FileManager.default.contents(atPath: "\(path)/keys.json"), let note = try? JSONDecoder().decode(Note.self, from: text) else {
            throw OperationsError(.configuration, "This is no backup of keys: it has no keys.json.", where: path, advice: "See `twinhub keys list`.")
        }
        return (note, URL(fileURLWithPath: path).lastPathComponent)
    }

    private func refuseBesideData(_ folder: String) throws {
        let rows = try connection.query("SELECT folder FROM hub.backup")
        let real = { (path: String) in URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path }
        let beside = (0..<rows.count).compactMap { rows.text($0, 0) }.first { real(URL(fileURLWithPath: $0).deletingLastPathComponent().path) == real(folder) }
        let holdsData = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).contains {
            FileManager.default.fileExists(atPath: "\(folder)/\($0)/manifest.json")
        }
        guard beside == nil, !holdsData else {
            throw OperationsError(
                .configuration, "Backups of the data lie there: keys beside them would protect nothing.", where: folder, advice: "Name a folder on another machine or medium.")
        }
    }

    private func copy(_ file: String, to path: String) throws {
        guard let key = FileManager.default.contents(atPath: file) else { throw OperationsError(.configuration, "The key cannot be read.", where: file) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OperationsError(.configuration, "The key cannot be copied (\(String(cString: strerror(errno)))).", where: path) }
        defer { close(descriptor) }
        guard key.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == key.count, fsync(descriptor) == 0 else {
            throw OperationsError(.transient, "The key cannot be written.", where: path)
        }
    }
}
