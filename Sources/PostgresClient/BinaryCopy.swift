/// Writes rows in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format").
package struct BinaryCopyWriter {
    /// What has been written and not yet taken.
    package private(set) var bytes: [UInt8] = []

    /// Starts with the signature, no flags, no extension.
    package init(capacity: Int = 1 << 16) {
        bytes.reserveCapacity(capacity)
        bytes.append(contentsOf: Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8))
    }

    /// Starts a row of so many columns; the columns follow, in order.
    package mutating func row(columns: Int16) { append(columns) }

    package mutating func null() { append(Int32(-1)) }
    package mutating func int2(_ value: Int16) { append(Int32(2)); append(value) }
    package mutating func int4(_ value: Int32) { append(Int32(4)); append(value) }
    package mutating func int8(_ value: Int64) { append(Int32(8)); append(value) }
    package mutating func bool(_ value: Bool) { append(Int32(1)); bytes.append(value ? 1 : 0) }
    package mutating func double(_ value: Double) { append(Int32(8)); append(Int64(bitPattern: value.bitPattern)) }

    /// A `timestamptz`: microseconds since 2000-01-01, which is PostgreSQL's epoch.
    package mutating func timestamp(_ value: Timestamp) { int8(value.microseconds - 946_684_800_000_000) }

    /// A `text`, `json`, `bytea` … : the bytes as they are.
    package mutating func data(_ value: some Collection<UInt8>) {
        append(Int32(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { data($0) }
    }

    package mutating func text(_ value: String?) { if let value { text(value) } else { null() } }
    package mutating func double(_ value: Double?) { if let value { double(value) } else { null() } }
    package mutating func int8(_ value: Int64?) { if let value { int8(value) } else { null() } }
    package mutating func int4(_ value: Int32?) { if let value { int4(value) } else { null() } }
    package mutating func timestamp(_ value: Timestamp?) { if let value { timestamp(value) } else { null() } }

    /// Ends the data. Nothing may follow.
    package mutating func trailer() { append(Int16(-1)) }

    /// Takes what has been written and keeps the memory.
    package mutating func take(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try bytes.withUnsafeBytes(body)
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func append<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

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
    package mutating func text() -> String? { cell().map { String(decoding: $0, as: UTF8.self) } }
    package mutating func timestamp() -> Timestamp? { int8().map { Timestamp(microseconds: $0 + 946_684_800_000_000) } }
}
