import CLibPQ

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The one owner of a `PGconn`.
private struct Handle: ~Copyable {
    let pointer: OpaquePointer
    deinit { PQfinish(pointer) }
}

/// A connection to PostgreSQL. Plain and synchronous: one thread owns one connection and waits in libpq.
///
/// Results come as text in UTF-8, times in UTC and ISO. Notices are not printed: they may quote data.
package final class Connection {
    private let handle: Handle
    var pointer: OpaquePointer { handle.pointer }

    /// Connects.
    /// - Parameters:
    ///   - conninfo: a libpq connection string or URI.
    ///   - application: shown in `pg_stat_activity`, unless the string or PGAPPNAME names one.
    ///   - defaults: libpq's keywords and values that hold where the string says nothing else.
    package convenience init(_ conninfo: String, application: String = "twinhub", defaults: [String: String] = [:]) throws(PostgresError) {
        let options = "-c client_min_messages=error -c DateStyle=ISO -c TimeZone=UTC -c IntervalStyle=iso_8601"
        try self.init(settings: [("options", options)] + defaults.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [
            ("dbname", conninfo), ("fallback_application_name", application), ("client_encoding", "UTF8"),
        ])
    }

    /// - Parameter settings: libpq's keywords and values; later ones win, and a `dbname` may be a connection string.
    private init(settings: [(String, String)]) throws(PostgresError) {
        let keywords = settings.map { strdup($0.0) }
        let values = settings.map { strdup($0.1) }
        defer { (keywords + values).forEach { free($0) } }
        let opened = PQconnectdbParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
        guard let opened else { throw PostgresError(kind: .transient, message: "out of memory", operation: "connecting") }
        handle = Handle(pointer: opened)
        guard PQstatus(opened) == CONNECTION_OK else { throw PostgresError(connection: opened, operation: "connecting") }
        _ = PQsetNoticeReceiver(opened, { _, _ in }, nil)
    }

    /// Opens another connection to the same database, as the same user.
    package func another() throws(PostgresError) -> Connection {
        guard let options = PQconninfo(pointer) else { throw PostgresError(kind: .transient, message: "out of memory", operation: "connecting") }
        defer { PQconninfoFree(options) }
        var settings: [(String, String)] = []
        var at = options
        while let keyword = at.pointee.keyword {
            if let value = at.pointee.val { settings.append((String(cString: keyword), String(cString: value))) }
            at += 1
        }
        return try Connection(settings: settings)
    }

    /// The server process that serves this connection, as `pg_stat_activity.pid`.
    package var backendPID: Int32 { PQbackendPID(pointer) }
    /// The server's version, such as 150018.
    package var serverVersion: Int { Int(PQserverVersion(pointer)) }
    /// The client library's version, as `serverVersion`.
    package static var libraryVersion: Int { Int(PQlibVersion()) }
    /// False once the connection is known to be lost.
    package var isAlive: Bool { PQstatus(pointer) == CONNECTION_OK }
    /// Whether a transaction is open (also a failed one).
    package var inTransaction: Bool { PQtransactionStatus(pointer) != PQTRANS_IDLE }
    /// The socket, for `poll`.
    package var fileDescriptor: Int32 { PQsocket(pointer) }

    /// Runs one or several statements by the simple protocol and returns the last result.
    @discardableResult
    package func execute(_ sql: String) throws(PostgresError) -> Rows {
        try accept(PQexec(pointer, sql), operation: Self.operation(of: sql))
    }

    /// Runs one statement with parameters `$1`, `$2` ….
    @discardableResult
    package func query(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> Rows {
        let encoded = parameters.map(\.encoded)
        // One buffer for all values: the pointers into it live as long as the call.
        let storage = encoded.flatMap { $0.bytes ?? [] }
        let result = storage.withUnsafeBufferPointer { buffer in
            var pointers: [UnsafePointer<CChar>?] = []
            var at = 0
            for value in encoded {
                guard let bytes = value.bytes else { pointers.append(nil); continue }
                // An empty bytea needs a pointer that is not null.
                let base = buffer.baseAddress ?? UnsafePointer(bitPattern: 1)
                pointers.append(base.map { UnsafeRawPointer($0 + at).assumingMemoryBound(to: CChar.self) })
                at += bytes.count
            }
            return PQexecParams(
                pointer, sql, Int32(encoded.count), nil, pointers, encoded.map { Int32($0.bytes?.count ?? 0) },
                encoded.map { $0.isBinary ? 1 : 0 }, 0)
        }
        return try accept(result, operation: Self.operation(of: sql))
    }

    /// Runs `body` between `begin` and COMMIT; rolls back where it throws, and throws that error on.
    package func transaction<T>(_ begin: String = "BEGIN", _ body: (Connection) throws -> T) throws -> T {
        try execute(begin)
        do {
            let value = try body(self)
            try execute("COMMIT")
            return value
        } catch {
            if isAlive { _ = try? execute("ROLLBACK") }
            throw error
        }
    }

    /// What the server keeps of a role's password: the SCRAM-SHA-256 verifier. Made here, so that the password itself is in
    /// no statement, which a server's log might quote.
    package func passwordVerifier(_ password: String, role: String) throws(PostgresError) -> String {
        guard let made = PQencryptPasswordConn(pointer, password, role, "scram-sha-256") else {
            throw PostgresError(connection: pointer, operation: "encrypting a password")
        }
        defer { PQfreemem(made) }
        return String(cString: made)
    }

    /// Asks the server to cancel what this connection is running; may be called from another thread through the returned closure.
    package func canceller() -> @Sendable () -> Void {
        let cancel = SendableCancel(PQgetCancel(pointer))
        return { cancel.send() }
    }

    /// - Parameter operation: asked for where it failed only.
    func accept(_ result: OpaquePointer?, operation: @autoclosure () -> String) throws(PostgresError) -> Rows {
        guard let result else { throw PostgresError(connection: pointer, operation: operation()) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY, PGRES_COPY_IN, PGRES_COPY_OUT:
            return Rows(owning: result)
        default:
            let error = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) == nil
                ? PostgresError(connection: pointer, operation: operation())
                : PostgresError(result: result, operation: operation())
            PQclear(result)
            throw error
        }
    }

    /// The statement's first words: enough to find it, without the values in it.
    static func operation(of sql: String) -> String {
        sql.prefix(200).split(maxSplits: 3, whereSeparator: \.isWhitespace).prefix(3).joined(separator: " ")
    }
}

extension Connection {
    /// A message from another session (NOTIFY).
    package struct Notification: Sendable, Hashable {
        package let channel: String
        package let payload: String
    }

    /// Waits until a notification arrives, or `timeout_ms` has passed; returns what has arrived. Interrupted by a signal, it returns early.
    /// - Parameter other: a descriptor that ends the waiting too when it can be read; -1 for none.
    package func notifications(timeout_ms: Int, or other: Int32 = -1) throws(PostgresError) -> [Notification] {
        var arrived = try collect()
        if arrived.isEmpty {
            // `poll` passes over negative descriptors.
            var descriptors = [fileDescriptor, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            if poll(&descriptors, 2, Int32(timeout_ms)) > 0, descriptors[0].revents != 0 { arrived = try collect() }
        }
        return arrived
    }

    private func collect() throws(PostgresError) -> [Notification] {
        guard PQconsumeInput(pointer) == 1 else { throw PostgresError(connection: pointer, operation: "waiting for notifications") }
        var arrived: [Notification] = []
        while let notify = PQnotifies(pointer) {
            arrived.append(Notification(channel: String(cString: notify.pointee.relname), payload: String(cString: notify.pointee.extra)))
            PQfreemem(notify)
        }
        return arrived
    }
}

/// `PGcancel` may be used from any thread (libpq documentation, "Canceling Queries in Progress").
private final class SendableCancel: @unchecked Sendable {
    private let cancel: OpaquePointer?

    init(_ cancel: OpaquePointer?) { self.cancel = cancel }
    deinit { PQfreeCancel(cancel) }

    func send() {
        var reason = [CChar](repeating: 0, count: 256)
        _ = PQcancel(cancel, &reason, Int32(reason.count))
    }
}
