import Foundation
import RecordFormats

/// Replaces secrets in what others say before it reaches a log.
///
/// A secret is found as it is, line by line where it has several, and as it looks inside JSON and inside a URL. Of a URL with a password
/// that part is a secret of its own.
struct SecretBlotter: Sendable {
    private let words: [String]

    init(_ secrets: [String]) {
        var words: Set<String> = []
        for secret in secrets {
            var parts = [secret] + secret.split(whereSeparator: \.isNewline).map(String.init)
            if let password = URLComponents(string: secret)?.password { parts.append(password) }
            for part in parts {
                words.insert(part)
                words.insert(part.trimmed)
                let json = String(decoding: JSONWriter.encode(.text(part)), as: UTF8.self)
                words.insert(String(json.dropFirst().dropLast()))
                for allowed in [CharacterSet.urlQueryAllowed, .urlPasswordAllowed, .alphanumerics] {
                    if let encoded = part.addingPercentEncoding(withAllowedCharacters: allowed) { words.insert(encoded) }
                }
            }
        }
        // The longest first: a part of a secret would leave the rest.
        self.words = words.filter { !$0.isEmpty }.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    func blot(_ text: String) -> String {
        words.reduce(text) { $1.utf8.count > $0.utf8.count ? $0 : $0.split(separator: $1, omittingEmptySubsequences: false).joined(separator: "[secret]") }
    }
}
