import CLibPQ

/// The result of a statement: the one owner of a `PGresult`. Cells are in the text format unless the statement asked otherwise.
package struct Rows: ~Copyable {
    private let result: OpaquePointer

    init(owning result: OpaquePointer) { self.result = result }
    deinit { PQclear(result) }

    /// Rows returned.
    package var count: Int { Int(PQntuples(result)) }
    package var columnCount: Int { Int(PQnfields(result)) }

    package var columnNames: [String] {
        (0..<PQnfields(result)).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
    }

    /// Rows that an INSERT, UPDATE, DELETE or COPY touched; 0 for what counts nothing.
    package var affected: Int { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }

    package func isNull(_ row: Int, _ column: Int) -> Bool {
        !contains(row, column) || PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    /// The cell's bytes, borrowed; nil where it is null.
    package func withCell<T>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T? {
        guard !isNull(row, column), let cell = PQgetvalue(result, Int32(row), Int32(column)) else { return nil }
        return try body(UnsafeRawBufferPointer(start: cell, count: Int(PQgetlength(result, Int32(row), Int32(column)))))
    }

    package func text(_ row: Int, _ column: Int) -> String? {
        withCell(row, column) { String(decoding: $0, as: UTF8.self) }
    }

    package func int(_ row: Int, _ column: Int) -> Int64? { text(row, column).flatMap { Int64($0) } }
    package func double(_ row: Int, _ column: Int) -> Double? { text(row, column).flatMap { Double($0) } }
    /// True only for `t`.
    package func bool(_ row: Int, _ column: Int) -> Bool { text(row, column) == "t" }

    /// A `bytea` in its hexadecimal output form.
    package func bytes(_ row: Int, _ column: Int) -> [UInt8]? {
        withCell(row, column) { cell -> [UInt8]? in
            guard cell.count >= 2, cell[0] == UInt8(ascii: "\\"), cell[1] == UInt8(ascii: "x") else { return nil }
            var decoded: [UInt8] = []
            decoded.reserveCapacity(cell.count / 2 - 1)
            for at in stride(from: 2, to: cell.count - 1, by: 2) {
                guard let high = hexDigit(cell[at]), let low = hexDigit(cell[at + 1]) else { return nil }
                decoded.append(high << 4 | low)
            }
            return decoded
        } ?? nil
    }

    /// A `timestamptz` as the session prints it (ISO, `2024-05-01 04:00:03.25+00`).
    package func timestamp(_ row: Int, _ column: Int) -> Timestamp? {
        text(row, column).flatMap { Timestamp(iso8601: $0) }
    }

    private func contains(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && row < count && column >= 0 && column < columnCount
    }
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: return byte - 48
    case 97...102: return byte - 87
    case 65...70: return byte - 55
    default: return nil
    }
}
