import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Subprocess
import Testing

@testable import AdapterKit

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Resumption after `kill -9`, with the program that users have.
@Suite("Conformance of inputs: kill -9") struct KilledRunTests {
    private static let records = 900

    @Test("Killed after a random number of batches, again and again, a pull ends whole: every fact once", arguments: ConformanceKind.present)
    func killed(_ kind: ConformanceKind) throws {
        let seed = ProcessInfo.processInfo.environment["TWINHUB_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        var random = Dice(state: seed)
        let database = try PrivateServer.shared().freshDatabase()
        let connection = try Connection(database)
        let source = try kind.makeSource()
        try source.deliver(Delivery(SourceRecord.list(0..<Self.records)))
        let clone = try HubClone(adapters: [])
        try FileManager.default.createSymbolicLink(atPath: clone.folder + "/Adapters/conforming", withDestinationPath: source.folder.path)
        let environment = source.environment.merging(["TWINHUB_DATABASE": database]) { $1 }
        let batches = { try connection.query("SELECT count(*) FROM hub.batch").int(0, 0) ?? 0 }

        func runWhole() throws {
            let input = try source.openStandardInput()
            defer { if let input { close(input) } }
            let running = try clone.start(["adapter", "run", "conforming"], environment, input: input.map { .descriptor($0) } ?? .none)
            #expect(running.process.wait() == 0, "seed \(seed): \(HubClone.text(running.errors))")
        }

        var killed = 0
        for _ in 0..<4 {
            let before = try batches()
            let target = before + Int64.random(in: 0...15, using: &random)
            let input = try source.openStandardInput()
            let process = try clone.start(
                ["adapter", "run", "conforming", "--batch", "10"], environment, input: input.map { .descriptor($0) } ?? .none).process
            if let input { close(input) }
            while process.pollStatus() == nil, try batches() < target { poll(nil, 0, 1) }
            // Anywhere within the batch.
            poll(nil, 0, Int32.random(in: 0...20, using: &random))
            if process.pollStatus() == nil {
                process.send(signal: SIGKILL)
                killed += 1
            }
            process.wait()
        }
        #expect(killed >= 2, "seed \(seed)")

        try runWhole()
        let facts = try connection.query("SELECT count(*), count(DISTINCT subject) FROM hub.event WHERE subject LIKE 'case/%'")
        #expect(facts.int(0, 0) == Int64(Self.records) && facts.int(0, 1) == Int64(Self.records), "seed \(seed)")
        let after = try connection.query("SELECT max(position) FROM hub.event").int(0, 0)
        try runWhole()
        #expect(try connection.query("SELECT max(position) FROM hub.event").int(0, 0) == after, "seed \(seed)")
        let verified = try clone.run(["verify"], environment: environment)
        #expect(verified.status == 0, "seed \(seed): \(verified.errors)")
    }
}

/// Random numbers that a seed fixes (SplitMix64).
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
