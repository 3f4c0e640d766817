import Foundation
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The unprivileged account that runs PostgreSQL where twinhub itself runs as root: PostgreSQL refuses to run as root.
package struct ServerAccount: Sendable, Hashable {
    package let name: String
    package let userID: uid_t
    package let groupID: gid_t

    /// The account for this process: nil for an ordinary user, whose server runs as himself.
    package static func needed() throws(OperationsError) -> ServerAccount? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "_postgres", "twinhub"] {
            if let account = lookUp(name) { return account }
        }
        let made = try starting { () throws(SubprocessError) in
            try ChildProcess.run(
                "useradd", ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "twinhub"])
        }
        guard made.status == 0, let account = lookUp("twinhub") else {
            throw OperationsError(
                .configuration, "PostgreSQL does not run as root, and the account 'twinhub' for it could not be made.",
                advice: "Create a system user 'twinhub' by hand, or run twinhub as an ordinary user.")
        }
        return account
    }

    private static func lookUp(_ name: String) -> ServerAccount? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil, entry.pw_uid != 0 else { return nil }
        return ServerAccount(name: name, userID: entry.pw_uid, groupID: entry.pw_gid)
    }

    /// The words that run `command` as this account, in a folder that it may enter.
    static func command(_ command: [String], as account: ServerAccount?) throws(OperationsError) -> [String] {
        // The caller's folder may be one that the account cannot read.
        let inRoot = ["/bin/sh", "-c", "cd / && exec \"$@\"", "sh"]
        guard let account else { return inRoot + command }
        if let setpriv = findProgram("setpriv") {
            return inRoot
                + [setpriv, "--reuid=\(account.userID)", "--regid=\(account.groupID)", "--init-groups", "--no-new-privs", "--"] + command
        }
        if let runuser = findProgram("runuser") { return inRoot + [runuser, "-u", account.name, "--"] + command }
        if let su = findProgram("su") {
            let quoted = command.map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }.joined(separator: " ")
            return inRoot + [su, "-s", "/bin/sh", account.name, "-c", "exec " + quoted]
        }
        throw OperationsError(
            .configuration, "PostgreSQL does not run as root, and none of setpriv, runuser and su was found.",
            advice: "Install util-linux, or run twinhub as an ordinary user.")
    }
}

/// The path of a program, looked for in PATH and in the system's folders.
package func findProgram(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map(String.init) + ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]
    return folders.map { $0 + "/" + name }.first { access($0, X_OK) == 0 }
}
