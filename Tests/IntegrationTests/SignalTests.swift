import Foundation
import Operations
import PrivateServer
import Testing

/// The real program as a process of its own: what a supervisor, or a person at a terminal, does to it.
@Suite struct SignalTests {
    @Test(arguments: [SIGINT, SIGTERM])
    func aFollowingProjectorEndsCleanly(_ signal: Int32) throws {
        let clone = try HubClone(adapters: [])
        let database = try PrivateServer.shared().freshDatabase()
        let running = try clone.start(["project", "--follow"], ["TWINHUB_DATABASE": database])
        let isFollowing = waitUntil(seconds: 60) {
            HubClone.text(running.errors).contains("following the log") || running.process.pollStatus() != nil
        }
        #expect(isFollowing)
        running.process.send(signal: signal)
        #expect(running.process.wait() == 128 + signal)
        #expect(!HubClone.text(running.errors).contains("rror"), "\(HubClone.text(running.errors))")
    }

    @Test func aDatabaseThatIsNotThereIsExplained() throws {
        let clone = try HubClone(adapters: [])
        let result = try clone.run("status", environment: ["TWINHUB_DATABASE": "host=/nonexistent user=owner password=hidden123"])
        #expect(result.status == 75, "it may come back")
        #expect(result.errors.hasPrefix("twinhub: ") && !result.errors.contains("hidden123"), "\(result.errors)")
        let nonsense = try clone.run("status", environment: ["TWINHUB_DATABASE": "password=hidden123 and so on"])
        #expect(nonsense.status == 3)
        #expect(nonsense.errors.contains("TWINHUB_DATABASE") && !nonsense.errors.contains("hidden123"), "\(nonsense.errors)")
    }

    @Test func aDatabaseWithoutTheSchemaIsExplained() throws {
        let clone = try HubClone(adapters: [])
        let database = try PrivateServer.shared().freshDatabase(migrated: false)
        let result = try clone.run("status", environment: ["TWINHUB_DATABASE": database])
        #expect(result.status == 3)
        #expect(result.errors.contains("twinhub migrate"), "\(result.errors)")
    }
}
