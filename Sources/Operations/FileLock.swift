#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A `flock` on a file, held as long as this object lives; the kernel releases it however the process ends.
package final class FileLock: Sendable {
    package enum Mode: Sendable { case shared, exclusive }

    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Waits until the lock is free.
    package static func take(_ mode: Mode, _ path: String) throws(OperationsError) -> FileLock {
        guard let lock = try attempt(mode, path, flags: 0) else {
            throw OperationsError(.internal, "A lock that was waited for was not given.", where: path)
        }
        return lock
    }

    /// nil where another holder is in the way.
    package static func takeIfFree(_ mode: Mode, _ path: String) throws(OperationsError) -> FileLock? {
        try attempt(mode, path, flags: LOCK_NB)
    }

    /// Whether nobody holds the lock in any way, at this moment.
    static func isFree(_ path: String) throws(OperationsError) -> Bool {
        try takeIfFree(.exclusive, path) != nil
    }

    private static func attempt(_ mode: Mode, _ path: String, flags: Int32) throws(OperationsError) -> FileLock? {
        // Close-on-exec: a server or psql that inherited the lock would hold it for as long as it lives.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw OperationsError(
                .configuration, "The lock file cannot be opened: \(systemMessage()).", where: path,
                advice: "Run twinhub as the user who made this folder.")
        }
        let lock = FileLock(descriptor)
        while flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | flags) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return nil }
            throw OperationsError(.configuration, "The file cannot be locked: \(systemMessage()).", where: path)
        }
        return lock
    }

    /// Leaves a trace of the use in the file's time, for whoever was not looking while the lock was held.
    func touch() { _ = futimens(descriptor, nil) }

    /// Lets the lock live on in the program that takes this process's place by `exec`.
    package func keepAcrossExec() { _ = fcntl(descriptor, F_SETFD, 0) }
}
