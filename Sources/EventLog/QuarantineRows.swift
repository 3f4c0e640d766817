import Foundation
import PostgresClient

/// Which refused records.
package struct QuarantineFilter: Sendable, Hashable {
    package var source: String?
    package var stream: String?
    package var rule: String?
    /// Refused at this moment or later: any time that PostgreSQL reads, such as `2026-05-01` or `2 days ago`.
    package var since: String?
    /// Numbers; empty: all.
    package var ids: [Int64] = []
    /// Also those that were replayed, superseded or discarded.
    package var withClosed = false

    package init() {}

    /// For WHERE; `q` is hub.quarantine, `s` hub.source. `since` must have been read by the server before.
    var condition: String {
        var parts = [withClosed ? "true" : "q.resolution IS NULL"]
        if let source { parts.append("s.name = \(SQL.literal(source))") }
        if let stream { parts.append("q.stream = \(SQL.literal(stream))") }
        if let rule { parts.append("q.rule = \(SQL.literal(rule))") }
        if let since { parts.append("q.recorded_at >= \(SQL.literal(since))::timestamptz") }
        if !ids.isEmpty { parts.append("q.id IN (\(ids.map(String.init).joined(separator: ", ")))") }
        return parts.joined(separator: " AND ")
    }
}

/// Refused records and what became of them.
package enum QuarantineRows {
    /// One of them, without its bytes.
    package struct Row: Sendable, Hashable, Encodable {
        package let id: Int64
        package let source: String
        package let stream: String
        package let input: String
        package let line: Int64?
        package let rule: String
        package let message: String
        package let adapterVersion: String
        package let sealed: Bool
        /// RFC 3339.
        package let recordedAt: String
        package let columns: [String]?
        package let attempts: Int64
        /// replayed, superseded or discarded; nil while it is open.
        package let resolution: String?
        package let resolvedAt: String?
        package let resolvedBy: String?
        package let reason: String?
    }

    /// The newest first.
    package static func list(_ filter: QuarantineFilter, limit: Int, on connection: Connection) throws -> [Row] {
        let rows = try connection.execute(
            """
            SELECT q.id, s.name, q.stream, q.input, q.line, q.rule, q.message, q.adapter_version, q.sealed, q.recorded_at, to_json(q.columns)::text, q.attempts,
                   q.resolution, q.resolved_at, q.resolved_by, q.reason
              FROM hub.quarantine q JOIN hub.source s ON s.id = q.source_id WHERE \(filter.condition) ORDER BY q.id DESC LIMIT \(limit)
            """)
        return (0..<rows.count).map { row in
            Row(
                id: rows.int(row, 0) ?? 0, source: rows.text(row, 1) ?? "", stream: rows.text(row, 2) ?? "", input: rows.text(row, 3) ?? "",
                line: rows.int(row, 4), rule: rows.text(row, 5) ?? "", message: rows.text(row, 6) ?? "", adapterVersion: rows.text(row, 7) ?? "",
                sealed: rows.bool(row, 8), recordedAt: rows.timestamp(row, 9)?.description ?? "", columns: rows.text(row, 10).flatMap(texts),
                attempts: rows.int(row, 11) ?? 0, resolution: rows.text(row, 12), resolvedAt: rows.timestamp(row, 13)?.description,
                resolvedBy: rows.text(row, 14), reason: rows.text(row, 15))
        }
    }

    /// How many there are.
    package static func count(_ filter: QuarantineFilter, on connection: Connection) throws -> Int64 {
        try connection.execute("SELECT count(*) FROM hub.quarantine q JOIN hub.source s ON s.id = q.source_id WHERE \(filter.condition)").int(0, 0) ?? 0
    }

    /// The bytes of one that is not sealed; nil where it is, or is gone.
    package static func raw(_ id: Int64, on connection: Connection) throws -> [UInt8]? {
        try connection.query("SELECT raw FROM hub.quarantine WHERE id = $1 AND NOT sealed", [.int(id)]).bytes(0, 0)
    }

    /// The bytes of one as they are kept, sealed or not, for a steward; nil where they are destroyed.
    ///
    /// The reason is committed before anything is handed out.
    /// - Parameter steward: a connection of the steward's own login, in no transaction.
    package static func requested(_ id: Int64, reason: String, steward: Connection) throws -> (raw: [UInt8], sealed: Bool)? {
        let access = try steward.query("SELECT hub.request_access('quarantine', $1, $2)", [.text(String(id)), .text(reason)]).int(0, 0) ?? 0
        let rows = try steward.query("SELECT raw, sealed FROM hub.row_of_access($1)", [.int(access)])
        guard let raw = rows.bytes(0, 0), !raw.isEmpty else { return nil }
        return (raw, rows.bool(0, 1))
    }

    /// Who opened one, when and why, a sentence each, the oldest first.
    package static func openings(of id: Int64, on connection: Connection) throws -> [String] {
        let rows = try connection.query(
            """
            SELECT to_char(at, 'YYYY-MM-DD HH24:MI:SS TZ') || ' by ' || who || ': ' || reason FROM hub.subject_access
             WHERE action = 'quarantine' AND subject = $1 ORDER BY id
            """, [.text(String(id))])
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }

    /// Closes open ones that nobody will use.
    /// - Parameter who: the account, beside the database role.
    /// - Returns: how many.
    package static func discard(_ filter: QuarantineFilter, reason: String, who: String, on connection: Connection) throws -> Int64 {
        try connection.execute(
            """
            SELECT hub.discard_quarantined(ARRAY(SELECT q.id FROM hub.quarantine q JOIN hub.source s ON s.id = q.source_id WHERE \(filter.condition)),
                                           \(SQL.literal(reason)), \(SQL.literal(who)))
            """).int(0, 0) ?? 0
    }

    /// One to replay.
    package struct Waiting: Sendable {
        package let id: Int64
        package let batch: Int64
        package let rule: String
        package let raw: [UInt8]
        package let sealed: Bool
        package let columns: [String]?
    }

    /// The open ones of a source's stream, oldest first. Those of erased persons hold nothing to replay.
    /// - Parameter connection: of the hub's owner: no adapter reads what was refused.
    package static func waiting(_ filter: QuarantineFilter, source: String, stream: String, on connection: Connection) throws -> [Waiting] {
        var filter = filter
        filter.source = source
        filter.stream = stream
        filter.withClosed = false
        let rows = try connection.execute(
            """
            SELECT q.id, q.batch_id, q.rule, q.raw, q.sealed, to_json(q.columns)::text
              FROM hub.quarantine q JOIN hub.source s ON s.id = q.source_id WHERE \(filter.condition) AND q.rule <> 'erased' ORDER BY q.id
            """)
        return (0..<rows.count).map { row in
            Waiting(
                id: rows.int(row, 0) ?? 0, batch: rows.int(row, 1) ?? 0, rule: rows.text(row, 2) ?? "", raw: rows.bytes(row, 3) ?? [],
                sealed: rows.bool(row, 4), columns: rows.text(row, 5).flatMap(texts))
        }
    }

    /// The latest batch that wrote each block of a stream after a batch, with its entries.
    /// - Parameter connection: under the source's own role.
    package static func blocks(stream: String, after batch: Int64, on connection: Connection, _ body: (Int64, [UInt8]) throws -> Void) throws {
        let rows = try connection.query(
            "SELECT batch_id, entries FROM hub.fingerprint WHERE stream = $1 AND batch_id > $2 ORDER BY number", [.text(stream), .int(batch)])
        for row in 0..<rows.count { try body(rows.int(row, 0) ?? 0, rows.bytes(row, 1) ?? []) }
    }

    /// Writes what became of replayed ones, in the batch's own transaction. Throws `replayConflict` where somebody closed one meanwhile.
    static func note(_ batch: Batch, id: Int64, on connection: Connection) throws {
        guard !batch.replayed.isEmpty else { return }
        struct Mark: Encodable {
            var id: Int64
            var resolution: String?
            var rule: String?
            var message: String?
        }
        let marks = batch.replayed.map { record in
            switch record.outcome {
            case .replayed: Mark(id: record.id, resolution: "replayed")
            case .superseded: Mark(id: record.id, resolution: "superseded")
            case .refused(let rule, let message): Mark(id: record.id, rule: rule, message: message)
            }
        }
        let json = String(decoding: try JSONEncoder().encode(marks), as: UTF8.self)
        let changed = try connection.query(
            "SELECT hub.note_replayed($1, $2::json, $3, $4)", [.int(id), .text(json), .text(batch.adapterVersion), .text(batch.replayedBy)]).int(0, 0)
        guard changed == Int64(marks.count) else {
            throw LogError(.replayConflict, "Some of these records were closed meanwhile by somebody else. Nothing was changed; run it again.")
        }
    }

    private static func texts(_ json: String) -> [String]? { try? JSONDecoder().decode([String].self, from: Data(json.utf8)) }
}
