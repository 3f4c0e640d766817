import CLibCrypto
import EventLog
import RecordFormats

/// Applies the rules for personal columns under a hub's keys.
package struct Protection: Sendable {
    private let keys: Keys

    /// - Parameter keys: of the hub, or `Keys.forSamples`.
    package init(_ keys: Keys) { self.keys = keys }

    /// What may leave the reader in the value's place; nil where nothing may.
    func apply(_ rule: PersonalRule, to value: Value) -> Value? {
        switch rule {
        case .keep: return value
        case .drop: return nil
        case .mask:
            let text = RecordColumns.text(of: value) ?? ""
            guard let first = text.first else { return nil }
            return .text(String(first) + String(repeating: "*", count: max(1, text.count - 1)))
        case .pseudonym(let domain):
            let text = RecordColumns.text(of: value) ?? String(decoding: JSONWriter.encode(value), as: UTF8.self)
            return .text(pseudonym(of: text, domain: domain))
        }
    }

    /// 32 hexadecimal digits: HMAC-SHA-256 under the hub's key of domain, a zero byte, and the value without white space around it
    /// and in upper case (an ID number may end in x or X).
    func pseudonym(of text: String, domain: String) -> String {
        let message = Array(domain.utf8) + [0] + Array(text.trimmed.uppercased().utf8)
        var code = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        _ = HMAC(EVP_sha256(), keys.pseudonym, Int32(keys.pseudonym.count), message, message.count, &code, &length)
        return code.prefix(16).hexadecimal
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
