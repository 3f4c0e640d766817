import Foundation
import Operations
import PostgresClient
import PrivateServer
import Subprocess
import Testing

/// `twinhub up` as a process of its own, with real children.
@Suite(.serialized) struct UpTests {
    private struct Running {
        let clone: HubClone
        let database: String
        let process: ChildProcess
        let errors: String

        var state: SupervisorState? { (try? SupervisorState.current(clone.home)) ?? nil }

        func job(_ name: String) -> SupervisorState.Job? { state?.jobs.first { $0.name == name } }

        /// Waits until it holds; what the hub said is the comment of a failure.
        func expect(_ what: String, seconds: Double = 120, _ condition: () -> Bool) {
            #expect(waitUntil(seconds: seconds, every: 50) { condition() || process.pollStatus() != nil } && condition(), "\(what): \(HubClone.text(errors))")
        }
    }

    private func up(_ clone: HubClone, _ database: String) throws -> Running {
        let started = try clone.start(["up"], ["TWINHUB_DATABASE": database])
        return Running(clone: clone, database: database, process: started.process, errors: started.errors)
    }

    /// One whose parent does not collect it counts as ended.
    private func hasEnded(_ pid: Int32) -> Bool {
        #if os(Linux)
        HubClone.text("/proc/\(pid)/cmdline").isEmpty
        #else
        kill(pid, 0) != 0
        #endif
    }

    @Test func runsRestartsAndEnds() throws {
        let clone = try HubClone(adapters: ["water-flow"])
        let database = try PrivateServer.shared().freshDatabase(migrated: false)
        let hub = try up(clone, database)
        hub.expect("the adapter ran and the projector runs") {
            hub.job("water-flow")?.lastStatus == 0 && hub.job("projector")?.pid != nil
        }
        let connection = try Connection(database)
        #expect(try connection.query("SELECT count(*) > 0 FROM hub.event").bool(0, 0) == true)
        #expect((hub.job("water-flow")?.nextAt ?? 0) > Int64(Date().timeIntervalSince1970) + 3000)

        // A second one is refused, and says by whom.
        let second = try clone.run("up", environment: ["TWINHUB_DATABASE": database])
        #expect(second.status == 75)
        #expect(second.errors.contains("This hub is up already, by process \(hub.process.pid)."), "\(second.errors)")

        let status = try clone.run("status", environment: ["TWINHUB_DATABASE": database])
        #expect(status.output.contains("process \(hub.process.pid)") && status.output.contains("every 1 h"), "\(status.output)")
        struct Status: Decodable {
            let supervisor: SupervisorState?
        }
        let json = try clone.run("status", "--json", environment: ["TWINHUB_DATABASE": database])
        let shown = try JSONDecoder().decode(Status.self, from: Data(json.output.utf8)).supervisor
        #expect(shown?.pid == hub.process.pid && shown?.jobs.map(\.name) == ["scenarios", "water-flow", "history", "projector"], "\(json.output)")

        // Scenarios are evaluated, under a role of their own, and again after a kill.
        hub.expect("scenarios are evaluated") {
            (try? connection.query("SELECT lag_positions = 0 AND rules > 12 FROM hub.scenario_status").bool(0, 0)) == true
        }
        let evaluator = try #require(hub.job("scenarios")?.pid)
        kill(evaluator, SIGKILL)
        hub.expect("the scenarios were started again") { hub.job("scenarios")?.pid.map { $0 != evaluator } ?? false }
        #expect(try clone.run("status", environment: ["TWINHUB_DATABASE": database]).output.contains("\nscenarios"))

        // Nothing is delivered where nothing is to be delivered.
        let added = try clone.run("webhook", "add", "desk", "--url", "http://127.0.0.1:9/", environment: ["TWINHUB_DATABASE": database])
        #expect(added.status == 0, "\(added.errors)")
        hub.expect("webhooks are delivered once there is one") { hub.job("webhooks")?.pid != nil }

        // What dies comes again.
        let first = try #require(hub.job("projector")?.pid)
        kill(first, SIGKILL)
        hub.expect("the projector was started again") { hub.job("projector")?.pid.map { $0 != first } ?? false }
        #expect(hub.job("projector")?.lastStatus == 128 + SIGKILL)
        #expect(HubClone.text(hub.errors).contains("projector: ended with signal 9; tried again in"))

        let children = hub.state?.jobs.compactMap(\.pid) ?? []
        #expect(children.count >= 3)
        // As a service manager ends a whole group: the children at the same moment. That is no failure of theirs.
        for child in children { kill(child, SIGTERM) }
        hub.process.send(signal: SIGTERM)
        #expect(hub.process.wait() == 128 + SIGTERM)
        for child in children { #expect(hasEnded(child), "no child outlives it") }
        #expect(hub.state == nil)
        #expect(HubClone.text(hub.errors).hasSuffix("twinhub: down\n"), "\(HubClone.text(hub.errors))")
        #expect(!HubClone.text(hub.errors).contains("signal 15"), "\(HubClone.text(hub.errors))")
    }

    @Test func leavesNothingBehindAfterKill() throws {
        let clone = try HubClone(adapters: [])
        let database = try PrivateServer.shared().freshDatabase()
        let hub = try up(clone, database)
        hub.expect("the projector runs") { hub.job("projector")?.pid != nil }
        let children = hub.state?.jobs.compactMap(\.pid) ?? []
        hub.process.send(signal: SIGKILL)
        hub.process.wait()
        #expect(waitUntil(seconds: 60) { children.allSatisfy(hasEnded) }, "children notice that it has gone")
        #expect(hub.state == nil)
        let again = try up(clone, database)
        again.expect("it comes up again") { again.job("projector")?.pid != nil }
        again.process.send(signal: SIGTERM)
        #expect(again.process.wait() == 128 + SIGTERM)
    }

    @Test func anAdapterThatFailsIsTriedAgainAndShown() throws {
        let clone = try HubClone(adapters: [])
        let folder = clone.folder + "/Adapters/late"
        try FileManager.default.createDirectory(atPath: folder + "/samples", withIntermediateDirectories: true)
        try """
            { adapter: "late", version: "1.0.0", department: "tests", source: "urn:test", schedule: { on_arrival: true },
              input: { kind: "file", path: "samples/*.csv", format: "csv" },
              streams: [{ name: "s", mode: "append", facts: [{ event: "case.received", subject: "case/{id}" }] }] }
            """.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        let database = try PrivateServer.shared().freshDatabase()
        let hub = try up(clone, database)
        hub.expect("the run without files failed") { (hub.job("late")?.failures ?? 0) > 0 }
        try "id\n1\n2\n".write(toFile: folder + "/samples/a.csv", atomically: true, encoding: .utf8)
        hub.expect("it is well again") { hub.job("late")?.lastStatus == 0 && hub.job("late")?.failures == 0 }
        #expect(try Connection(database).query("SELECT count(*) FROM hub.event").int(0, 0) == 2)
        hub.process.send(signal: SIGINT)
        #expect(hub.process.wait() == 128 + SIGINT)
    }
}
