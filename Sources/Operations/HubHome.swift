import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where one hub's things live.
///
/// The state of an ordinary user's hub lies in his clone, `.twinhub/`. As root the server runs as another account, which
/// may not even be able to enter the clone (a 0700 home): then the state lies in `/var/lib/twinhub/<hash of the clone's path>`.
///
/// ```
/// data/    PostgreSQL's                         (the server's account, 0700)
/// log/     the server's log                     (0700)
/// keys/    keys of pseudonyms, quarantine and sealed values    (0700, outside PostgreSQL's folder: a copy of that holds no key)
/// roles/   passwords of the hub's login roles, for a server elsewhere   (0700)
/// *.lock   who uses the server, who starts or stops it, who watches it
/// ```
package struct HubHome: Sendable, Hashable {
    /// The real path of the clone: Adapters/ lie there.
    package let clone: String
    package let state: String
    /// The account of the server; nil where it runs as the user himself.
    package let account: ServerAccount?

    package var keys: String { state + "/keys" }
    package var roles: String { state + "/roles" }
    package var logs: String { state + "/log" }
    package var adapters: String { clone + "/Adapters" }
    /// Every running twinhub process holds a shared lock on it while it uses the server.
    package var usersLock: String { state + "/users.lock" }
    /// Held exclusively by whoever decides that the server starts or stops, until it has.
    package var decisionLock: String { state + "/decision.lock" }
    /// Held by the watcher that stops the server some time after its last user.
    package var watcherLock: String { state + "/watcher.lock" }
    /// Exists while `twinhub server start` keeps the server up.
    package var pin: String { state + "/pinned" }

    /// The home that TWINHUB_HOME names, else the current folder. Makes the state's folders.
    package static func current(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(OperationsError) -> HubHome {
        try HubHome(clone: environment["TWINHUB_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? ".")
    }

    package init(clone: String) throws(OperationsError) {
        guard let real = realPath(clone) else {
            throw OperationsError(
                .configuration, "The hub's folder does not exist.", where: clone, advice: "Set TWINHUB_HOME to the clone of twinhub.")
        }
        self.clone = real
        account = try ServerAccount.needed()
        if account == nil {
            state = real + "/.twinhub"
            try makeFolder(state, mode: 0o700)
        } else {
            // The server's account passes through to data/, and can list or change nothing.
            try makeFolder("/var/lib/twinhub", mode: 0o711)
            state = "/var/lib/twinhub/" + shortHash(real)
            try makeFolder(state, mode: 0o711)
            try remember(real)
        }
        try makeFolder(keys, mode: 0o700)
        try makeFolder(roles, mode: 0o700)
    }

    /// Which clone a folder of hashes belongs to: for people who look, and against two that share a hash.
    private func remember(_ clone: String) throws(OperationsError) {
        let note = state + "/clone"
        if let known = readText(note) {
            guard known == clone + "\n" else {
                throw OperationsError(
                    .configuration, "The hub's state belongs to another clone.", where: note, advice: "Rename this clone.")
            }
            return
        }
        try writePrivateText(clone + "\n", to: note)
    }

    package var server: EmbeddedServer {
        let sockets = SocketFolder.path(near: state, account: account, hash: shortHash(clone))
        return EmbeddedServer(folder: state, sockets: sockets, account: account, isDurable: true)
    }

    /// The password of an adapter's role on a server elsewhere, made at the first call, kept in a 0600 file.
    package func password(ofRole role: String) throws(OperationsError) -> String {
        try secret(ofRole: role, ending: "password") { $0 }
    }

    /// The file with a person's or service's password on a server elsewhere, made at the first call: 0600, in libpq's form, for
    /// `passfile=`. It names no host: a server may have several names.
    package func passwordFile(ofRole role: String, database: String) throws(OperationsError) -> (path: String, password: String) {
        func escaped(_ text: String) -> String { text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: ":", with: "\\:") }
        let line = try secret(ofRole: role, ending: "pgpass") { "*:*:\(escaped(database)):\(role):\($0)" }
        return ("\(roles)/\(role).pgpass", String(line.split(separator: ":").last ?? ""))
    }

    /// Forgets the passwords of a role that was dropped.
    package func forgetPassword(ofRole role: String) {
        for ending in ["password", "pgpass"] { unlink("\(roles)/\(role).\(ending)") }
    }

    /// What a role's file says; where there is none, `content` of a new password of 32 random hexadecimal digits.
    private func secret(ofRole role: String, ending: String, _ content: (String) -> String) throws(OperationsError) -> String {
        guard !role.isEmpty, role.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
            throw OperationsError(.configuration, "A role's name may hold letters, digits and underscores only: the hub's database needs such a name too.")
        }
        let path = "\(roles)/\(role).\(ending)"
        // Two adapters started at once agree on one.
        let lock = try FileLock.take(.exclusive, roles + "/lock")
        defer { withExtendedLifetime(lock) {} }
        if let known = readText(path)?.trimmingCharacters(in: .whitespacesAndNewlines), !known.isEmpty { return known }
        var generator = SystemRandomNumberGenerator()
        let made = content((0..<32).map { _ in String(UInt8.random(in: 0..<16, using: &generator), radix: 16) }.joined())
        try writePrivateText(made + "\n", to: path)
        return made
    }
}
