import EventLog
import Foundation
import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The hub's keys, which are files outside the database, and what the database knows of them: a digest by which a wrong one is
/// recognised. Under another key the same person would get another pseudonym, and nobody would notice.
package struct KeyFiles: Sendable {
    package let folder: String

    package init(_ home: HubHome) { folder = home.keys }

    /// The digest of each key file that is there, by its name.
    package func digests() throws(OperationsError) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".key") {
            guard let key = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                throw OperationsError(.configuration, "The key cannot be read.", where: "\(folder)/\(name)", advice: "Run twinhub as its owner.")
            }
            found[name] = KeyCheck.digest(name, Array(key))
        }
        return found
    }

    /// What is wrong with the files, compared with digests that were noted before; empty where nothing is.
    package func problems(with noted: [String: [UInt8]]) throws(OperationsError) -> [String] {
        let found = try digests()
        return noted.sorted { $0.key < $1.key }.compactMap { name, digest in
            guard let file = found[name] else { return "\(name) is missing" }
            return file == digest ? nil : "\(name) is not the key that this hub has used"
        }
    }

    /// The digests that the database knows.
    package static func noted(on connection: Connection) throws(PostgresError) -> [String: [UInt8]] {
        let rows = try connection.query("SELECT name, digest FROM hub.key_check")
        return (0..<rows.count).reduce(into: [:]) { $0[rows.text($1, 0) ?? ""] = rows.bytes($1, 1) }
    }

    /// Refuses to go on without the keys that were used before; to be called before new ones could be made in their place.
    package func confirm(on connection: Connection) throws {
        let noted = try Self.noted(on: connection)
        settleRotation(noted)
        let problems = try problems(with: noted)
        guard problems.isEmpty else {
            throw OperationsError(
                .configuration, "The hub's keys are not the ones it has used: \(problems.joined(separator: ", ")).", where: folder, advice: Self.remedy)
        }
    }

    /// A change of sealing.key that was cut off: the database says which of the two files holds.
    private func settleRotation(_ noted: [String: [UInt8]]) {
        let path = "\(folder)/sealing.key"
        let next = path + ".next"
        guard let digest = noted["sealing.key"], let key = FileManager.default.contents(atPath: next) else { return }
        // Where the other one fits, a change may be under way, or was cut off before it counted: it begins by removing the rest.
        if KeyCheck.digest("sealing.key", Array(key)) == digest { rename(next, path) }
    }

    static let remedy = """
        Bring the key files back from where they are kept. Only if they are lost for good: DELETE FROM hub.key_check in `twinhub psql`; \
        new pseudonyms will not be those of before, and encrypted records cannot be read any more.
        """

    /// Notes the keys that are there and not known yet; as the hub's owner.
    package func note(on connection: Connection) throws {
        for (name, digest) in try digests() {
            try connection.query(
                "INSERT INTO hub.key_check (name, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING", [.text(name), .bytes(digest)])
        }
    }
}
