import Foundation
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A private PostgreSQL: its data folder, its processes, its socket. Knows nothing of who uses it; `Hub` decides when
/// it is started and stopped.
///
/// Authentication is `trust`, for the socket only: the socket's folder can be entered by the server's own account and
/// root alone, and whoever can enter could read the data files as well. A password would protect nothing more. TCP is off, unless
/// a `ServerDoor` stands open.
package final class EmbeddedServer: Sendable {
    /// Part of the socket's name only where there is no door: then there is no TCP port.
    package static let port = 5432
    package static let superuser = "twinhub"
    package static let database = "twinhub"

    /// Holds `data/` and `log/`.
    package let folder: String
    /// Holds the Unix socket.
    package let sockets: String
    let account: ServerAccount?
    let isDurable: Bool

    package var data: String { folder + "/data" }
    package var log: String { folder + "/log/server.log" }

    init(folder: String, sockets: String, account: ServerAccount?, isDurable: Bool) {
        self.folder = folder  // a real path: the process list is compared with it
        self.sockets = sockets
        self.account = account
        self.isDurable = isDurable
    }

    /// A throw-away server: for tests, and for a demonstration's source systems. The caller calls `start` and `destroy`.
    ///
    /// - Parameters:
    ///   - directory: made where it does not exist. As root every folder above it must let the server's account through.
    ///   - isDurable: whether what it commits survives a crash of the machine (`fsync`).
    package static func scratch(directory: String, isDurable: Bool = false) throws(OperationsError) -> EmbeddedServer {
        let account = try ServerAccount.needed()
        try makeFolder(directory, mode: account == nil ? 0o700 : 0o711)
        let folder = realPath(directory) ?? directory
        return EmbeddedServer(
            folder: folder, sockets: SocketFolder.path(near: folder, account: account), account: account, isDurable: isDurable)
    }

    /// - Parameter user: a role; anyone who can reach the socket may be any role.
    package func conninfo(user: String = superuser, database: String = database) -> String {
        ConnectionString(["host": sockets, "port": String(port), "dbname": database, "user": user]).text
    }

    /// What `postmaster.pid` and the system's process list say together.
    package enum State: Sendable, Hashable {
        case stopped
        case starting(pid: Int32)
        case running(pid: Int32)
        case stopping(pid: Int32)
    }

    package var state: State {
        guard let file = PostmasterFile(data: data), ownsProcess(file.pid) else { return .stopped }
        return switch file.status {
        case "ready", "standby": .running(pid: file.pid)
        case "stopping": .stopping(pid: file.pid)
        default: .starting(pid: file.pid)
        }
    }

    /// Who may reach it from other machines; nil where nobody may. A door that cannot be read is told by `start`.
    package var door: ServerDoor? { try? ServerDoor.open(in: folder) }
    var port: Int { door?.port ?? Self.port }

    package var exists: Bool { access(data + "/PG_VERSION", R_OK) == 0 }

    package func installation() throws(OperationsError) -> PostgresInstallation {
        let version = readText(data + "/PG_VERSION").flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        return try PostgresInstallation.find(majorVersion: version)
    }

    /// Creates the data folder where there is none, starts the server and waits until it takes connections.
    /// Callers make sure that nobody else starts or stops it meanwhile.
    ///
    /// - Parameter report: told once before each step that takes seconds.
    package func start(report: (String) -> Void = { _ in }) throws(OperationsError) {
        let installation = try installation()
        switch state {
        case .running: return
        case .stopping: _ = waitUntil(seconds: 60) { state == .stopped }
        case .starting, .stopped: break
        }
        try makeFolder(folder + "/log", mode: 0o700)
        if !exists { try create(installation, report) }
        try SocketFolder.make(sockets, account: account)
        if case .starting = state { return try awaitReadiness(of: nil) }
        try clearTraces()
        report("starting the private PostgreSQL \(installation.majorVersion)")
        let door = try ServerDoor.open(in: folder)
        let settings =
            ServerSettings.list(sockets: sockets, installation: installation, isDurable: isDurable) + (door?.settings(in: folder) ?? [])
        let command = try ServerAccount.command(
            [installation.path("postgres"), "-D", data] + settings.flatMap { ["-c", "\($0.0)=\($0.1)"] }, as: account)
        shortenLog()
        let child = try starting { () throws(SubprocessError) in
            try ChildProcess.start(
                command[0], Array(command.dropFirst()), environment: Self.environment, output: .append(log), errors: .append(log),
                detached: true)
        }
        try awaitReadiness(of: child)
    }

    /// Ends the server: open transactions are rolled back, the data are left clean.
    package func stop() throws(OperationsError) {
        switch state {
        case .stopped: return
        case .starting(let pid), .running(let pid), .stopping(let pid):
            for (signal, seconds) in [(SIGINT, 60.0), (SIGQUIT, 10.0), (SIGKILL, 5.0)] {
                kill(pid, signal)
                let ended = waitUntil(seconds: seconds) {
                    reap(pid)
                    return state == .stopped
                }
                if ended { return }
            }
            throw OperationsError(.transient, "PostgreSQL (process \(pid)) does not end.", where: log, advice: "Look into its log.")
        }
    }

    /// Stops the server and deletes everything of it.
    package func destroy() throws(OperationsError) {
        try stop()
        for path in [sockets, folder] { try? FileManager.default.removeItem(atPath: path) }
    }

    // MARK: -

    /// Nothing of the caller's: PGDATA, PGPORT, LD_PRELOAD and the like stay outside.
    private static var environment: [String: String] {
        ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"]
    }

    /// All in a folder beside, renamed at the end: a `data` folder is always a whole one.
    private func create(_ installation: PostgresInstallation, _ report: (String) -> Void) throws(OperationsError) {
        report("creating the private PostgreSQL \(installation.majorVersion) database")
        let draft = folder + "/data.new"
        try? FileManager.default.removeItem(atPath: draft)
        try makeFolder(draft, mode: 0o700, owner: account)
        var made: (status: Int32, output: String) = (1, "")
        for locale in ["C.UTF-8", "C"] where made.status != 0 {
            let command = try ServerAccount.command(
                [
                    installation.path("initdb"), "-D", draft, "--username=\(Self.superuser)", "--encoding=UTF8", "--locale=\(locale)",
                    "--auth-local=trust", "--auth-host=reject", isDurable ? "--data-checksums" : "--no-sync",
                ], as: account)
            made = try starting { () throws(SubprocessError) in
                try ChildProcess.run(command[0], Array(command.dropFirst()), environment: Self.environment)
            }
        }
        if made.status == 0 {
            // Single-user mode: the database is there before anyone can connect.
            let command = try ServerAccount.command(
                [installation.path("postgres"), "--single", "-D", draft, "-c", "log_min_messages=error", "postgres"], as: account)
            made = try starting { () throws(SubprocessError) in
                try ChildProcess.run(
                    command[0], Array(command.dropFirst()), environment: Self.environment, input: "CREATE DATABASE \(Self.database)\n")
            }
        }
        guard made.status == 0, !made.output.contains("ERROR:"), !made.output.contains("FATAL:") else {
            let reason = made.output.split(separator: "\n").last.map { " It says: \($0)" } ?? ""
            throw OperationsError(.configuration, "PostgreSQL's data folder cannot be created.\(reason)", where: folder)
        }
        guard rename(draft, data) == 0 else {
            throw OperationsError(.configuration, "The new data folder cannot be put in place: \(systemMessage()).", where: data)
        }
    }

    /// After a crash: PostgreSQL's own traces of a server that is gone are cleared away, where the system says that it is.
    private func clearTraces() throws(OperationsError) {
        guard let file = PostmasterFile(data: data), !ownsProcess(file.pid) else { return }
        #if os(Linux)
        // Its sessions notice its death by themselves, within moments; two servers in one folder would destroy the data.
        guard waitUntil(seconds: 30, { file.sharedMemoryID.map(ProcessTable.holders) ?? 0 == 0 }) else {
            throw OperationsError(
                .transient, "Sessions of a PostgreSQL that is gone still use its data.", where: data,
                advice: "End the processes that are called 'postgres:' there and try again.")
        }
        // The number may belong to another program by now, or to a zombie: PostgreSQL would take that for its server.
        unlink(data + "/postmaster.pid")
        unlink(sockets + "/.s.PGSQL.\(port).lock")
        unlink(sockets + "/.s.PGSQL.\(port)")
        #endif
    }

    /// - Parameter child: nil where somebody else has started it.
    private func awaitReadiness(of child: ChildProcess?) throws(OperationsError) {
        // Recovery after a crash may take minutes, and its end is told by the file.
        let ended = waitUntil(seconds: 600) {
            if case .running = state { return true }
            return child.map { $0.pollStatus() != nil } ?? (state == .stopped)
        }
        if case .running = state { return }
        let reason = (readText(log) ?? "").split(separator: "\n").last { $0.contains("FATAL") || $0.contains("PANIC") }
        throw OperationsError(
            .configuration, ended ? "PostgreSQL ended while it started." : "PostgreSQL did not become ready within ten minutes.",
            where: log, advice: reason.map { "It says: \($0)" } ?? "Look into its log.")
    }

    /// Whether the process is the server of this data folder, and no other program that was given the same number since.
    private func ownsProcess(_ pid: Int32) -> Bool {
        #if os(Linux)
        return ProcessTable.isServer(pid, of: data)
        #else
        return kill(pid, 0) == 0 && SocketFolder.answers(sockets, port: port)
        #endif
    }

    /// A server that this very process started stays in the process list until it is asked for.
    private func reap(_ pid: Int32) {
        var status: Int32 = 0
        waitpid(pid, &status, WNOHANG)
    }

    /// Keeps the log below 20 MB: one old part beside the new one.
    private func shortenLog() {
        let size = (try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int) ?? 0
        if size > 10_000_000 { rename(log, log + ".1") }
    }
}
