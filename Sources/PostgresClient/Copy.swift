import CLibPQ

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

extension Connection {
    /// Opens `COPY … FROM STDIN`.
    /// - Parameters:
    ///   - before: statements that are sent in the same message: one round trip for all. Their last result is `preceding`.
    ///   - after: statements behind the COPY, which run when it ends; `finish` returns their last result.
    package func copyIn(_ sql: String, before: String? = nil, after: String? = nil) throws(PostgresError) -> CopyIn {
        guard PQsendQuery(pointer, [before, sql, after].compactMap { $0 }.joined(separator: "; ")) == 1 else {
            throw PostgresError(connection: pointer, operation: "COPY")
        }
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
    package func copyOut(_ sql: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard try copyStatus(sql) == PGRES_COPY_OUT else {
            throw PostgresError(kind: .internal, message: "the statement is not COPY … TO STDOUT", operation: "COPY")
        }
        do {
            while true {
                var buffer: UnsafeMutablePointer<CChar>?
                let length = PQgetCopyData(pointer, &buffer, 0)
                if length == -1 { break }
                guard length > 0, let buffer else { throw PostgresError(connection: pointer, operation: "COPY") }
                defer { PQfreemem(buffer) }
                try body(UnsafeRawBufferPointer(start: buffer, count: Int(length)))
            }
        } catch {
            abandonCopyOut()
            throw error
        }
        _ = try drain(operation: "COPY")
    }

    /// The reader has had enough: the server is told, and what it had sent is thrown away.
    private func abandonCopyOut() {
        guard isAlive else { return }
        canceller()()
        var buffer: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(pointer, &buffer, 0) > 0 { PQfreemem(buffer) }
        while let result = PQgetResult(pointer) { PQclear(result) }
    }

    private func copyStatus(_ sql: String) throws(PostgresError) -> ExecStatusType {
        let result = PQexec(pointer, sql)
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
