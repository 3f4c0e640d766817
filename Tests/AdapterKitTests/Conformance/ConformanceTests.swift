import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Testing
@testable import AdapterKit

/// What every kind of input keeps to, against a real source and a real log. `KilledRunTests` is the part with processes.
@Suite("Conformance of inputs") struct ConformanceTests {
    @Test("The same poll twice appends nothing; then what changed, and nothing else", arguments: ConformanceKind.present)
    func polledTwice(_ kind: ConformanceKind) throws {
        let world = try ConformanceWorld(kind)
        try world.source.deliver(Delivery(SourceRecord.list(0..<60)))
        #expect(try world.run().counters.added == 60)
        let again = try world.run()
        #expect(again.facts == 0 && again.counters.added == 0 && again.counters.refused == 0)
        var records = SourceRecord.list(0..<61)
        if kind.isSnapshot {
            records[30].note = "second"
            records.removeFirst()
        }
        try world.source.deliver(Delivery(records))
        let third = try world.run()
        #expect(third.counters.added == 1)
        #expect(third.counters.changed == (kind.isSnapshot ? 1 : 0))
        #expect(third.counters.removed == (kind.isSnapshot ? 1 : 0))
        #expect(third.facts == (kind.isSnapshot ? 3 : 1))
        #expect(try world.run().facts == 0)
    }

    @Test("A broken record in the middle is quarantined with its place, and the others go on", arguments: ConformanceKind.present)
    func brokenInTheMiddle(_ kind: ConformanceKind) throws {
        let world = try ConformanceWorld(kind)
        let records = SourceRecord.list(0..<41)
        try world.source.deliver(Delivery(records, broken: 20))
        let counters = try world.run().counters
        #expect(counters.added == 40 && counters.refused == 1)
        #expect(try world.hub.column("SELECT line || ' ' || rule FROM hub.quarantine") == [world.source.refusal(ofRecord: 20)])
        #expect(try world.told() == records.filter { $0.no != 20 }.map(\.no))
        // Refused again it is stored once.
        try world.run()
        #expect(try world.hub.column("SELECT count(*)::text FROM hub.quarantine") == ["1"])
        if kind.isSnapshot {
            try world.source.deliver(Delivery(records))
            #expect(try world.run().counters.added == 1)
            #expect(try world.told() == records.map(\.no))
        }
    }

    @Test("A cancelled run ends soon and loses nothing", arguments: ConformanceKind.present)
    func cancelled(_ kind: ConformanceKind) throws {
        let world = try ConformanceWorld(kind)
        try world.source.deliver(Delivery(SourceRecord.list(0..<200)))
        let counter = Counter()
        #expect(throws: RunCancelled.self) {
            try world.run {
                $0.batchFacts = 10
                $0.isCancelled = { counter.next() > 155 }
            }
        }
        let told = try world.told()
        #expect(told.count < 200)
        #expect(try world.hub.column("SELECT outcome FROM hub.run_status") == ["cancelled"])
        #expect(try world.run().counters.added == 200 - told.count)
        #expect(try world.told() == Array(0..<200))
        #expect(try world.run().facts == 0)
    }

    /// Cancellation is asked for while nothing comes: who only looks between records would wait as long as the source.
    @Test("A run is cancelled while its source hangs", arguments: ConformanceKind.present)
    func cancelledWhileTheSourceHangs(_ kind: ConformanceKind) throws {
        let world = try ConformanceWorld(kind)
        guard try world.source.hang() else { return }
        let start = ContinuousClock.now
        let limit = start + .milliseconds(500)
        #expect(throws: RunCancelled.self) { try world.run { $0.isCancelled = { ContinuousClock.now > limit } } }
        #expect(start.duration(to: .now) < .seconds(60), "It hung for ten minutes; the limit is generous for a busy machine.")
    }

    @Test("A source that is down gives a typed error, and is read whole when it is back", arguments: ConformanceKind.present)
    func downAndBack(_ kind: ConformanceKind) throws {
        let world = try ConformanceWorld(kind)
        try world.source.deliver(Delivery(SourceRecord.list(0..<30)))
        try world.run()
        try world.source.takeDown()
        #expect { try world.run() } throws: { error in
            (error as? AdapterError).map { world.source.errorsWhenDown.contains($0.kind) } == true
        }
        #expect(try world.told() == Array(0..<30))
        #expect(try world.hub.column("SELECT outcome || ' ' || (message <> '') FROM hub.run_status ORDER BY id DESC LIMIT 1") == ["failed true"])
        try world.source.bringBack()
        try world.source.deliver(Delivery(SourceRecord.list(0..<50)))
        #expect(try world.run().counters.added == 20)
        #expect(try world.told() == Array(0..<50))
    }

    @Test("A source that goes away while it is read loses nothing", arguments: ConformanceKind.present)
    func downInTheMiddle(_ kind: ConformanceKind) throws {
        let world = try ConformanceWorld(kind)
        try world.source.deliver(Delivery(SourceRecord.list(0..<400)))
        let batches = Counter()
        // What was on its way already may still make the pull whole.
        do {
            try world.run {
                $0.batchFacts = 20
                $0.committed = { _ in if batches.next() == 2 { try world.source.takeDown() } }
            }
        } catch let error as AdapterError {
            #expect(world.source.errorsWhenDown.contains(error.kind), "\(error)")
        }
        try #require(batches.next() > 2, "It went down while it was read.")
        try world.source.bringBack()
        try world.run()
        #expect(try world.told() == Array(0..<400))
        #expect(try world.hub.facts("e.subject").filter { $0.hasPrefix("case/") }.count == 400)
        #expect(try world.run().facts == 0)
    }

    @Test("A new column is told as drift; one that the mapping reads and that is gone stops the run", arguments: ConformanceKind.present)
    func changedColumns(_ kind: ConformanceKind) throws {
        let world = try ConformanceWorld(kind)
        try world.source.deliver(Delivery(SourceRecord.list(0..<20)))
        try world.run()
        try world.source.deliver(Delivery(SourceRecord.list(0..<21), columns: ["note", "grade"]))
        let report = try world.run()
        #expect(report.counters.added == 1)
        #expect(report.streams[0].drift?.contains("grade") == true)
        #expect(try world.hub.facts().filter { $0 == "source.drifted source/conforming" }.count == 1)
        guard kind.isSnapshot else { return }
        let before = try world.hub.facts().count
        try world.source.deliver(Delivery(SourceRecord.list(0..<21), columns: ["grade"]))
        #expect { try world.run() } throws: { ($0 as? AdapterError)?.kind == .data }
        #expect(try world.hub.facts().count == before)
    }
}

/// A log and a source of one kind.
final class ConformanceWorld: @unchecked Sendable {
    let hub: TestHub
    let source: any ConformingSource

    init(_ kind: ConformanceKind) throws {
        hub = try TestHub()
        source = try kind.makeSource()
    }

    @discardableResult
    func run(_ change: (inout RunOptions) -> Void = { _ in }) throws -> RunReport {
        let input = try source.openStandardInput()
        defer { if let input { close(input) } }
        return try hub.run(source.folder) {
            if let input { $0.standardInput = input }
            $0.environment = ProcessInfo.processInfo.environment.merging(source.environment) { $1 }
            change(&$0)
        }
    }

    /// Numbers of the records that were told and not withdrawn since, in order.
    func told() throws -> [Int] {
        try hub.column(
            """
            SELECT substr(subject, 6) FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id
            WHERE subject LIKE 'case/%' GROUP BY subject
            HAVING (array_agg(t.name ORDER BY position DESC))[1] = 'case.received' ORDER BY substr(subject, 6)::int
            """).compactMap { Int($0) }
    }
}
