/// Writes rows in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format").
package struct BinaryCopyWriter: ~Copyable {
    @usableFromInline var memory: UnsafeMutableRawBufferPointer
    @usableFromInline var used = 0

    /// Starts with the signature, no flags, no extension.
    package init(capacity: Int = 1 << 16) {
        memory = .allocate(byteCount: max(capacity, 64), alignment: 16)
        data(raw: Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8))
    }

    deinit { memory.deallocate() }

    /// How many bytes have been written and not yet taken.
    package var count: Int { used }
    /// What has been written and not yet taken.
    package var bytes: [UInt8] { Array(UnsafeRawBufferPointer(rebasing: memory[..<used])) }

    /// Starts a row of so many columns; the columns follow, in order.
    @inlinable package mutating func row(columns: Int16) { append(columns) }

    @inlinable package mutating func null() { append(Int32(-1)) }
    @inlinable package mutating func int2(_ value: Int16) { append(Int32(2)); append(value) }
    @inlinable package mutating func int4(_ value: Int32) { append(Int32(4)); append(value) }
    @inlinable package mutating func int8(_ value: Int64) { append(Int32(8)); append(value) }
    @inlinable package mutating func bool(_ value: Bool) { append(Int32(1)); append(UInt8(value ? 1 : 0)) }
    @inlinable package mutating func double(_ value: Double) { append(Int32(8)); append(Int64(bitPattern: value.bitPattern)) }

    /// A `timestamptz`: microseconds since 2000-01-01, which is PostgreSQL's epoch.
    @inlinable package mutating func timestamp(_ value: Timestamp) { int8(value.microseconds - 946_684_800_000_000) }

    /// A `text`, `json`, `bytea` … : the bytes as they are.
    @inlinable package mutating func data(_ value: UnsafeRawBufferPointer) {
        append(Int32(value.count))
        raw(value)
    }

    @inlinable package mutating func data(_ value: [UInt8]) { value.withUnsafeBytes { data($0) } }
    @inlinable package mutating func data(_ value: ArraySlice<UInt8>) { value.withUnsafeBytes { data($0) } }

    /// A text in three parts, such as a name, a separator and a key.
    @inlinable package mutating func data(_ first: UnsafeRawBufferPointer, _ second: UInt8, _ third: UnsafeRawBufferPointer) {
        append(Int32(first.count + 1 + third.count))
        raw(first)
        append(second)
        raw(third)
    }

    package mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { data(UnsafeRawBufferPointer($0)) }
    }

    package mutating func text(_ value: String?) { if let value { text(value) } else { null() } }
    package mutating func double(_ value: Double?) { if let value { double(value) } else { null() } }
    package mutating func int8(_ value: Int64?) { if let value { int8(value) } else { null() } }
    package mutating func int4(_ value: Int32?) { if let value { int4(value) } else { null() } }
    package mutating func timestamp(_ value: Timestamp?) { if let value { timestamp(value) } else { null() } }

    /// A `bigint[]`.
    package mutating func int8s(_ values: [Int64]) {
        append(Int32(20 + values.count * 12))
        // One dimension, no nulls, of the type bigint, from 1 on; where it is empty, none.
        append(Int32(1))
        append(Int32(0))
        append(Int32(20))
        append(Int32(values.count))
        append(Int32(1))
        for value in values { int8(value) }
    }

    /// Ends the data. Nothing may follow.
    package mutating func trailer() { append(Int16(-1)) }

    /// Hands over what has been written, and keeps it.
    package borrowing func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        try body(UnsafeRawBufferPointer(rebasing: memory[..<used]))
    }

    /// Takes what has been written and keeps the memory.
    package mutating func take(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try body(UnsafeRawBufferPointer(rebasing: memory[..<used]))
        used = 0
    }

    private mutating func data(raw bytes: [UInt8]) { bytes.withUnsafeBytes { raw($0) } }

    @inlinable mutating func append<T: FixedWidthInteger>(_ value: T) {
        if used + MemoryLayout<T>.size > memory.count { grow(by: MemoryLayout<T>.size) }
        memory.storeBytes(of: value.bigEndian, toByteOffset: used, as: T.self)
        used += MemoryLayout<T>.size
    }

    @inlinable mutating func raw(_ value: UnsafeRawBufferPointer) {
        if used + value.count > memory.count { grow(by: value.count) }
        UnsafeMutableRawBufferPointer(rebasing: memory[used...]).copyMemory(from: value)
        used += value.count
    }

    @usableFromInline mutating func grow(by count: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(memory.count * 2, used + count), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<used]))
        memory.deallocate()
        memory = larger
    }
}
