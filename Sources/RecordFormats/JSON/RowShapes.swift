/// The columns of rows that name their own, found without decoding a value: rows of the same columns share one shape.
package struct RowShapes {
    private var shapes = ShapeCache()

    package init() {}

    /// The columns of a row; nil where it is no record.
    package mutating func shape(of row: UnsafeRawBufferPointer) -> RecordShape? {
        if let shape = shapes.shape(ofUnparsed: row) { return shape }
        guard case .record(let record) = shapes.outcome(of: row, line: 1) else { return nil }
        return record.shape
    }

    /// Of a row that stands among others.
    package mutating func shape(of row: Range<Int>, in bytes: [UInt8]) -> RecordShape? {
        bytes.withUnsafeBytes { shape(of: UnsafeRawBufferPointer(rebasing: $0[row])) }
    }
}
