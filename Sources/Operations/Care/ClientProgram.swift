import Foundation
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A program of PostgreSQL's that works on a database: pg_dump, pg_restore.
struct ClientProgram {
    let path: String

    /// - Parameter major: the server's version; an older program cannot read it.
    init(_ name: String, forServer major: Int) throws(OperationsError) {
        guard let path = PostgresInstallation.program(name, atLeast: major) else {
            throw OperationsError(
                .configuration, "\(name) of PostgreSQL \(major) or newer is not installed.",
                advice: "Install PostgreSQL's client of the server's version (Debian: postgresql-client-\(major)).")
        }
        self.path = path
    }

    /// Runs it to its end. The password, if there is one, goes by the environment: a list of arguments is seen by everyone.
    /// - Parameters:
    ///   - meanwhile: done while the program runs; what it throws ends the program.
    ///   - isCancelled: asked ten times a second while there is only the program to wait for.
    func run<T>(
        _ arguments: [String], on conninfo: String, isCancelled: () -> Bool, meanwhile: () throws -> T
    ) throws -> T {
        var string = try ConnectionString(parsing: conninfo)
        var environment = ProcessInfo.processInfo.environment
        if let password = string.settings.removeValue(forKey: "password") { environment["PGPASSWORD"] = password }
        let said = FileManager.default.temporaryDirectory.path + "/twinhub-said-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        defer { unlink(said) }
        let child = try starting { () throws(SubprocessError) in
            try ChildProcess.start(
                path, arguments + ["--no-password", "--dbname", string.text], environment: environment, output: .none, errors: .append(said))
        }
        defer { child.send(signal: SIGTERM); child.wait() }
        let result = try meanwhile()
        while child.pollStatus() == nil {
            if isCancelled() { throw OperationsError(.transient, "It was cancelled.") }
            usleep(100_000)
        }
        guard child.wait() == 0 else {
            let lines = (readText(said) ?? "").split(separator: "\n").map(String.init)
            // Rows may be quoted behind the first line.
            let reason = lines.first { $0.contains("error:") } ?? lines.first ?? "no reason was given"
            throw OperationsError(.configuration, "\(reason).", where: path, advice: "Nothing was kept of it.")
        }
        return result
    }
}

extension PostgresInstallation {
    /// A program of this major version or a newer one: of the server's own version, where that is installed.
    static func program(_ name: String, atLeast major: Int) -> String? {
        if let own = try? find(majorVersion: major), access(own.path(name), X_OK) == 0 { return own.path(name) }
        let newest = try? find().path(name)
        return [newest, findProgram(name)].compactMap { $0 }.first { path in
            guard access(path, X_OK) == 0, let answer = try? ChildProcess.run(path, ["--version"]), answer.status == 0 else { return false }
            let word = answer.output.split(whereSeparator: \.isWhitespace).first { $0.first?.isNumber == true } ?? ""
            return Int(word.prefix { $0.isNumber }) ?? 0 >= major
        }
    }
}
