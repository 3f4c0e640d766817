import Foundation

/// A sealed value as it stands in a payload and in the twin: `sealed:<key>:<nonce, ciphertext and tag in base64url>`.
///
/// The nonce is a keyed digest of the text and of where it stands (as in SIV, RFC 5297): the same text in the same place of the same person
/// is sealed to the same value, so an unchanged record stays unchanged, and nothing else ever shares a nonce. Whoever holds no key learns
/// that, and how many blocks of 16 bytes the text fills; no more.
package struct SealedValue: Sendable, Hashable {
    /// Name of the key, as in `hub.subject_key`.
    package let key: String
    let bytes: [UInt8]

    /// Where a value stands: it cannot be opened anywhere else.
    package struct Place: Sendable, Hashable {
        /// Name of the source.
        package var source: String
        /// Type of the event.
        package var event: String
        /// The event's subject.
        package var subject: String
        /// The payload's member; in an object `contact.phone`.
        package var member: String

        package init(source: String, event: String, subject: String, member: String) {
            (self.source, self.event, self.subject, self.member) = (source, event, subject, member)
        }
    }

    private static let mark = "sealed:"

    var text: String {
        let digits = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").prefix { $0 != "=" }
        return "\(Self.mark)\(key):\(digits)"
    }

    /// Nil where the text is no sealed value.
    package init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.mark) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].utf8.count == SubjectKey.idLength else { return nil }
        let digits = String(parts[2]).replacing("-", with: "+").replacing("_", with: "/")
        guard let data = Data(base64Encoded: digits + String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4)) else { return nil }
        key = String(parts[1])
        bytes = Array(data)
    }

    init(_ text: String, in place: Place, under key: SubjectKey) throws(AdapterError) {
        let data = Self.data(place, key)
        // ISO/IEC 7816-4: a bit and zeros, up to a whole block, so that the length of a name does not show.
        var padded = Array(text.utf8) + [0x80]
        padded += [UInt8](repeating: 0, count: (16 - padded.count % 16) % 16)
        let nonce = Array(Sealing.code(data + padded, key: key.nonces).prefix(Sealing.nonceLength))
        self.key = key.id
        bytes = try Sealing.seal(padded, key: key.encryption, data: data, nonce: nonce)
    }

    /// The text; throws `data` where it was changed, moved, or sealed under another key.
    package func open(in place: Place, under key: SubjectKey) throws(AdapterError) -> String {
        let padded = try Sealing.open(bytes, key: key.encryption, data: Self.data(place, key))
        guard let end = padded.lastIndex(of: 0x80) else { throw AdapterError(.data, "A sealed value has no end.") }
        return String(decoding: padded[..<end], as: UTF8.self)
    }

    /// Each part after its length: no two places look alike.
    private static func data(_ place: Place, _ key: SubjectKey) -> [UInt8] {
        SubjectKey.counted(["twinhub seal 1", key.id, key.subject, place.source, place.event, place.subject, place.member])
    }
}

/// The key of one person's values in one source.
package struct SubjectKey: Sendable {
    /// Random; base64url.
    package let id: String
    /// The person's pseudonym.
    package let subject: String
    private let secret: [UInt8]
    /// What is derived of it: one key a use.
    let encryption: [UInt8]
    let nonces: [UInt8]

    static let idLength = 16
    static let wrappedLength = Sealing.nonceLength + 32 + Sealing.tagLength

    private init(id: String, subject: String, secret: [UInt8]) {
        self.id = id
        self.subject = subject
        self.secret = secret
        encryption = Sealing.code(Array("twinhub seal 1 encryption".utf8), key: secret)
        nonces = Sealing.code(Array("twinhub seal 1 nonce".utf8), key: secret)
    }

    /// A new one.
    init(of subject: String) throws(AdapterError) {
        self.init(id: Self.id(try Sealing.random(12)), subject: subject, secret: try Sealing.random(32))
    }

    /// For samples: the same everywhere, protects nobody.
    init(ofSample subject: String, source: String, key: [UInt8]) {
        let name = Self.counted(["sample", source, subject])
        self.init(id: Self.id(Array(Sealing.code(name, key: key).prefix(12))), subject: subject, secret: Sealing.code([1] + name, key: key))
    }

    /// From the database; throws `data` where it was changed, or wrapped by another `sealing.key`.
    package init(unwrapping wrapped: [UInt8], id: String, subject: String, source: String, under sealing: [UInt8]) throws(AdapterError) {
        let secret = try Sealing.open(wrapped, key: sealing, data: Self.counted(["twinhub key 1", id, subject, source]))
        guard secret.count == 32 else { throw AdapterError(.data, "A wrapped key has another length.") }
        self.init(id: id, subject: subject, secret: secret)
    }

    /// As it stands in the database: the nonce is random, since `sealing.key` wraps many.
    func wrapped(for source: String, under sealing: [UInt8]) throws(AdapterError) -> [UInt8] {
        try Sealing.seal(secret, key: sealing, data: Self.counted(["twinhub key 1", id, subject, source]))
    }

    private static func id(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }

    static func counted(_ parts: [String]) -> [UInt8] {
        parts.flatMap { part in withUnsafeBytes(of: UInt32(part.utf8.count).littleEndian) { Array($0) } + Array(part.utf8) }
    }
}
