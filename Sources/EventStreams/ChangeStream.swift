import PostgresClient

/// Reads the twin's changes as CloudEvents, from any place, without a name: nobody keeps where it is.
package final class ChangeStream: EventReader {
    private let connection: Connection
    private let filter: Consumer.Filter
    private let writer = CloudEventWriter()

    /// - Parameter filter: by types and subjects; changes have no source and no department.
    package init(_ connection: Connection, _ filter: Consumer.Filter = .init()) throws {
        guard filter.sources == nil, filter.departments == nil else {
            throw StreamError(.badRequest, "Changes of the twin have no source and no department: filter by types and subjects.")
        }
        self.connection = connection
        self.filter = filter
    }

    package func position(of text: String) throws -> Int64 { try Consumer.Stream.twin.position(of: text, on: connection) }

    /// - Throws: `StreamError(.logRewound)` where the stream ends before the position, `StreamError(.changesExpired)` where what follows it is
    ///   no longer kept.
    package func read(after: Int64, upTo end: Int64? = nil, limit: Int = 50_000, _ body: (UnsafeRawBufferPointer, Int64) throws -> Void) throws -> Int64 {
        let horizon = try connection.query("SELECT hub.stream_end('twin')").int(0, 0) ?? 0
        if after > horizon {
            throw StreamError(
                .logRewound,
                "The twin's changes end at position \(horizon), before position \(after): they were restored to an older state. Read the views of twin anew, and the changes from there.")
        }
        try refuseExpired(after)
        let upper = min(end ?? horizon, horizon)
        var bytes: [UInt8] = []
        var last = after, count = 0
        try connection.copyOut("COPY (\(statement(after: after, upTo: upper, limit: limit))) TO STDOUT (FORMAT binary)") { message in
            guard let change = StreamedFact(message) else { return }
            (last, count) = (change.position, count + 1)
            writer.append(change, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
            if bytes.count >= 64 << 10 {
                try bytes.withUnsafeBytes { try body($0, last) }
                bytes.removeAll(keepingCapacity: true)
            }
        }
        // Again: they may have been deleted meanwhile.
        try refuseExpired(after)
        if !bytes.isEmpty { try bytes.withUnsafeBytes { try body($0, last) } }
        return count < limit ? max(upper, after) : last
    }

    /// That the twin was rebuilt concerns everybody, whatever the filter.
    private func statement(after: Int64, upTo end: Int64, limit: Int) -> String {
        var conditions: [String] = []
        if filter.types != nil { conditions.append("type LIKE ANY (hub.like_patterns(\(SQL.literal(filter.json))::jsonb -> 'types'))") }
        if let subjects = filter.subjects { conditions.append("subject ^@ ANY (ARRAY[\(subjects.map(SQL.literal).joined(separator: ", "))]::text[])") }
        let wanted = conditions.isEmpty ? "" : "AND (type = 'twin.rebuilt' OR (\(conditions.joined(separator: " AND "))))"
        return """
            SELECT \(StreamedFact.columns) FROM hub.stream_fact WHERE stream = 'twin' AND position > \(after) AND position <= \(end) \(wanted)
             ORDER BY position LIMIT \(limit)
            """
    }

    private func refuseExpired(_ after: Int64) throws {
        guard after > 0, let kept = try connection.query("SELECT min(position) FROM hub.twin_change").int(0, 0), after < kept - 1 else { return }
        throw StreamError(
            .changesExpired,
            "Changes of the twin before position \(kept) are kept no longer, and position \(after) lies before them. Read the views of twin anew, and the changes from 'now' on.")
    }
}
