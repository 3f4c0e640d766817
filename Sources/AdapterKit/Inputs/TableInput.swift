import Foundation
import PostgresClient
import RecordFormats

/// The rows of a table or query of a PostgreSQL database, as text, in one read-only snapshot.
///
/// Rows stream out of the server (COPY, text format: documentation of COPY, "Text Format"); memory stays flat.
final class TableInput: RecordInput {
    let title: String
    var digest: [UInt8]? { nil }
    let hasFixedColumns = true
    let hasKinds = false
    let rawTellsAll = true
    let shape: RecordShape?
    private let columns: RecordShape

    private let connection: Connection
    /// As the manifest has it.
    private let source: String
    private let query: String
    private let isCancelled: @Sendable () -> Bool

    /// Where an incremental stream begins.
    struct Start: Sendable {
        let column: String
        /// A literal that the column's type reads; nil for the beginning.
        let from: String?
        /// Where a range ends, without that value; nil reads to the end.
        var until: String?
        /// The column that orders rows of one value, and where the last pull ended in it.
        let tieBreaker: String?
        let tie: String?

        /// - Parameter state: how far the table has been read.
        init(_ cursor: Stream.Cursor, after state: StreamState, group: Stream.Group?) {
            column = cursor.column
            from = Bookmark.start(cursor, bookmark: state.bookmark, group: group)
            tieBreaker = cursor.tieBreaker
            // Before the bookmark there is nothing to go on behind.
            tie = cursor.lag == 0 && group == nil ? state.tie : nil
        }

        init(_ range: CursorRange) {
            column = range.cursor.column
            (from, until) = (range.placeholders.cursor, range.placeholders.until)
            (tieBreaker, tie) = (range.cursor.tieBreaker, nil)
        }

        /// Rows in the cursor's order, those behind the bookmark and those without a cursor value: nobody could tell whether these are new.
        func query(_ source: String) -> String {
            let column = SQL.identifier(column)
            let order = [column] + (tieBreaker.map { [SQL.identifier($0)] } ?? [])
            var text = "SELECT * FROM (\(source)\n) AS source"
            if let from, let until {
                text += " WHERE \(column) >= \(SQL.literal(from)) AND \(column) < \(SQL.literal(until))"
            } else if let from, let tie, order.count == 2 {
                text += " WHERE (\(order[0]), \(order[1])) > (\(SQL.literal(from)), \(SQL.literal(tie))) OR \(column) IS NULL"
            } else if let from {
                text += " WHERE \(column) >= \(SQL.literal(from)) OR \(column) IS NULL"
            }
            return text + " ORDER BY " + order.joined(separator: ", ")
        }
    }

    init(_ table: Input.Table, start: Start?, in context: InputContext, folder: String) throws {
        title = table.title
        isCancelled = context.isCancelled
        source = table.query
        query = start?.query(table.query) ?? table.query
        let text = try table.connection.value("the connection string of the source's database", environment: context.environment, folder: folder)
        (connection, columns) = try Self.translated(title) {
            // A server that is gone without a word is noticed after a minute.
            let connection = try Connection(
                text, application: "twinhub adapter",
                defaults: [
                    "connect_timeout": String(table.connectTimeout_s), "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
                ])
            try connection.execute("SET statement_timeout = '\(table.statementTimeout_s ?? 0)s'")
            try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            let names = try connection.execute("SELECT * FROM (\(table.query)\n) AS source LIMIT 0", isCancelled: context.isCancelled).columnNames
            return (connection, RecordShape(names: names))
        }
        shape = columns
        guard Set(columns.names).count == columns.names.count else {
            throw AdapterError(.configuration, "The query gives two columns of the same name.", file: title, hint: "Name each with AS.")
        }
    }

    var decodesRows: Bool { true }

    func decode(_ raw: [UInt8], _ shape: RecordShape?, line: Int) -> ReadOutcome { raw.withUnsafeBytes { outcome($0, columns, row: line) } }

    func forEach(unless isTaken: RowQuestion?, _ body: (ReadOutcome?, InputPlace) throws -> Void) throws {
        let place = InputPlace(name: title, index: 0)
        var row = 0
        try Self.translated(title) {
            try connection.copyOut("COPY (\(query)\n) TO STDOUT", isCancelled: isCancelled) { message in
                row += 1
                let line = message.last == UInt8(ascii: "\n") ? UnsafeRawBufferPointer(rebasing: message.dropLast()) : message
                try body(isTaken?(columns, line, row) == true ? nil : outcome(line, columns, row: row), place)
            }
        }
    }

    /// Some columns of all rows, whatever the cursor says, in the snapshot of the others.
    func forEach(_ names: [String], _ body: (ReadOutcome) throws -> Void) throws {
        let shape = RecordShape(names: names)
        let list = names.map { SQL.identifier($0) }.joined(separator: ", ")
        var row = 0
        try Self.translated(title) {
            try connection.copyOut("COPY (SELECT \(list) FROM (\(source)\n) AS source) TO STDOUT", isCancelled: isCancelled) { message in
                row += 1
                let line = message.last == UInt8(ascii: "\n") ? UnsafeRawBufferPointer(rebasing: message.dropLast()) : message
                try body(outcome(line, shape, row: row))
            }
        }
    }

    /// What the source's server, or the way to it, refused, as an adapter's error.
    private static func translated<T>(_ title: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch is StatementCancelled {
            throw RunCancelled()
        } catch let error as PostgresError {
            throw error.inAdapter(table: title)
        }
    }

    private func outcome(_ line: UnsafeRawBufferPointer, _ columns: RecordShape, row: Int) -> ReadOutcome {
        let values = CopyText.values(line)
        let raw = Array(line)
        guard values.count == columns.names.count else {
            let message = "The row has \(values.count) columns in place of \(columns.names.count)."
            return .refused(Refusal(line: row, raw: raw, rule: Rule.ragged, message: message, shape: columns))
        }
        return .record(Record(shape: columns, values: values, line: row, raw: raw))
    }
}

/// One line of COPY's text format.
enum CopyText {
    static func values(_ line: UnsafeRawBufferPointer) -> [Value] {
        var values: [Value] = []
        var start = 0
        var escaped = false
        for at in 0...line.count {
            let byte = at < line.count ? line[at] : UInt8(ascii: "\t")
            if byte == UInt8(ascii: "\\") { escaped = true }
            guard byte == UInt8(ascii: "\t") else { continue }
            values.append(value(UnsafeRawBufferPointer(rebasing: line[start..<at]), escaped: escaped))
            start = at + 1
            escaped = false
        }
        return values
    }

    private static func value(_ cell: UnsafeRawBufferPointer, escaped: Bool) -> Value {
        guard escaped else { return .text(String(decoding: cell, as: UTF8.self)) }
        if cell.count == 2, cell[1] == UInt8(ascii: "N") { return .null }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(cell.count)
        var at = 0
        while at < cell.count {
            guard cell[at] == UInt8(ascii: "\\"), at + 1 < cell.count else {
                bytes.append(cell[at])
                at += 1
                continue
            }
            switch cell[at + 1] {
            case UInt8(ascii: "b"): bytes.append(8)
            case UInt8(ascii: "f"): bytes.append(12)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "v"): bytes.append(11)
            case let other: bytes.append(other)
            }
            at += 2
        }
        return .text(String(decoding: bytes, as: UTF8.self))
    }
}

extension PostgresError {
    /// As an error of a source. The statement is the manifest's, so what the server does not understand in it is a matter of configuration.
    func inAdapter(table: String) -> AdapterError {
        let kind: AdapterError.Kind =
            switch self.kind {
            case .transient: .transient
            case .data: .data
            case .configuration, .internal: .configuration
            }
        let hint: String? =
            switch sqlState {
            case "57014"?: "It took longer than \"statement_timeout\" of the input, or somebody cancelled it there."
            case "42501"?: "Grant the role of the connection string SELECT on what the input reads."
            case "42P01"?, "42703"?: "Compare the table, query and cursor of the input with what the source has now."
            case nil: "Check that the source's server is up, and the connection string."
            default: nil
            }
        // What a source's own functions raise may quote a row.
        let text = sqlState?.hasPrefix("P0") == true ? "PostgreSQL, \(operation): a function of the source raised an error (SQLSTATE \(sqlState ?? ""))" : description
        return AdapterError(kind, "The source's database refused: \(text).", file: table, hint: hint)
    }
}
