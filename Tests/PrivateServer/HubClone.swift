import Foundation
import Operations
import PostgresClient
import Subprocess

/// What a user has after cloning: the adapters, an embedded server not made yet, and the program. All of it is gone at the end.
package final class HubClone {
    package let folder: String
    package let home: HubHome
    /// Where the state lies on a file system of its own.
    package private(set) var disk: SmallDisk?
    private let environment: [String: String]

    /// - Parameters:
    ///   - adapters: which of the project's adapters to copy; nil for all.
    ///   - diskSize_bytes: of a file system of its own for the hub's state, where one can be mounted.
    package init(adapters: [String]? = nil, diskSize_bytes: Int? = nil) throws {
        folder = FileManager.default.temporaryDirectory.path + "/twinhub-clone-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder + "/Adapters", withIntermediateDirectories: true)
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        for name in try adapters ?? FileManager.default.contentsOfDirectory(atPath: project + "/Adapters") {
            try FileManager.default.copyItem(atPath: "\(project)/Adapters/\(name)", toPath: "\(folder)/Adapters/\(name)")
        }
        home = try HubHome(clone: folder)
        if let diskSize_bytes { disk = SmallDisk(at: home.state, size_bytes: diskSize_bytes) }
        // Its folders again, on that disk.
        if disk != nil { _ = try HubHome(clone: folder) }
        var environment = ProcessInfo.processInfo.environment
        for name in environment.keys where name.hasPrefix("TWINHUB") { environment[name] = nil }
        environment["TWINHUB_HOME"] = folder
        environment["TWINHUB_PROGRAM"] = try Self.program
        environment["TWINHUB_IDLE_SECONDS"] = "1"
        self.environment = environment
    }

    deinit {
        _ = try? ServerControl(home).stop(force: true)
        // Watchers end a second after the last user, and one may just be starting: until then they may make files.
        let limit = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < limit, isInUse { poll(nil, 0, 20) }
        disk = nil
        for path in [folder, home.state, home.server.sockets] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Whether a process of this clone is left; told by its environment where the system shows it, else by the watcher's lock.
    private var isInUse: Bool {
        guard let processes = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else {
            return (try? FileLock.takeIfFree(.exclusive, home.watcherLock)) == nil
        }
        return processes.contains { HubClone.text("/proc/\($0)/environ").contains("TWINHUB_HOME=\(home.clone)\0") }
    }

    package struct Outcome {
        package let status: Int32
        package let output: String
        package let errors: String
    }

    /// Starts the program; its output goes to files.
    /// - Parameters:
    ///   - extra: more variables.
    ///   - memory_bytes: of address space that it may have.
    ///   - input: its standard input.
    ///   - output: the file that its standard output is added to; nil for one of its own.
    package func start(
        _ words: [String], _ extra: [String: String] = [:], memory_bytes: Int? = nil, input: ChildProcess.Stream = .none, output: String? = nil
    ) throws -> (process: ChildProcess, output: String, errors: String) {
        let name = "\(folder)/run-\(UInt32.random(in: 0...UInt32.max))"
        var words = [try Self.program] + words
        if let memory_bytes { words = ["/bin/sh", "-c", "ulimit -c 0; ulimit -v \(memory_bytes >> 10) && exec \"$@\"", "sh"] + words }
        let process = try ChildProcess.start(
            words[0], Array(words.dropFirst()), environment: environment.merging(extra) { $1 }, input: input, output: .append(output ?? name + ".out"),
            errors: .append(name + ".err"))
        return (process, output ?? name + ".out", name + ".err")
    }

    /// Runs the program to its end.
    package func run(_ words: String..., environment extra: [String: String] = [:]) throws -> Outcome {
        try run(words, environment: extra)
    }

    package func run(_ words: [String], environment extra: [String: String] = [:]) throws -> Outcome {
        let running = try start(words, extra)
        let status = running.process.wait()
        return Outcome(status: status, output: Self.text(running.output), errors: Self.text(running.errors))
    }

    /// Holds the server up and connects as its owner.
    package func connect() throws -> (hub: Hub, connection: Connection) {
        let hub = try Hub.open(home, environment: environment, watcher: nil)
        return (hub, try Connection(hub.conninfo))
    }

    package static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The program that was built beside these tests.
    package static var program: String {
        get throws {
            var folder = URL(filePath: CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? Bundle.main.executablePath ?? "")
            for _ in 0..<6 {
                folder.deleteLastPathComponent()
                let candidate = folder.appending(path: "twinhub").path
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue { return candidate }
            }
            throw CocoaError(.fileNoSuchFile)
        }
    }
}
