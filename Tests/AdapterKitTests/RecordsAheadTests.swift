import EventLog
import Foundation
import RecordFormats
import Testing
@testable import AdapterKit

/// What is read on a thread of its own is what would have been read without one.
@Suite struct RecordsAheadTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private static let csv = ["1,a", "2,\"b,\n\"\"b\"\"\"", "3", "\u{FEFF}4,d", "5,\"open", "", "6, f ", "7,七"]
    private static let json = [
        "{\"no\":1,\"n\":\"a\"}", "{\"no\":2}", "{\"no\":3,\"n\":[1,{\"x\":\"\\\"\"}]}", "{\"no\":4,\"no\":4}", "[5]", "{\"no\":6", "", " {\"n\":\"\\u4e03\" , \"no\":7} ",
    ]

    private static func line(_ outcome: ReadOutcome, _ place: InputPlace) -> String {
        switch outcome {
        case .record(let record): "\(place.name) \(record.line) \(record.shape.names) \(record.values) \(record.raw)"
        // Without columns it counts as one that may hold anything.
        case .refused(let refusal): "\(place.name) \(refusal.line) \(refusal.rule) \(refusal.message) \(refusal.raw) \(refusal.shape?.names ?? [])"
        }
    }

    /// Several files of random rows, which may be handed over as they are, decoded, or now so and now so.
    @Test(arguments: 1...60) func nothingIsLostOrMoved(seed: UInt64) throws {
        var random = Generator(state: seed)
        let isJSON = Bool.random(using: &random)
        let folder = try SourceFolder(
            manifestText("{ name: 's', mode: 'snapshot', key: ['no'], facts: [{ event: 'case.received', subject: 'case/{no}' }] }", format: isJSON ? "'ndjson'" : "'csv'"))
        for file in 0..<3 {
            let rows = (0..<Int.random(in: 0...2_500, using: &random)).map { _ in (isJSON ? Self.json : Self.csv).randomElement(using: &random) ?? "" }
            try folder.write((isJSON ? "" : "no,n\n") + rows.joined(separator: "\n") + "\n", to: "samples/\(file)")
        }
        let manifest = try folder.manifest(), stream = manifest.streams[0]
        let state = StreamState()
        let (input, _) = try RunInputs(manifest, RunOptions().inputContext).open(stream, after: state)
        var expected: [String] = []
        try input.forEach { expected.append(Self.line($0, $1)) }
        for how in [true, false, nil] {
            let ahead = try RecordsAhead(stream, input, mapping: "m", protection: Protection(.forSamples), decodes: how ?? true)
            defer { ahead.stop() }
            var got: [String] = [], undecoded = 0, pieces = 0, shapes = RowShapes()
            try ahead.forEach { piece in
                pieces += 1
                if how == nil { ahead.setDecoding(pieces % 2 == 0) }
                for step in piece.steps {
                    switch step {
                    case .outcome(let number, _): got.append(Self.line(piece.outcomes[number], piece.place))
                    case .row(_, let bytes, let shape, let line):
                        undecoded += 1
                        let shape = shape.map { piece.shapes[$0] } ?? shapes.shape(of: bytes, in: piece.bytes)
                        got.append(Self.line(try input.decode(Array(piece.bytes[bytes]), shape, line: line), piece.place))
                    }
                }
            }
            #expect(got == expected)
            if how == true { #expect(undecoded == 0) }
            if how == false, expected.count > 3_000 { #expect(undecoded > 0) }
        }
    }

    /// An input that fails after so many records, or is not read to its end.
    private struct Failing: RecordInput {
        struct Failure: Error {}

        let records: Int
        let title = "failing"
        var digest: [UInt8]? { nil }
        var hasFixedColumns: Bool { true }
        var hasKinds: Bool { false }
        var rawTellsAll: Bool { false }

        func forEach(unless isTaken: RowQuestion?, _ body: (ReadOutcome?, InputPlace) throws -> Void) throws {
            let shape = RecordShape(names: ["no"])
            for number in 1...records {
                let raw = [UInt8]("\(number)".utf8)
                try body(.record(Record(shape: shape, values: [.text("\(number)")], line: number, raw: raw)), InputPlace(name: title, index: 0))
            }
            throw Failure()
        }
    }

    @Test func whatCameBeforeAFailureComesFirst() throws {
        let ahead = RecordsAhead(Failing(records: 5_000), hasher: nil, decodes: true)
        defer { ahead.stop() }
        var taken = 0
        #expect(throws: Failing.Failure.self) { try ahead.forEach { taken += $0.steps.count } }
        #expect(taken == 5_000)
    }

    /// A member of an object that is no JSON: nobody knows what it holds, so it is sealed, read again by itself or not.
    @Test func aBrokenRowAmongKnownOnesIsSealed() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText("{ name: 's', mode: 'snapshot', key: ['id'], facts: [{ event: 'case.received', subject: 'case/{id}' }] }", format: "'ndjson'"))
        func rows(_ last: String) -> String { (0..<2_000).map { "{\"id\":\($0),\"a\":{\"b\":1}}\n" }.joined() + last + "\n" }
        try folder.write(rows("{\"id\":5000,\"a\":{\"b\":1}}"), to: "samples/1.ndjson")
        try hub.run(folder)
        try folder.write(rows("{\"id\":5000,\"a\":{\"phone\":\"13800001234\"},\"a\":01}"), to: "samples/1.ndjson")
        #expect(try hub.run(folder).counts[5] == 1)
        try folder.write(rows("{\"id\":5000,\"a\":{\"phone\":\"13800001234\",\"b\":01}}"), to: "samples/1.ndjson")
        #expect(try hub.run(folder).counts[5] == 1)
        let kept = try hub.admin.query("SELECT sealed, position('138'::bytea in raw) FROM hub.quarantine")
        #expect(kept.count == 2)
        for row in 0..<kept.count { #expect(kept.bool(row, 0) && kept.int(row, 1) == 0) }
    }

    /// A file that changes behind the reader is not taken for the one that was read.
    @Test func whatWasHashedIsWhatWasRead() throws {
        let folder = try SourceFolder(
            manifestText("{ name: 's', mode: 'snapshot', key: ['no'], facts: [{ event: 'case.received', subject: 'case/{no}' }] }"))
        try folder.write("no,n\n1,a\n", to: "samples/1.csv")
        let manifest = try folder.manifest()
        let (input, _) = try RunInputs(manifest, RunOptions().inputContext).open(manifest.streams[0], after: StreamState())
        let files = try #require(input as? FileInput)
        let hashing = try #require(files.hashing)
        #expect(!hashing.isStarted)
        #expect(try hashing.digest() == FileSearch.examine(folder.path + "/samples/1.csv", folder: folder.path).digest)
        try folder.write("no,n\n1,b\n2,c\n", to: "samples/1.csv")
        #expect(throws: AdapterError.self) { try files.forEach { _, _ in } }
    }

    /// Whoever stops need not take the rest: the reading side would wait for room for ever.
    @Test func stoppingEndsTheReading() throws {
        struct Enough: Error {}
        let ahead = RecordsAhead(Failing(records: 3_000_000), hasher: nil, decodes: true)
        #expect(throws: Enough.self) { try ahead.forEach { _ in throw Enough() } }
        ahead.stop()
        let unused = RecordsAhead(Failing(records: 1), hasher: nil, decodes: true)
        unused.stop()
    }

    /// Rows that changed among known ones are decoded by themselves: they are told, or refused, where they stand.
    @Test func aChangedRowAmongKnownOnesKeepsItsPlace() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: 's', mode: 'snapshot', key: ['no'], facts: [{ event: 'case.received', subject: 'case/{no}',
                  occurred_at: { from: 'day', type: 'date', zone: 'Asia/Shanghai' }, payload: { description: 'what' } }] }
                """))
        func rows(_ from: Int, _ change: [Int: String] = [:]) -> String {
            "no,day,what\n" + (from..<from + 3_000).map { change[$0] ?? "\($0),2026-01-02,\"a\nb\"" }.joined(separator: "\n") + "\n"
        }
        try folder.write(rows(0), to: "samples/1.csv")
        try folder.write(rows(3_000), to: "samples/2.csv")
        #expect(try hub.run(folder).counts == [6_000, 6_000, 0, 0, 0, 0, 0])
        try folder.write(rows(3_000, [4_000: "4000,2026-01-02,else", 5_000: "5000,soon,x", 5_001: "5001,2026-01-02"]), to: "samples/2.csv")
        #expect(try hub.run(folder).counts == [6_000, 0, 1, 5_997, 0, 2, 0])
        #expect(try hub.facts().last == "case.received case/4000")
        let refused = try hub.admin.query("SELECT input, line FROM hub.quarantine ORDER BY line")
        #expect((0..<refused.count).map { "\(refused.text($0, 0) ?? "") \(refused.int($0, 1) ?? 0)" } == ["samples/2.csv 4001", "samples/2.csv 4002"])
    }
}
