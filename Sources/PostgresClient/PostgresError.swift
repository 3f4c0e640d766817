import Foundation

import CLibPQ

/// What PostgreSQL, or the way to it, refused.
///
/// Holds the SQLSTATE, the primary message and the *names* of what was involved. PostgreSQL's DETAIL and
/// CONTEXT are never read: in errors about rows they contain the row.
package struct PostgresError: Error, Sendable, Hashable {
    /// What the caller can do about it.
    package enum Kind: String, Sendable {
        /// The connection string, a role, a missing object: somebody must change a setting.
        case configuration
        /// Trying again may help: connection lost, deadlock, serialization, server starting or full.
        case transient
        /// The server refused these values.
        case data
        /// A mistake in twinhub's own SQL.
        case `internal`
    }

    package let kind: Kind
    /// Five characters (PostgreSQL documentation, appendix A), or nil where the server never answered.
    package let sqlState: String?
    /// PostgreSQL's primary message; of a row error only its fixed part.
    package let message: String
    package let constraint: String?
    package let schema: String?
    package let table: String?
    package let column: String?
    /// What twinhub was doing, such as `connecting` or `COPY`.
    package let operation: String

    package init(
        kind: Kind, sqlState: String? = nil, message: String, constraint: String? = nil, schema: String? = nil,
        table: String? = nil, column: String? = nil, operation: String
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
        self.schema = schema
        self.table = table
        self.column = column
        self.operation = operation
    }

    /// Reads the fields of a failed result.
    init(result: OpaquePointer, operation: String) {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        let state = field(Diagnostic.sqlState)
        self.init(
            kind: Kind(sqlState: state), sqlState: state,
            message: Self.withoutValues(field(Diagnostic.messagePrimary) ?? "the server gave no message", sqlState: state),
            constraint: field(Diagnostic.constraint), schema: field(Diagnostic.schema), table: field(Diagnostic.table),
            column: field(Diagnostic.column), operation: operation)
    }

    /// Reads the connection's own message: the server may never have answered.
    init(connection: OpaquePointer?, operation: String) {
        let text = connection.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? "out of memory"
        self.init(
            kind: operation == "connecting" && text.contains("FATAL") ? .configuration : .transient,
            message: text.split(separator: "\n").first.map(String.init) ?? text, operation: operation)
    }

    /// Messages of the classes 22 and 23 quote the value (`invalid input syntax for type integer: "…"`, `value "…" is out of range for type
    /// integer`); what stands between the first and the last quotation mark is left out.
    private static func withoutValues(_ message: String, sqlState: String?) -> String {
        guard let state = sqlState, state.hasPrefix("22") || state.hasPrefix("23") else { return message }
        if let colon = message.range(of: ": \"")?.lowerBound { return String(message[..<colon]) }
        guard state.hasPrefix("22"), let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\""), first < last else { return message }
        return message[...first] + "…" + message[last...]
    }
}

extension PostgresError.Kind {
    init(sqlState: String?) {
        guard let state = sqlState else { self = .transient; return }
        switch state.prefix(2) {
        case "08", "40", "53", "55", "57", "58": self = .transient
        case "22", "23", "P0": self = .data
        case "28", "3D": self = .configuration
        default: self = state == "42501" ? .configuration : .internal
        }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        var text = "PostgreSQL, \(operation): \(message)"
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        let places = [("schema", schema), ("table", table), ("column", column), ("constraint", constraint)]
        for case let (label, name?) in places { text += ", \(label) \(name)" }
        return text
    }
}

/// The field codes of `PQresultErrorField` (postgres_ext.h); they are character macros, which Swift does not import.
private enum Diagnostic {
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let messagePrimary = Int32(UInt8(ascii: "M"))
    static let schema = Int32(UInt8(ascii: "s"))
    static let table = Int32(UInt8(ascii: "t"))
    static let column = Int32(UInt8(ascii: "c"))
    static let constraint = Int32(UInt8(ascii: "n"))
}
