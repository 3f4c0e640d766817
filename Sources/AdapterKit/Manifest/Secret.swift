import Foundation
import RecordFormats

/// Where a secret stands: `{ secret: "env:NAME" }` or `{ secret: "file:PATH" }`. The secret itself is never in a manifest, an error or a log.
package enum Secret: Sendable, Hashable {
    /// In an environment variable of the adapter's process.
    case environment(String)
    /// In a file, whose path is absolute or begins in the adapter's folder. White space around it does not count.
    case file(String)

    /// The secret. Throws `configuration` where it is absent or empty.
    /// - Parameter what: what it is, as part of a sentence: "the connection string of the source's database".
    func value(_ what: String, environment: [String: String], folder: String) throws(AdapterError) -> String {
        switch self {
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw AdapterError(.configuration, "The environment variable \(name) is not set.", hint: "Set it to \(what).")
            }
            return value
        case .file(let path):
            let whole = path.hasPrefix("/") ? path : folder + "/" + path
            try Self.requirePrivate(whole, what)
            guard let text = try? String(contentsOfFile: whole, encoding: .utf8), !text.isBlank else {
                throw AdapterError(.configuration, "The file with \(what) cannot be read, or is empty.", file: whole)
            }
            return text.trimmed
        }
    }

    /// The secret, in a form that shows it to nobody by accident. Throws as `value` does.
    func text(_ what: String, environment: [String: String], folder: String) throws(AdapterError) -> SecretText {
        SecretText(revealed: try value(what, environment: environment, folder: folder))
    }

    /// A group may read the file (an account of the adapters'), others may not. In /run/secrets Docker, Podman and Kubernetes put files that all may
    /// read, but only inside of the one container.
    private static func requirePrivate(_ path: String, _ what: String) throws(AdapterError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o007 != 0, !path.hasPrefix("/run/secrets/") else { return }
        throw AdapterError(
            .configuration, "The file with \(what) can be read by everybody on this machine.", file: path, hint: "Run: chmod o= \(path)")
    }
}

/// A secret that was read. Whoever prints it, or looks into what holds it, sees dots.
struct SecretText: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself, for the one place that needs it.
    let revealed: String

    var description: String { "[secret]" }
    var debugDescription: String { "[secret]" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension ManifestObject {
    /// The reference `{ secret: "env:NAME" | "file:PATH" }` at a value.
    /// - Parameter what: what it is a secret of, with its article: "the connection".
    func secret(_ value: LocatedValue, _ what: String) throws(AdapterError) -> Secret {
        let object = try ManifestObject(value, what, file: file, known: ["secret"])
        let reference = try object.requiredString("secret")
        if reference.hasPrefix("env:"), reference.count > 4 { return .environment(String(reference.dropFirst(4))) }
        if reference.hasPrefix("file:"), reference.count > 5 { return .file(String(reference.dropFirst(5))) }
        throw fault("\"secret\" of \(what) must say where it stands: \"env:NAME\" or \"file:/path\", never the secret itself.", at: value)
    }
}
