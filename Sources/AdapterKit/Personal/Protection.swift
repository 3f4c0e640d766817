import EventLog
import RecordFormats

/// Applies the rules for personal columns under a hub's keys.
package struct Protection: Sendable {
    private let keys: Keys
    private let encoding: NameEncoding
    /// Of the source at hand; nil where none is: then nothing can be sealed.
    let people: SubjectKeyring?

    /// For what is refused, and pseudonyms.
    /// - Parameter keys: of the hub, or `Keys.forSamples`.
    package init(_ keys: Keys) { self.init(keys, people: nil) }

    init(_ keys: Keys, people: SubjectKeyring?) {
        self.keys = keys
        encoding = NameEncoding(key: keys.pseudonym)
        self.people = people
    }

    /// What may leave the reader in the value's place; nil where nothing may. What is to be sealed goes another way: `RecordColumns.sealed`.
    func apply(_ rule: PersonalRule, to value: Value) -> Value? {
        switch rule {
        case .keep: return value
        case .drop, .seal: return nil
        case .mask:
            let text = RecordColumns.text(of: value) ?? ""
            guard let first = text.first else { return nil }
            return .text(String(first) + String(repeating: "*", count: max(1, text.count - 1)))
        case .pseudonym(let domain): return .text(pseudonym(of: Self.text(of: value), domain: domain))
        case .encode: return encoding.encode(Self.text(of: value)).map { .text($0) }
        }
    }

    /// A list or object as JSON.
    static func text(of value: Value) -> String { RecordColumns.text(of: value) ?? String(decoding: JSONWriter.encode(value), as: UTF8.self) }

    /// 32 hexadecimal digits: HMAC-SHA-256 under the hub's key of domain, a zero byte, and the value without white space around it
    /// and in upper case (an ID number may end in x or X).
    package func pseudonym(of text: String, domain: String) -> String {
        Sealing.code(Array(domain.utf8) + [0] + Array(text.trimmed.uppercased().utf8), key: keys.pseudonym).prefix(16).hexadecimal
    }

    /// Whether a fact about this subject, or the person of this pseudonym, must not be told.
    func isErased(subject: String) -> Bool {
        guard let erased = people?.erased, !erased.isEmpty else { return false }
        return erased.contains(String(subject[(subject.firstIndex(of: "/").map { subject.index(after: $0) } ?? subject.startIndex)...]))
    }

    /// Mixed into hashes of whole rows, so that nobody without the key can try rows out.
    var salt: [UInt8] { keys.quarantine }

    /// Everything that decides how personal columns are replaced, for hashes only.
    var secrets: [UInt8] { keys.quarantine + keys.pseudonym }

    /// Encrypts a quarantined row.
    package func seal(_ bytes: [UInt8]) throws(AdapterError) -> [UInt8] { try Sealing.seal(bytes, key: keys.quarantine) }

    /// Decrypts a quarantined row; throws `data` where it was changed or sealed under another key.
    package func open(_ sealed: [UInt8]) throws(AdapterError) -> [UInt8] { try Sealing.open(sealed, key: keys.quarantine) }
}
