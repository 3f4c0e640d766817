import Foundation
import Subprocess

@testable import Operations

/// The hub's server under libfaketime: what it takes for the time is what a file says.
final class MovableClock {
    private let home: HubHome
    private let library: String
    private var server: ChildProcess?

    /// nil where libfaketime is not installed.
    init?(_ home: HubHome) {
        let folders = ["/usr/lib", "/usr/local/lib", "/opt/homebrew/lib"]
        let below = folders.flatMap { folder in
            [folder + "/faketime"] + ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)/faketime" }
        }
        guard let library = below.map({ $0 + "/libfaketime.so.1" }).first(where: { access($0, R_OK) == 0 }) else { return nil }
        self.home = home
        self.library = library
    }

    deinit {
        guard let pid = server?.pid else { return }
        // The library leaves them behind.
        for name in ["faketime_shm_\(pid)", "sem.faketime_sem_\(pid)"] { unlink("/dev/shm/" + name) }
    }

    private var file: String { home.state + "/clock" }

    /// Whether the server that runs is one whose clock can be moved.
    var isRunning: Bool {
        if case .running(let pid) = home.server.state { pid == server?.pid } else { false }
    }

    /// Stops the server, and starts it as it was started before, under the library.
    func takeOver() throws {
        let decision = try FileLock.take(.exclusive, home.decisionLock)
        defer { withExtendedLifetime(decision) {} }
        try home.server.stop()
        try set(seconds: 0)
        // As PostgreSQL notes it: the program, and each word in quotation marks.
        let options = HubText.read(home.server.data + "/postmaster.opts").split(separator: "\n").first.map(String.init) ?? ""
        let words = [options.prefix { $0 != " " }] + options.matches(of: /"([^"]*)"/).map { $0.1 }
        // Only the server itself: what the library makes in passing must not belong to another account.
        let library = [
            "/usr/bin/env", "LD_PRELOAD=\(library)", "FAKETIME_TIMESTAMP_FILE=\(file)", "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ]
        let command = try ServerAccount.command(library + words.map(String.init), as: home.account)
        let environment = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"]
        server = try ChildProcess.start(
            command[0], Array(command.dropFirst()), environment: environment, output: .append(home.server.log), errors: .append(home.server.log),
            detached: true)
        guard waitUntil(seconds: 60, { isRunning }) else { 
            throw OperationsError(.transient, "PostgreSQL does not start under libfaketime: \(HubText.read(home.server.log).suffix(300))")
        }
    }

    /// Moves the server's clock so far from the true one.
    func set(seconds: Int) throws {
        // In place of the old file in one step: the server reads it all the time.
        try Data("\(seconds < 0 ? "" : "+")\(seconds)\n".utf8).write(to: URL(filePath: file), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    }
}

enum HubText {
    static func read(_ path: String) -> String { FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? "" }
}
