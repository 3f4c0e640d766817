import CLibPQ

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An open `COPY … FROM STDIN`. Not finished, it is aborted and the rows are not kept.
package final class CopyIn {
    private let connection: Connection
    private var isOpen = true
    /// The last result of the statements that were sent before the COPY.
    package let preceding: Rows?

    init(_ connection: Connection, preceding: consuming Rows? = nil) {
        self.connection = connection
        self.preceding = preceding
    }

    deinit {
        guard isOpen, connection.isAlive else { return }
        PQputCopyEnd(connection.pointer, "aborted by the client")
        while let result = PQgetResult(connection.pointer) { PQclear(result) }
    }

    /// Sends bytes; rows may be cut anywhere.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        var rest = bytes
        // PQputCopyData counts in Int32.
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 26))
            guard PQputCopyData(connection.pointer, piece.bindMemory(to: CChar.self).baseAddress, Int32(piece.count)) == 1 else {
                throw PostgresError(connection: connection.pointer, operation: "COPY")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
        }
    }

    package func write(_ bytes: [UInt8]) throws(PostgresError) {
        let outcome: Result<Void, PostgresError> = bytes.withUnsafeBytes { buffer in
            do throws(PostgresError) { return .success(try write(buffer)) } catch { return .failure(error) }
        }
        try outcome.get()
    }

    /// Ends the COPY and returns the last result: its own, with the number of rows, or that of the statements that were sent behind it.
    @discardableResult
    package func finish() throws(PostgresError) -> Rows {
        isOpen = false
        guard PQputCopyEnd(connection.pointer, nil) == 1 else {
            throw PostgresError(connection: connection.pointer, operation: "COPY")
        }
        return try connection.drain(operation: "COPY")
    }
}

/// A statement was ended because the caller was told to stop.
package struct StatementCancelled: Error, Sendable {}

/// A `COPY … FROM STDIN` that the server has been asked for. Never opened, it is aborted.
package final class SentCopyIn {
    private let connection: Connection
    private var isAsked = false

    init(_ connection: Connection) { self.connection = connection }

    deinit { if !isAsked, connection.isAlive { _ = try? opened() } }

    /// Waits for the server's answer; to be asked once.
    package func opened() throws(PostgresError) -> CopyIn {
        isAsked = true
        return try connection.openCopyIn()
    }
}

extension Connection {
    /// Opens `COPY … FROM STDIN`.
    /// - Parameters:
    ///   - before: statements that are sent in the same message: one round trip for all. Their last result is `preceding`.
    ///   - after: statements behind the COPY, which run when it ends; `finish` returns their last result.
    package func copyIn(_ sql: String, before: String? = nil, after: String? = nil) throws(PostgresError) -> CopyIn {
        try sendCopyIn(sql, before: before, after: after).opened()
    }

    /// As above, without waiting for the server: whoever has something to do meanwhile does it before he asks for `opened`.
    package func sendCopyIn(_ sql: String, before: String? = nil, after: String? = nil) throws(PostgresError) -> SentCopyIn {
        guard PQsendQuery(pointer, [before, sql, after].compactMap { $0 }.joined(separator: "; ")) == 1 else {
            throw PostgresError(connection: pointer, operation: "COPY")
        }
        return SentCopyIn(self)
    }

    fileprivate func openCopyIn() throws(PostgresError) -> CopyIn {
        var preceding: Rows?
        while let result = PQgetResult(pointer) {
            let isOpen = PQresultStatus(result) == PGRES_COPY_IN
            do throws(PostgresError) {
                if isOpen {
                    PQclear(result)
                    return CopyIn(self, preceding: preceding.take())
                }
                preceding = .some(try accept(result, operation: "COPY"))
            } catch {
                _ = try? drain(operation: "COPY")
                throw error
            }
        }
        throw PostgresError(kind: .internal, message: "the statement is not COPY … FROM STDIN", operation: "COPY")
    }

    /// Runs `COPY … TO STDOUT` and hands over each message of the server: a row each (in the binary format the header comes with the first one).
    /// - Parameter isCancelled: asked a few times a second while the server says nothing; where it holds `StatementCancelled` is thrown.
    package func copyOut(_ sql: String, isCancelled: (() -> Bool)? = nil, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard try copyStatus(sql, isCancelled) == PGRES_COPY_OUT else {
            throw PostgresError(kind: .internal, message: "the statement is not COPY … TO STDOUT", operation: "COPY")
        }
        do {
            while true {
                var buffer: UnsafeMutablePointer<CChar>?
                let length = PQgetCopyData(pointer, &buffer, isCancelled == nil ? 0 : 1)
                if length == -1 { break }
                if length == 0, let isCancelled {
                    try awaitInput("COPY", isCancelled)
                    continue
                }
                guard length > 0, let buffer else { throw PostgresError(connection: pointer, operation: "COPY") }
                defer { PQfreemem(buffer) }
                try body(UnsafeRawBufferPointer(start: buffer, count: Int(length)))
            }
        } catch {
            abandon()
            throw error
        }
        _ = try drain(operation: "COPY")
    }

    /// Runs one or several statements, and returns the last result; ends them where `isCancelled` holds, and throws `StatementCancelled`.
    @discardableResult
    package func execute(_ sql: String, isCancelled: () -> Bool) throws -> Rows {
        let operation = Self.operation(of: sql)
        try send(sql, operation, isCancelled)
        return try drain(operation: operation)
    }

    /// Sends statements and waits for the first answer.
    private func send(_ sql: String, _ operation: String, _ isCancelled: () -> Bool) throws {
        guard PQsendQuery(pointer, sql) == 1 else { throw PostgresError(connection: pointer, operation: operation) }
        do {
            while PQisBusy(pointer) == 1 { try awaitInput(operation, isCancelled) }
        } catch {
            abandon()
            throw error
        }
    }

    /// Waits a moment for the server, and takes what it said.
    private func awaitInput(_ operation: String, _ isCancelled: () -> Bool) throws {
        if isCancelled() { throw StatementCancelled() }
        var waiting = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 200) > 0 else { return }
        guard PQconsumeInput(pointer) == 1 else { throw PostgresError(connection: pointer, operation: operation) }
    }

    /// The reader has had enough: the server is told, and what it had sent is thrown away.
    private func abandon() {
        guard isAlive else { return }
        canceller()()
        discardRows()
        while let result = PQgetResult(pointer) {
            let hasRows = PQresultStatus(result) == PGRES_COPY_OUT
            PQclear(result)
            // As long as its rows are not read the same result would come again.
            if hasRows { discardRows() }
        }
    }

    private func discardRows() {
        var buffer: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(pointer, &buffer, 0) > 0 { PQfreemem(buffer) }
    }

    private func copyStatus(_ sql: String, _ isCancelled: (() -> Bool)?) throws -> ExecStatusType {
        let result: OpaquePointer?
        if let isCancelled {
            try send(sql, "COPY", isCancelled)
            result = PQgetResult(pointer)
        } else {
            result = PQexec(pointer, sql)
        }
        let status = PQresultStatus(result)
        _ = try accept(result, operation: "COPY")
        return status
    }

    /// Reads the results that are left, and returns the last one.
    fileprivate func drain(operation: String) throws(PostgresError) -> Rows {
        var last: Rows?
        var failure: PostgresError?
        while let result = PQgetResult(pointer) {
            do throws(PostgresError) {
                last = try accept(result, operation: operation)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        guard let last else { throw PostgresError(kind: .internal, message: "the server sent no result", operation: operation) }
        return last
    }
}
