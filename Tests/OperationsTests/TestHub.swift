import Foundation
import Subprocess
import Testing

@testable import Operations

/// A hub in a folder of its own, with the real program; everything of it is gone at the end of the test.
final class TestHub {
    let home: HubHome
    private let folder: String
    private let environment: [String: String]
    private var hubs: [Hub] = []

    /// - Parameter below: folders between the temporary one and the hub's.
    init(idleSeconds: Double = 60, below: String = "hub") throws {
        folder = "/tmp/twinhub-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let clone = folder + "/" + below
        try FileManager.default.createDirectory(atPath: clone, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
        home = try HubHome(clone: clone)
        environment = [
            "TWINHUB_HOME": clone, "TWINHUB_IDLE_SECONDS": String(idleSeconds), "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
            "HOME": folder,
        ]
    }

    deinit {
        hubs = []
        _ = try? ServerControl(home).stop(force: true)
        // Nobody is left to watch for: the watcher finds no users and ends, or is ended here.
        for pid in watchers { kill(pid, SIGKILL) }
        for path in [folder, home.state, home.server.sockets] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Opens the hub in this process, until `closeAll`.
    /// - Returns: the connection string.
    func open() throws -> String {
        let hub = try Hub.open(home, environment: environment, watcher: try Self.program)
        hubs.append(hub)
        return hub.conninfo
    }

    func closeAll() { hubs = [] }

    /// A started command whose output is collected.
    final class Command {
        private let child: ChildProcess
        private let output: String

        init(_ child: ChildProcess, _ output: String) {
            self.child = child
            self.output = output
        }

        var hasEnded: Bool { child.pollStatus() != nil }

        /// Without the notes about starting the server: whose command it is that starts it is chance.
        func finish() throws -> (status: Int32, output: String) {
            let status = child.wait()
            let lines = (readText(output) ?? "").split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasSuffix(" …") }
            return (status, lines.joined(separator: "\n"))
        }
    }

    func start(_ words: [String]) throws -> Command {
        let output = folder + "/output-\(UInt32.random(in: 0...UInt32.max))"
        return Command(
            try ChildProcess.start(
                Self.program, words, environment: environment, output: .append(output), errors: .append(output)), output)
    }

    func run(_ words: [String]) throws -> (status: Int32, output: String) { try start(words).finish() }

    /// The postmaster's children and itself.
    var serverProcesses: [Int32] {
        guard case .running(let pid) = home.server.state else { return [] }
        return [pid] + Processes.children(of: pid)
    }

    private var watchers: [Int32] {
        Processes.all { $0.contains("server") && $0.contains("watch") }.filter {
            Processes.environment(of: $0).contains("TWINHUB_HOME=\(home.clone)")
        }
    }

    /// `kill -9` of the server, all its processes, and the watcher.
    func killEverything(including pid: Int32) {
        let victims = [pid] + Processes.children(of: pid) + watchers
        for victim in victims { kill(victim, SIGKILL) }
        #expect(waitUntil(seconds: 20) { home.server.state == .stopped })
    }

    /// The program beside the tests.
    static var program: String {
        get throws {
            var folder = URL(fileURLWithPath: CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? Bundle.main.executablePath ?? "")
            for _ in 0..<6 {
                folder.deleteLastPathComponent()
                let candidate = folder.appendingPathComponent("twinhub").path
                if access(candidate, X_OK) == 0, !isFolder(candidate) { return candidate }
            }
            throw OperationsError(.internal, "The program 'twinhub' is not beside the tests.")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}

/// The system's process list, through `ps`.
enum Processes {
    static func children(of parent: Int32) -> [Int32] {
        lines(["-A", "-o", "pid=,ppid="]).compactMap { line in
            let fields = line.split(separator: " ").compactMap { Int32($0) }
            return fields.count == 2 && fields[1] == parent ? fields[0] : nil
        }
    }

    static func all(where matches: ([Substring]) -> Bool) -> [Int32] {
        lines(["-A", "-o", "pid=,args="]).compactMap { line in
            let fields = line.split(separator: " ")
            return matches(Array(fields.dropFirst())) ? fields.first.flatMap { Int32($0) } : nil
        }
    }

    static func environment(of pid: Int32) -> [String] {
        (readText("/proc/\(pid)/environ") ?? "").split(separator: "\0").map(String.init)
    }

    private static func lines(_ arguments: [String]) -> [String] {
        let answer = try? ChildProcess.run("ps", arguments)
        return (answer?.output ?? "").split(separator: "\n").map(String.init)
    }
}
