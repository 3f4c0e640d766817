import EventLog
import Foundation
import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Changes `sealing.key`: wraps every key anew, and destroys the file that wrapped them before.
///
/// What makes an erasure final. A destroyed key still lies, wrapped, in dead rows, in the write-ahead log and in older backups: without the
/// `sealing.key` of then nobody unwraps it. What is left of that is the copies in key backups, until they are destroyed.
///
/// Cut off anywhere it can be taken up: `sealing.key.next` is written first, the database says by its digest which one holds,
/// and `KeyFiles.confirm` puts that one in place.
package enum SealingRotation {
    private static let chunk = 5_000

    /// - Parameters:
    ///   - folder: of the key files; settled by `KeyFiles.confirm` before.
    ///   - owner: a connection of the hub's owner. Batches with personal data wait meanwhile, and runs that began before end (exit code 75).
    /// - Returns: how many keys were wrapped anew.
    @discardableResult
    package static func run(folder: String, on owner: Connection) throws -> Int {
        let path = folder + "/sealing.key"
        let next = path + ".next"
        try owner.query("SELECT pg_advisory_lock(29803, 1)")
        defer { _ = try? owner.query("SELECT pg_advisory_unlock(29803, 1)") }
        let old = try Keys(folder: folder).sealing
        unlink(next)
        let new = try Keys.makeNext(next)
        var count = 0
        try owner.transaction { owner in
            try owner.execute("UPDATE hub.sealing SET generation = generation + 1, rotated_at = now()")
            try owner.query(
                """
                INSERT INTO hub.key_check (name, digest) VALUES ('sealing.key', $1)
                ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, noted_at = now()
                """, [.bytes(KeyCheck.digest("sealing.key", new))])
            var after = ""
            while true {
                let rows = try owner.query(
                    """
                    SELECT k.id, k.subject, s.name, k.wrapped FROM hub.subject_key k JOIN hub.source s ON s.id = k.source_id
                     WHERE k.id > $1 ORDER BY k.id LIMIT \(chunk)
                    """, [.text(after)])
                if rows.count == 0 { break }
                var ids: [String] = [], wrapped: [String] = []
                for row in 0..<rows.count {
                    let id = rows.text(row, 0) ?? "", subject = rows.text(row, 1) ?? "", source = rows.text(row, 2) ?? ""
                    let key = try SubjectKey(unwrapping: rows.bytes(row, 3) ?? [], id: id, subject: subject, source: source, under: old)
                    ids.append(id)
                    wrapped.append(try key.wrapped(for: source, under: new).hexadecimal)
                    after = id
                }
                count += ids.count
                try owner.query(
                    """
                    UPDATE hub.subject_key k SET wrapped = decode(n.wrapped, 'hex') FROM unnest($1::text[], $2::text[]) n (id, wrapped) WHERE k.id = n.id
                    """, [.text("{\(ids.joined(separator: ","))}"), .text("{\(wrapped.joined(separator: ","))}")])
            }
        }
        // The new one holds from here on, whatever happens to the old file.
        overwrite(path)
        // Another process may have put it in place already.
        guard rename(next, path) == 0 || (try? Keys(folder: folder).sealing) == new else {
            throw AdapterError(.configuration, "The new sealing.key cannot be put in place.", file: next, hint: "Rename it to \(path).")
        }
        return count
    }

    /// A file system or disk that keeps what is overwritten may keep it: the folder of keys belongs on one that does not, or on an encrypted one.
    private static func overwrite(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: 32)
        _ = zeros.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        fsync(descriptor)
    }
}
