import PostgresClient

/// Rows as binary COPY reads them, made ahead of the moment when the server takes them: that is what lets a batch be made while the
/// server works on the one before it.
final class EncodedRows {
    private var rows = BinaryCopyWriter(capacity: 1 << 18)
    private let columns: [String]
    private let start: Int
    /// Where each group of rows ends.
    private var ends: [Int] = []

    init(_ columns: [String]) {
        self.columns = columns
        start = rows.count
    }

    /// Adds a group of rows: one, or those that are sent together or not at all.
    func addGroup(_ write: (inout BinaryCopyWriter) -> Void) {
        write(&rows)
        ends.append(rows.count)
    }

    /// Sends the groups of the numbers that are to be sent; nothing where there are none.
    func copy(into table: String, on connection: Connection, where isSent: (Int) -> Bool = { _ in true }) throws {
        var pieces: [Range<Int>] = []
        var from = start
        for (group, end) in ends.enumerated() {
            if isSent(group), end > from {
                if let last = pieces.last, last.upperBound == from { pieces[pieces.count - 1] = last.lowerBound..<end } else { pieces.append(from..<end) }
            }
            from = end
        }
        guard !pieces.isEmpty else { return }
        let copy = try connection.copyIn("COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)")
        var ending = BinaryCopyWriter(capacity: 64)
        try rows.withBytes { try copy.write(UnsafeRawBufferPointer(rebasing: $0[..<start])) }
        for piece in pieces { try rows.withBytes { try copy.write(UnsafeRawBufferPointer(rebasing: $0[piece])) } }
        ending.trailer()
        try ending.withBytes { try copy.write(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        try copy.finish()
    }
}
