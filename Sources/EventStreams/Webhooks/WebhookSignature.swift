import CLibCrypto
import Foundation

/// Signs what is posted, by the scheme of standardwebhooks.com: HMAC-SHA-256 over `id.timestamp.body`, in Base64, under a secret that is
/// written `whsec_` and Base64.
package struct WebhookSignature: Sendable {
    private let key: [UInt8]

    /// - Parameter secret: as it stands in its file. Nil where it is none.
    package init?(secret: String) {
        let text = secret.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix("whsec_"), let key = Data(base64Encoded: String(text.dropFirst(6))), key.count >= 24 else { return nil }
        self.key = Array(key)
    }

    /// A secret of 32 random bytes.
    package static func newSecret() -> String {
        var generator = SystemRandomNumberGenerator()
        return "whsec_" + Data((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }).base64EncodedString()
    }

    /// The headers of a request: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    package func headers(id: String, moment_s: Int, body: [UInt8]) -> [(name: String, value: String)] {
        let message = Array("\(id).\(moment_s).".utf8) + body
        var code = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        _ = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &length)
        return [("webhook-id", id), ("webhook-timestamp", "\(moment_s)"), ("webhook-signature", "v1," + Data(code).base64EncodedString())]
    }
}
