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

    private var bodies = SHA256()
    private var positions = SHA256()
    /// One line's beginning, or a few positions; kept for its memory.
    private var scratch: [UInt8] = []

    package init() {}

    /// The next fact, in the order of positions.
    package mutating func add(
        type: EventType, occurredAt: Timestamp?, causedBy: Int64?, subject: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer
    ) {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: type.name.utf8)
        scratch.append(UInt8(ascii: "/"))
        append(Int64(type.version))
        scratch.append(UInt8(ascii: " "))
        append(occurredAt?.microseconds)
        scratch.append(UInt8(ascii: " "))
        append(causedBy)
        scratch.append(UInt8(ascii: " "))
        append(Int64(subject.count))
        scratch.append(UInt8(ascii: ":"))
        scratch.append(contentsOf: subject)
        scratch.append(UInt8(ascii: " "))
        append(Int64(payload.count))
        scratch.append(UInt8(ascii: ":"))
        bodies.update(scratch)
        bodies.update(payload)
        bodies.update([UInt8(ascii: "\n")])
    }

    /// The next fact's position.
    package mutating func add(position: Int64) {
        scratch.removeAll(keepingCapacity: true)
        append(position)
        scratch.append(UInt8(ascii: "\n"))
        positions.update(scratch)
    }

    /// The batch's digest; starts anew.
    package mutating func finish(_ header: Header) -> [UInt8] {
        SHA256.digest(Array("\(header.text) \(bodies.finish().hexadecimal) \(positions.finish().hexadecimal)\n".utf8))
    }

    private mutating func append(_ number: Int64?) {
        guard let number else { scratch.append(UInt8(ascii: "-")); return }
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var rest = number.magnitude
            var at = buffer.count
            repeat {
                at -= 1
                buffer[at] = UInt8(48 + rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 { at -= 1; buffer[at] = UInt8(ascii: "-") }
            scratch.append(contentsOf: buffer[at...])
        }
    }
}
