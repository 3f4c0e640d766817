import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The folder of a server's Unix socket: private, and short, since a socket's path has 107 bytes at most (104 on macOS).
enum SocketFolder {
    /// `/.s.PGSQL.5432.lock` and some room.
    static let longestPath = 80

    /// Depends on nothing but the folder and the account, so that every command finds the same one.
    /// - Parameter hash: what tells this server's folder from others'; made of the folder's path where there is no other.
    static func path(near folder: String, account: ServerAccount?, hash: String? = nil) -> String {
        let hash = hash ?? shortHash(folder)
        if account != nil {
            return access("/run", W_OK) == 0 ? "/run/twinhub-\(hash)" : "/tmp/twinhub-\(hash)"
        }
        let inside = folder + "/socket"
        return inside.utf8.count <= longestPath ? inside : "/tmp/twinhub-\(geteuid())-\(hash)"
    }

    /// Makes it, or makes sure that the one that exists is ours alone: /tmp is everyone's.
    static func make(_ path: String, account: ServerAccount?) throws(OperationsError) {
        let owner = account?.userID ?? geteuid()
        if mkdir(path, 0o700) == 0 {
            if let account, chown(path, account.userID, account.groupID) != 0 {
                throw OperationsError(.configuration, "The socket's folder cannot be given to '\(account.name)'.", where: path)
            }
            return
        }
        guard errno == EEXIST else {
            throw OperationsError(.configuration, "The socket's folder cannot be made: \(systemMessage()).", where: path)
        }
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == owner, facts.st_mode & 0o077 == 0 else {
            throw OperationsError(
                .configuration, "The socket's folder exists, but is not a private folder of the server's account.", where: path,
                advice: "Remove it and try again.")
        }
    }

    /// Whether somebody listens.
    static func answers(_ folder: String, port: Int) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("\(folder)/.s.PGSQL.\(port)".utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        #if canImport(Glibc)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
