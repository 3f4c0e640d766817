import CLibPQ

/// An open `COPY … FROM STDIN`. Not finished, it is aborted and the rows are not kept.
package final class CopyIn {
    private let connection: Connection
    private var isOpen = true

    init(_ connection: Connection) { self.connection = connection }

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

    /// Ends the COPY and returns the number of rows.
    @discardableResult
    package func finish() throws(PostgresError) -> Int {
        isOpen = false
        guard PQputCopyEnd(connection.pointer, nil) == 1 else {
            throw PostgresError(connection: connection.pointer, operation: "COPY")
        }
        let rows = try connection.drain(operation: "COPY")
        return rows
    }
}

extension Connection {
    /// Opens `COPY … FROM STDIN`.
    package func copyIn(_ sql: String) throws(PostgresError) -> CopyIn {
        let status = try copyStatus(sql)
        guard status == PGRES_COPY_IN else {
            throw PostgresError(kind: .internal, message: "the statement is not COPY … FROM STDIN", operation: "COPY")
        }
        return CopyIn(self)
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

    /// Reads the results left after a COPY; returns the rows counted.
    fileprivate func drain(operation: String) throws(PostgresError) -> Int {
        var counted = 0
        var failure: PostgresError?
        while let result = PQgetResult(pointer) {
            do throws(PostgresError) {
                counted = try accept(result, operation: operation).affected
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return counted
    }
}
