import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Testing
@testable import AdapterKit

@Suite struct AppendRunTests {
    private let rows = "{ name: 'log', mode: 'append', facts: [{ event: 'case.received', subject: 'case/{no}', payload: { note: 'n' } }] }"

    @Test func filesAreReadOnce() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(rows, path: "in/*.csv"))
        try folder.write("no,n\n1,a\n2,b\n", to: "in/1.csv")
        #expect(try hub.run(folder).counts == [2, 2, 0, 0, 0, 0, 0])
        #expect(try hub.run(folder).counts == [0, 0, 0, 0, 0, 0, 0])
        // A copy under another name, and a new file.
        try folder.write("no,n\n1,a\n2,b\n", to: "in/2.csv")
        try folder.write("no,n\n3,c\n", to: "in/3.csv")
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
        // A file that grew.
        try folder.write("no,n\n3,c\n3,c\n4,d\n", to: "in/3.csv")
        #expect(try hub.run(folder).counts == [2, 2, 0, 0, 0, 0, 0])
        #expect(try hub.facts("e.subject") == ["case/1", "case/2", "case/3", "case/3", "case/4"])
        // A file that was rewritten.
        try folder.write("no,n\n3,x\n", to: "in/3.csv")
        #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(try hub.facts().count == 5)
    }

    @Test func anUnfinishedLineIsNoticed() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(rows))
        try folder.write("no,n\n1,a\n2,b", to: "samples/1.csv")
        try hub.run(folder)
        try folder.write("no,n\n1,a\n2,bcd\n", to: "samples/1.csv")
        #expect(throws: AdapterError.self) { try hub.run(folder) }
        try folder.write("no,n\n1,a\n2,b\n3,c\n", to: "samples/1.csv")
        #expect(try hub.run(folder).counts == [1, 1, 0, 0, 0, 0, 0])
    }

    /// Every run has a row of its own, which holds what was committed by then.
    @Test func runsAreKept() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(rows))
        try folder.write("no,n\n" + (0..<50).map { "\($0),x\n" }.joined(), to: "samples/1.csv")
        let counter = Counter()
        #expect(throws: RunCancelled.self) {
            try hub.run(folder) {
                $0.batchFacts = 10
                $0.isCancelled = { counter.next() > 25 }
            }
        }
        #expect(throws: Stop.self) {
            try hub.run(folder) {
                $0.batchFacts = 10
                $0.committed = { _ in throw Stop() }
            }
        }
        try hub.run(folder)
        let runs = try hub.column(
            "SELECT concat_ws(' ', outcome, error_kind, message, rows_added, facts, run, rows_read = (SELECT sum(b.rows_read) FROM hub.batch b WHERE b.run = r.run)) FROM hub.run_status r ORDER BY id")
        // What an unknown error says is not repeated: it may hold values.
        #expect(runs == ["cancelled 20 20 1 t", "failed internal Stop 10 10 2 t", "done 20 20 3 t"])
    }

    private struct Stop: Error {}

    @Test(arguments: ["append", "snapshot"]) func aRunThatDiesBetweenBatchesLosesAndDoublesNothing(_ mode: String) throws {
        let hub = try TestHub()
        let key = mode == "append" ? "" : "key: ['no'], removed: { event: 'case.withdrawn' },"
        let folder = try SourceFolder(
            manifestText("{ name: 'log', mode: '\(mode)', \(key) facts: [{ event: 'case.received', subject: 'case/{no}', payload: { note: 'n' } }] }"))
        for file in 0..<3 {
            try folder.write("no,n\n" + (0..<100).map { "\(file * 100 + $0),x\n" }.joined(), to: "samples/\(file).csv")
        }
        for survived in 1...4 {
            let counter = Counter()
            #expect(throws: Stop.self) {
                try hub.run(folder) {
                    $0.batchFacts = 17
                    $0.committed = { _ in if counter.next() == survived { throw Stop() } }
                }
            }
        }
        try hub.run(folder) { $0.batchFacts = 17 }
        let subjects = try hub.facts("e.subject")
        #expect(subjects.count == 300)
        #expect(Set(subjects).count == 300)
        #expect(try hub.run(folder).facts == 0)
    }

    @Test func aRunCanBeCancelled() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(rows))
        try folder.write("no,n\n" + (0..<100).map { "\($0),x\n" }.joined(), to: "samples/a.csv")
        let counter = Counter()
        #expect(throws: RunCancelled.self) {
            try hub.run(folder) {
                $0.batchFacts = 10
                $0.isCancelled = { counter.next() > 55 }
            }
        }
        #expect(try hub.facts().count == 50)
        // The lease was given back.
        #expect(try hub.run(folder).counts == [50, 50, 0, 0, 0, 0, 0])
    }

    @Test func twoRunsAtOnceAreRefused() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(rows))
        try folder.write("no,n\n1,x\n", to: "samples/a.csv")
        let manifest = try folder.manifest()
        let writer = try BatchWriter(hub.connection(for: manifest))
        try writer.acquireLease(holder: "another")
        #expect { try hub.run(folder) } throws: { ($0 as? LogError)?.code == .leaseHeld }
        try writer.releaseLease()
        #expect(try hub.run(folder).facts == 1)
    }

    @Test func theEnvironmentMovesTheInput() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(rows, path: "samples/*.csv"))
        let elsewhere = try SourceFolder()
        try elsewhere.write("no,n\n9,x\n", to: "big.csv")
        let report = try hub.run(folder) { $0.environment = ["TWINHUB_INPUT_TEST_SOURCE": elsewhere.path] }
        #expect(report.streams[0].input == "big.csv")
        #expect(try hub.facts() == ["case.received case/9"])
        #expect(throws: AdapterError.self) { try hub.run(folder) }
    }
}

/// Counts across the closures of a run.
final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var value = 0

    func next() -> Int {
        lock.lock()
        defer { lock.unlock() }
        value += 1
        return value
    }
}
