import Foundation
import PostgresClient
import PrivateServer
import Subprocess
import Testing

@testable import Operations

@Suite struct DiskPauseTests {
    @Test func theReserveIsAShareWithinLimits() {
        func reserve(_ total: Int, _ environment: [String: String] = [:]) -> Int { DiskSpace(free: 0, total: total).reserve(environment) }
        #expect(reserve(4 << 30) == 1 << 30)
        #expect(reserve(100 << 30) == 5 << 30)
        #expect(reserve(4 << 40) == 8 << 30)
        #expect(reserve(100 << 30, ["TWINHUB_DISK_RESERVE_MB": "300"]) == 300_000_000)
        #expect(reserve(100 << 30, ["TWINHUB_DISK_RESERVE_MB": "much"]) == 5 << 30)
        #expect(reserve(100 << 30, ["TWINHUB_DISK_RESERVE_MB": "-1"]) == 5 << 30)
    }

    @Test func aWaitingRunEndsWhenItIsAskedTo() throws {
        let clone = try HubClone(adapters: ["sf-police"])
        #expect(try clone.run("migrate").status == 0)
        let run = try clone.start(["adapter", "run", "sf-police"], ["TWINHUB_DISK_RESERVE_MB": "1000000000"])
        #expect(waitUntil(seconds: 60) { HubClone.text(run.errors).contains("sf-police: paused: ") })
        let (hub, owner) = try clone.connect()
        defer { withExtendedLifetime(hub) {} }
        #expect(try owner.query("SELECT count(*) FROM hub.event").int(0, 0) == 0)
        #expect(try owner.query("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'").int(0, 0) == 0)
        run.process.send(signal: SIGINT)
        #expect(run.process.wait() == 130)
        #expect(try owner.query("SELECT outcome FROM hub.run").text(0, 0) == "cancelled")
        #expect(try clone.run("adapter", "run", "sf-police", environment: ["TWINHUB_DISK_RESERVE_MB": "0"]).status == 0)
        #expect(try owner.query("SELECT count(*) FROM hub.event").int(0, 0) == 867)
    }

    /// On a disk of 600 MB of its own.
    @Test(.enabled(if: SmallDisk.canBeMade, "needs the right to mount a tmpfs"))
    func aRunWaitsForRoomAndGoesOn() throws {
        let clone = try HubClone(adapters: ["sf-police"])
        let disk = try SmallDisk(at: clone.home.state, megabytes: 600)
        defer {
            _ = try? ServerControl(clone.home).stop(force: true)
            disk.unmount()
        }
        _ = try HubHome(clone: clone.folder)  // its folders, on the new disk
        let environment = ["TWINHUB_DISK_RESERVE_MB": "200"]
        #expect(try clone.run("migrate", environment: environment).status == 0)
        let (hub, owner) = try clone.connect()
        defer { withExtendedLifetime(hub) {} }
        let filler = clone.home.state + "/filler"
        let free = try #require(DiskSpace(at: clone.home.state)).free
        try disk.fill(filler, bytes: free - 150_000_000)
        let doctor = try clone.run("doctor", environment: environment)
        #expect(doctor.status == 3 && doctor.output.contains("disk-space (critical)"), "\(doctor.output)")

        let run = try clone.start(["adapter", "run", "sf-police", "--batch", "100"], environment)
        #expect(waitUntil(seconds: 60) { HubClone.text(run.errors).contains("sf-police: paused: ") })
        #expect(try owner.query("SELECT count(*) FROM hub.event").int(0, 0) == 0)
        #expect(run.process.pollStatus() == nil)
        unlink(filler)
        #expect(run.process.wait() == 0, "\(HubClone.text(run.errors))")
        #expect(HubClone.text(run.errors).contains("sf-police: there is room again, going on"))
        #expect(try owner.query("SELECT count(*) FROM hub.event").int(0, 0) == 867)
    }
}

/// A small file system in memory.
private struct SmallDisk {
    let path: String

    /// Tried once.
    static let canBeMade: Bool = {
        let path = FileManager.default.temporaryDirectory.path + "/twinhub-mount-\(getpid())"
        guard geteuid() == 0, (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)) != nil else { return false }
        defer { rmdir(path) }
        guard let disk = try? SmallDisk(at: path, megabytes: 1) else { return false }
        disk.unmount()
        return true
    }()

    init(at path: String, megabytes: Int) throws {
        self.path = path
        let mounted = try ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "twinhub-test", path])
        guard mounted.status == 0 else { throw OperationsError(.configuration, mounted.output, where: path) }
    }

    func fill(_ file: String, bytes: Int) throws {
        let filled = try ChildProcess.run("fallocate", ["-l", String(bytes), file])
        #expect(filled.status == 0, "\(filled.output)")
    }

    /// Also while somebody still looks into it.
    func unmount() { _ = try? ChildProcess.run("umount", ["-l", path]) }
}
