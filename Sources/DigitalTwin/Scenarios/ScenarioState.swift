/// What scenarios know, as bytes: integers of variable length, the bits of doubles, texts with their length.
struct StateWriter {
    private(set) var bytes: [UInt8] = []

    mutating func integer(_ value: Int64) {
        // Small ones, of either sign, are short.
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 128 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func integer(_ value: Int64?) {
        bytes.append(value == nil ? 0 : 1)
        if let value { integer(value) }
    }

    mutating func double(_ value: Double) { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }

    mutating func text(_ value: some Collection<UInt8>) {
        integer(Int64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func text(_ value: String?) {
        bytes.append(value == nil ? 0 : 1)
        if let value { text(value.utf8) }
    }
}

/// Reads them again. Bytes that are no state are an error, never a crash: they come from a table.
struct StateReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    private mutating func byte() throws(ScenarioError) -> UInt8 {
        guard at < bytes.count else { throw Self.cutOff }
        defer { at += 1 }
        return bytes[at]
    }

    mutating func integer() throws(ScenarioError) -> Int64 {
        var value: UInt64 = 0, shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 64 else { throw Self.cutOff }
            value |= UInt64(next & 127) << shift
            if next < 128 { break }
            shift += 7
        }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func optionalInteger() throws(ScenarioError) -> Int64? { try byte() == 0 ? nil : try integer() }

    /// How many of something follow, each of a byte at least.
    mutating func count() throws(ScenarioError) -> Int {
        let count = try integer()
        guard count >= 0, count <= bytes.count - at else { throw Self.cutOff }
        return Int(count)
    }

    mutating func double() throws(ScenarioError) -> Double {
        guard at + 8 <= bytes.count else { throw Self.cutOff }
        defer { at += 8 }
        return Double(bitPattern: bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: UInt64.self)) })
    }

    mutating func text() throws(ScenarioError) -> [UInt8] {
        let count = try count()
        defer { at += count }
        return Array(bytes[at..<at + count])
    }

    mutating func optionalText() throws(ScenarioError) -> String? { try byte() == 0 ? nil : String(decoding: try text(), as: UTF8.self) }

    private static let cutOff = ScenarioError(
        "The kept state of the scenarios cannot be read. Run UPDATE hub.scenario_state SET format = 0 in `twinhub psql`: they read the log anew, and tell nothing twice.")
}
