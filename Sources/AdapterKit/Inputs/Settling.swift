import Foundation
import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Tells files that are whole from those that somebody is still writing.
struct Settling {
    /// For how long a file must not have changed; 0: as long as no program has it open for writing.
    let settle_s: Int
    let context: InputContext

    /// How long a pull waits for a file that keeps changing.
    private static let patience_s = 60
    /// How long it waits where nothing is said about settling: a writer that closes, or a child that its server has just forked and that
    /// holds the server's files until it executes its program, is over in a moment.
    private static let shortPatience_s = 5

    /// Whether a file is whole, as far as can be seen.
    func isSettled(_ path: String) throws(AdapterError) -> Bool {
        if Self.isOpenForWriting(path) { return false }
        if settle_s == 0 { return true }
        let age_ns = now_ns - (try FileSearch.stamp(path).modified_ns)
        return age_ns >= Int64(settle_s) * 1_000_000_000
    }

    /// The files that are settled. Of a full list none may be left out: there it is waited for them, and at last an error thrown.
    func settled(_ paths: [String], waits: Bool) throws -> [String] {
        var settled: [String] = []
        for path in paths {
            if try isSettled(path) {
                settled.append(path)
            } else if !waits {
                context.log("\(path) is still being written and is left for the next run.")
            } else {
                try wait(for: path)
                settled.append(path)
            }
        }
        return settled
    }

    private func wait(for path: String) throws {
        let limit = ContinuousClock.now + .seconds(settle_s == 0 ? Self.shortPatience_s : settle_s + Self.patience_s)
        // A clock that is ahead at the source must not keep us: what counts then is that nothing changes while we look.
        var seen = try FileSearch.stamp(path)
        var since = ContinuousClock.now
        while try !isSettled(path) {
            if context.isCancelled() { throw RunCancelled() }
            guard ContinuousClock.now < limit else {
                throw AdapterError(
                    .transient, "The file is still being written.", file: path,
                    hint: "It is read by a later run. Deliver files under another name and rename them when they are complete.")
            }
            poll(nil, 0, 100)
            let stamp = try FileSearch.stamp(path)
            if stamp != seen { (seen, since) = (stamp, .now) }
            if since.duration(to: .now) >= .seconds(settle_s), !Self.isOpenForWriting(path) { return }
        }
    }

    private var now_ns: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000_000) }

    /// Whether a program of this machine has a file open for writing. Linux grants a read lease (fcntl(2), F_SETLEASE) only where none has;
    /// false where the file system knows no leases.
    static func isOpenForWriting(_ path: String) -> Bool {
        #if os(Linux)
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        // Not in Glibc's Swift module; the values of <fcntl.h>. A writer who comes this moment makes the system send a signal: one that
        // is ignored, in place of SIGIO, which would end us.
        let (setSignal, setLease): (Int32, Int32) = (10, 1024)
        _ = fcntl(file, setSignal, SIGURG)
        guard fcntl(file, setLease, Int32(F_RDLCK)) == 0 else { return errno == EAGAIN }
        _ = fcntl(file, setLease, Int32(F_UNLCK))
        #endif
        return false
    }
}
