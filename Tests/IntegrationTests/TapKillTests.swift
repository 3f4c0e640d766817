import Foundation
import PrivateServer
import Subprocess
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A source's programs do not outlive the adapter that started them, however it ends.
@Suite struct TapKillTests {
    @Test("kill -9 of an adapter ends its tap, what the tap started, and the private copy of its configuration", arguments: [SIGKILL, SIGTERM])
    func noTapIsLeft(_ signal: Int32) throws {
        let database = try PrivateServer.shared().freshDatabase()
        let clone = try HubClone(adapters: [])
        let folder = clone.folder + "/Adapters/slow-tap"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try """
        { adapter: "slow-tap", version: "1.0.0", department: "tests", source: "urn:test",
          input: { kind: "singer", run: ["./tap.sh"], catalog: "none", config: { key: { secret: "env:TAP_KEY" } } },
          streams: [{ name: "cases", mode: "incremental", key: ["id"], facts: [{ event: "case.received", subject: "case/{id}" }] }] }
        """.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        try "#!/bin/sh\nsleep 600 &\necho \"$$ $! $2\" > started.new\nmv started.new started\nwait\n"
            .write(toFile: folder + "/tap.sh", atomically: true, encoding: .utf8)
        #expect(chmod(folder + "/tap.sh", 0o700) == 0)
        let run = try clone.start(["adapter", "run", "slow-tap"], ["TWINHUB_DATABASE": database, "TAP_KEY": "s3cret"])
        try #require(Self.comes { FileManager.default.fileExists(atPath: folder + "/started") }, "\(HubClone.text(run.errors))")
        let words = HubClone.text(folder + "/started").split(whereSeparator: \.isWhitespace).map(String.init)
        let pids = words.prefix(2).compactMap { Int32($0) }
        let config = try #require(words.last)
        #expect(pids.count == 2 && pids.allSatisfy(Self.lives))
        #expect(HubClone.text(config) == "{\"key\":\"s3cret\"}")
        run.process.send(signal: signal)
        run.process.wait()
        #expect(Self.comes { !pids.contains(where: Self.lives) && !FileManager.default.fileExists(atPath: config) })
        #expect(!(HubClone.text(run.errors) + HubClone.text(run.output)).contains("s3cret"))
    }

    /// Waits for something that comes soon.
    private static func comes(_ condition: () -> Bool) -> Bool {
        let limit = ContinuousClock.now + .seconds(60)
        while !condition() {
            if ContinuousClock.now > limit { return false }
            poll(nil, 0, 20)
        }
        return true
    }

    /// A zombie has ended: nobody has collected it yet.
    private static func lives(_ pid: Int32) -> Bool {
        guard kill(pid, 0) == 0 else { return false }
        return HubClone.text("/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ").first != "Z"
    }
}
