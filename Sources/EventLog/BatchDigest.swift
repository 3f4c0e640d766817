import PostgresClient

/// The digest of a batch, built while its facts are written or read: SHA-256 over
/// `<header> <digest of the bodies> <digest of the positions>`.
///
/// The forms are those of the views hub.batch_header and hub.event_canonical, where every line ends with a line feed, so that `psql -At`
/// and `sha256sum` give the same. Bodies and positions have digests of their own because a writer knows the bodies before it
/// has positions.
package struct BatchDigest: ~Copyable {
    /// Precedes a source's first batch.
    package static let genesis = [UInt8](repeating: 0, count: 32)

    /// What is known of a batch besides its facts.
    package struct Header: Sendable, Hashable {
        package var previous: [UInt8]
        package var source: String
        package var adapterVersion: String
        package var inputDigest: [UInt8]?
        package var firstPosition: Int64?
        package var lastPosition: Int64?
        package var events: Int
        /// Start of the batch's transaction.
        package var recordedAt: Timestamp

        package var text: String {
            let first = firstPosition.map(String.init) ?? "-"
            let last = lastPosition.map(String.init) ?? "-"
            return "\(previous.hexadecimal) \(source) \(adapterVersion) \(inputDigest?.hexadecimal ?? "-") \(first) \(last) \(events) \(recordedAt.microseconds)"
        }
    }

    private var bodies = Lines()
    private var positions = Lines()
    /// How the last fact's type begins a line: most facts are of the type of the one before.
    private var last: (type: EventType, beginning: [UInt8]) = (EventType(name: "", version: 0), [])

    package init() {}

    /// The next fact, in the order of positions.
    package mutating func add(
        type: EventType, occurredAt: Timestamp?, causedBy: Int64?, subject: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer
    ) {
        if type != last.type { last = (type, Array("\(type.name)/\(type.version) ".utf8)) }
        last.beginning.withUnsafeBytes { bodies.append($0) }
        bodies.append(occurredAt?.microseconds)
        bodies.append(UInt8(ascii: " "))
        bodies.append(causedBy)
        bodies.append(UInt8(ascii: " "))
        bodies.append(Int64(subject.count))
        bodies.append(UInt8(ascii: ":"))
        bodies.append(subject)
        bodies.append(UInt8(ascii: " "))
        bodies.append(Int64(payload.count))
        bodies.append(UInt8(ascii: ":"))
        bodies.append(payload)
        bodies.append(UInt8(ascii: "\n"))
    }

    /// The next fact's position.
    package mutating func add(position: Int64) {
        positions.appendLine(position)
    }

    /// The digest of positions that follow one another.
    static func positions(_ span: ClosedRange<Int64>) -> [UInt8] {
        var lines = Lines()
        for position in span { lines.appendLine(position) }
        return lines.finish()
    }

    /// The batch's digest; starts anew.
    /// - Parameter known: the digest of the positions, where they were not added one by one.
    package mutating func finish(_ header: Header, positions known: [UInt8]? = nil) -> [UInt8] {
        SHA256.digest(Array("\(header.text) \(bodies.finish().hexadecimal) \((known ?? positions.finish()).hexadecimal)\n".utf8))
    }
}

/// Text on its way into a hash, gathered to spare calls.
private struct Lines: ~Copyable {
    private static let capacity = 1 << 14
    private var hash = SHA256()
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: Lines.capacity, alignment: 8)
    private var used = 0

    deinit { memory.deallocate() }

    mutating func append(_ byte: UInt8) {
        if used == Self.capacity { flush() }
        memory.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
        used += 1
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        if used + bytes.count > Self.capacity {
            flush()
            if bytes.count > Self.capacity / 2 { return hash.update(bytes) }
        }
        memory.advanced(by: used).copyMemory(from: start, byteCount: bytes.count)
        used += bytes.count
    }

    /// In decimal; `-` for nil.
    mutating func append(_ number: Int64?) {
        guard let number else { return append(UInt8(ascii: "-")) }
        // The sign and 19 digits.
        if used + 20 > Self.capacity { flush() }
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var at = 20
            repeat {
                at &-= 1
                digits[at] = UInt8(truncatingIfNeeded: 48 &+ rest % 10)
                rest /= 10
            } while rest > 0
            append(UnsafeRawBufferPointer(rebasing: digits[at...]))
        }
    }

    mutating func appendLine(_ number: Int64) {
        append(number)
        append(UInt8(ascii: "\n"))
    }

    mutating func finish() -> [UInt8] {
        flush()
        return hash.finish()
    }

    private mutating func flush() {
        hash.update(UnsafeRawBufferPointer(start: memory, count: used))
        used = 0
    }
}
