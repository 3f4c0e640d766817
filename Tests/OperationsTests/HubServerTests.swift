import Foundation
import PostgresClient
import Subprocess
import Testing

@testable import Operations

/// The hub's own server, through the real program: processes are what it is about.
@Suite struct HubServerTests {
    @Test func twoCommandsAtOnceGiveOneServer() throws {
        let hub = try TestHub()
        let commands = try (0..<4).map { _ in try hub.start(["psql", "-Atc", "select pg_postmaster_start_time(), pg_backend_pid()"]) }
        let answers = try commands.map { try $0.finish() }
        #expect(answers.map(\.status) == [0, 0, 0, 0])
        #expect(Set(answers.map { $0.output.prefix { $0 != "|" } }).count == 1, "every command met the same server")
        #expect(Set(answers.map(\.output)).count == 4)
    }

    @Test func theLastOneOutStopsIt() throws {
        let hub = try TestHub(idleSeconds: 0.5)
        let first = try hub.open()
        let second = try hub.open()
        let server = hub.home.server
        #expect(try Connection(first).query("select 1").int(0, 0) == 1)
        #expect(first == second)
        #expect(try ServerControl(hub.home).status().inUse)
        #expect(!waitUntil(seconds: 1.5) { server.state == .stopped }, "it is in use")
        hub.closeAll()
        #expect(waitUntil(seconds: 20) { server.state == .stopped })
        #expect(waitUntil(seconds: 5) { (try? FileLock.isFree(hub.home.watcherLock)) == true }, "the watcher ends with the server")
        #expect(try !ServerControl(hub.home).status().inUse)
    }

    @Test func aPinnedServerStaysUntilItIsStopped() throws {
        let hub = try TestHub(idleSeconds: 0.1)
        #expect(try hub.run(["server", "start"]).status == 0)
        #expect(try hub.run(["psql", "-Atc", "select 1"]).output == "1\n")
        let server = hub.home.server
        #expect(!waitUntil(seconds: 1.5) { server.state == .stopped })
        _ = try hub.open()
        let refused = try hub.run(["server", "stop"])
        #expect(refused.status == 75)
        #expect(refused.output.contains("Other twinhub commands are using the server."))
        hub.closeAll()
        #expect(try hub.run(["server", "stop"]).output == "The server is stopped.\n")
        #expect(server.state == .stopped)
        #expect(try hub.run(["server", "stop"]).output == "The server was not running.\n")
        #expect(try !ServerControl(hub.home).status().pinned)
    }

    @Test func afterKillingEverythingTheNextCommandRecovers() throws {
        let hub = try TestHub()
        #expect(try hub.run(["psql", "-qc", "create table kept as select generate_series(1, 1000) n"]).status == 0)
        for round in 1...3 {
            let inserting = try hub.start(["psql", "-qc", "insert into kept select n from generate_series(1, 100000000) n"])
            guard case .running(let pid) = hub.home.server.state else { Issue.record("not running"); return }
            #expect(waitUntil(seconds: 20) { hub.serverProcesses.count > 6 || inserting.hasEnded })
            hub.killEverything(including: pid)
            _ = try inserting.finish()
            #expect(try hub.run(["psql", "-Atc", "select count(*) from kept"]).output == "1000\n", "round \(round)")
        }
    }

    /// After a restart of the machine the number in postmaster.pid may be another program's.
    @Test func aStalePidOfAnotherProgramIsNoServer() throws {
        let hub = try TestHub()
        #expect(try hub.run(["psql", "-Atc", "select 1"]).status == 0)
        let server = hub.home.server
        guard case .running(let pid) = server.state else { Issue.record("not running"); return }
        let path = server.data + "/postmaster.pid"
        let lines = try #require(readText(path)).split(separator: "\n", omittingEmptySubsequences: false)
        hub.killEverything(including: pid)
        let other = try ChildProcess.start("sleep", ["600"], output: .none, errors: .none)
        defer { other.send(signal: SIGKILL); other.wait() }
        try ([Substring(String(other.pid))] + lines.dropFirst()).joined(separator: "\n").write(
            toFile: path, atomically: true, encoding: .utf8)
        #expect(server.state == .stopped)
        #expect(try hub.run(["psql", "-Atc", "select 1"]).output == "1\n")
    }

    @Test func aLongPathAndOddCharactersAreNoObstacle() throws {
        let deep = String(repeating: "a folder's name/", count: 10) + "末端"
        let hub = try TestHub(below: deep)
        #expect(hub.home.clone.utf8.count > 150)
        let answer = try hub.run(["psql", "-Atc", "select current_setting('listen_addresses') = '', current_setting('data_directory')"])
        #expect(answer.output == "t|\(hub.home.server.data)\n")
        #expect(hub.home.server.sockets.utf8.count <= SocketFolder.longestPath)
        let status = try hub.run(["server", "status"])
        #expect(status.output.contains("running (process "))
        #expect(status.output.contains(hub.home.server.data))
    }

    @Test func onlyTheOwnerMayEnter() throws {
        let hub = try TestHub()
        #expect(try hub.run(["psql", "-Atc", "select 1"]).status == 0)
        func mode(_ path: String) throws -> Int {
            try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
        }
        let home = hub.home
        #expect(try mode(home.server.sockets) == 0o700)
        #expect(try mode(home.server.data) == 0o700)
        #expect(try mode(home.keys) == 0o700)
        #expect(try mode(home.roles) == 0o700)
        #expect(try mode(home.server.log) == 0o600)
        #expect(!home.keys.hasPrefix(home.server.data))
    }

    @Test func statusBeforeAnythingExists() throws {
        let hub = try TestHub()
        let status = try ServerControl(hub.home).status()
        #expect(status.state == "not created yet")
        #expect(status.pid == nil)
        let printed = try hub.run(["server", "status", "--json"])
        #expect(printed.output.contains("\"state\" : \"not created yet\""))
    }

    @Test func aServerElsewhereIsLeftAlone() throws {
        let hub = try TestHub()
        let environment = ["TWINHUB_DATABASE": "postgresql://owner:secret@db/hub"]
        let opened = try Hub.open(hub.home, environment: environment)
        #expect(!opened.isEmbedded)
        #expect(opened.conninfo == "dbname='hub' host='db' password='secret' user='owner'")
        let first = try opened.conninfo(user: "hub_adapter_7")
        #expect(first == (try opened.conninfo(user: "hub_adapter_7")), "the role keeps its password")
        #expect(first.contains("user='hub_adapter_7'") && !first.contains("secret"))
        #expect(throws: OperationsError.self) { try opened.conninfo(user: "../escape") }
        #expect(!hub.home.server.exists)
    }
}
