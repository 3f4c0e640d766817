/// Reads the cells of one row message of a binary `COPY … TO STDOUT`, in order.
package struct BinaryRow {
    private var rest: UnsafeRawBufferPointer

    /// Columns in this row; -1 for the trailer.
    package let columns: Int

    /// - Parameter message: what `copyOut` hands over; the file header before the first row is skipped.
    package init(_ message: UnsafeRawBufferPointer) {
        var rest = message
        if rest.count >= 19, rest[0] == UInt8(ascii: "P"), rest[1] == UInt8(ascii: "G"), rest[7] == 0xFF {
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(19))
        }
        guard rest.count >= 2 else { self.rest = rest; columns = -1; return }
        columns = Int(Int16(bigEndian: rest.loadUnaligned(as: Int16.self)))
        self.rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(2))
    }

    /// The next cell's bytes, borrowed from the message; nil where it is null, or the row is at its end.
    package mutating func cell() -> UnsafeRawBufferPointer? {
        guard rest.count >= 4 else { return nil }
        let length = Int(Int32(bigEndian: rest.loadUnaligned(as: Int32.self)))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(4))
        guard length >= 0, length <= rest.count else { return nil }
        let cell = UnsafeRawBufferPointer(rebasing: rest.prefix(length))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length))
        return cell
    }

    package mutating func int4() -> Int32? { cell().flatMap { $0.count == 4 ? Int32(bigEndian: $0.loadUnaligned(as: Int32.self)) : nil } }
    package mutating func int8() -> Int64? { cell().flatMap { $0.count == 8 ? Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) : nil } }
    package mutating func double() -> Double? { int8().map { Double(bitPattern: UInt64(bitPattern: $0)) } }
    package mutating func text() -> String? { cell().map { String(decoding: $0, as: UTF8.self) } }
    package mutating func timestamp() -> Timestamp? { int8().map { Timestamp(microseconds: $0 + 946_684_800_000_000) } }
}
