import PostgresClient

/// Tells an erasure in the log, and notes that it is done.
///
/// The keys are destroyed first, in a transaction of the steward's own; from then on no adapter tells anything of the person. Until the
/// fact stands in the log the erasure has no position, and `doctor` says so; asking for it again goes on where it was cut off.
package enum ErasureLog {
    /// The hub's own source, whose facts are decisions.
    package static let source = Sources.Description(name: "stewards", uri: "urn:twinhub:stewards", department: Sources.hubsOwn, owner: nil)

    /// Appends `subject.erased`, unless it stands there.
    /// - Parameter connection: logged in as the role of `source`, which was registered with `decides`.
    /// - Returns: the position of the fact.
    package static func tell(_ erasure: Int64, on connection: Connection) throws -> Int64 {
        let row = try connection.query("SELECT subject, array_to_json(keys)::text, position FROM hub.erasure WHERE id = $1", [.int(erasure)])
        guard let subject = row.text(0, 0), let keys = row.text(0, 1) else {
            throw LogError(.unknownSource, "There is no erasure of the number \(erasure).")
        }
        if let position = row.int(0, 2) { return position }
        let writer = try BatchWriter(connection)
        try writer.acquireLease(holder: BatchWriter.holder("subject erase"))
        defer { try? writer.releaseLease() }
        var position: Int64 = 0
        _ = try writer.commit { _, _ in
            var batch = Batch(adapterVersion: "steward/1", input: "twinhub subject erase")
            batch.events = [NewEvent(type: "subject.erased", subject: "person/\(subject)", payload: Array("{\"keys\":\(keys)}".utf8))]
            batch.counters.read = 1
            batch.counters.added = 1
            return batch
        } after: { open in
            position = try connection.query("SELECT hub.note_erasure($1, $2, $3)", [.int(erasure), .int(open.id), .int(open.after)]).int(0, 0) ?? 0
        }
        return position
    }
}
