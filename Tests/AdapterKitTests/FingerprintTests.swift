import Testing
@testable import AdapterKit
import EventLog

@Suite struct FingerprintTests {
    private func key(_ number: UInt64) -> FingerprintKey {
        // Spread like a digest.
        FingerprintKey(low: number &* 0x9E37_79B9_7F4A_7C15, high: number &* 0xC2B2_AE3D_27D4_EB4F)
    }

    @Test("In memory, and in a file of its own", arguments: [PagedMemory.limit, 1]) func remembersAndForgets(pagedFrom: Int) {
        let table = FingerprintTable(pagedFrom: pagedFrom)
        for number in 1...5000 as ClosedRange<UInt64> { table.set(key(number), content: number) }
        #expect(table.liveCount == 5000)
        #expect((1...5000 as ClosedRange<UInt64>).allSatisfy { table.content(key($0)) == $0 })
        #expect(table.content(key(6000)) == 0)
        table.set(key(7), content: 0)
        #expect(table.content(key(7)) == 0)
        #expect(table.liveCount == 4999)
    }

    @Test func factsOfARecordHaveKeysOfTheirOwn() {
        let record = key(1)
        let facts = (0..<200).map { record.fact($0) }
        #expect(Set(facts + [record]).count == 201)
        #expect(facts.allSatisfy { $0.low == record.low && $0.high & 0x00FF_FFFF_FFFF_FFFF == record.high & 0x00FF_FFFF_FFFF_FFFF })
    }

    @Test(arguments: [PagedMemory.limit, 1]) func knowsWhatVanished(pagedFrom: Int) {
        let table = FingerprintTable(pagedFrom: pagedFrom)
        for number in 1...3 as ClosedRange<UInt64> { table.set(key(number), content: 9, subject: Array("case/\(number)".utf8)) }
        table.set(key(1).fact(0), content: 5)
        #expect(table.recordCount == 3)
        #expect(table.meet(key(2)))
        #expect(!table.meet(key(2)))
        #expect(table.vanished().map { String(decoding: $0.subject, as: UTF8.self) }.sorted() == ["case/1", "case/3"])
    }

    @Test func blocksComeBack() throws {
        var blocks = FingerprintBlocks()
        blocks.add(key(1), content: 11, subject: Array("case/一".utf8))
        blocks.add(key(2), content: 12)
        blocks.add(key(3), content: 13)
        let first = blocks.take(stream: "s")
        #expect(first.entries.count == 72)
        blocks.add(key(3), content: 0)
        blocks.add(key(2), content: 22)
        let second = blocks.take(stream: "s")
        #expect(blocks.isEmpty)
        let table = FingerprintTable()
        try FingerprintBlocks.read(first, into: table)
        try FingerprintBlocks.read(second, into: table)
        #expect(table.content(key(1)) == 11)
        #expect(table.content(key(2)) == 22)
        #expect(table.content(key(3)) == 0)
        #expect(table.vanished().map { String(decoding: $0.subject, as: UTF8.self) } == ["case/一"])
        var copy: [UInt64: String] = [:]
        table.forEach { _, content, subject in copy[content] = subject.map { String(decoding: $0, as: UTF8.self) } ?? "" }
        #expect(copy == [11: "case/一", 22: ""])
    }

    @Test func brokenBlocksAreNoticed() {
        #expect(throws: AdapterError.self) { try FingerprintBlocks.read(FingerprintBlock(stream: "s", entries: [1, 2, 3]), into: FingerprintTable()) }
        #expect(throws: AdapterError.self) {
            try FingerprintBlocks.read(FingerprintBlock(stream: "s", entries: [], subjects: [0, 0, 0, 0, 9, 0, 1]), into: FingerprintTable())
        }
    }

    @Test func aStateIsReadBackAsItWasWritten() throws {
        var state = StreamState()
        state.columns = ["a\"b": 4, "c": 0]
        state.files = [StreamState.FileMark(name: "x.csv", size: 10, digest: "ab", outcomes: 3, complete: false)]
        state.bookmark = "2024"
        state.mapping = "m"
        state.input = "i"
        (state.read, state.refused, state.records, state.heldBack) = (1, 2, 3, 4)
        #expect(try StreamState(json: state.json) == state)
        #expect(throws: AdapterError.self) { try StreamState(json: "[]") }
    }

    /// Rows that come in another order are met through the index, once enough of them were not where they were expected.
    @Test(arguments: [PagedMemory.limit, 1]) func rowsAreMetOnceInAnyOrder(pagedFrom: Int) {
        let table = FingerprintTable(pagedFrom: pagedFrom)
        let numbers = Array(1...4000 as ClosedRange<UInt64>)
        func row(_ number: UInt64) -> RowHash { RowHash(low: number &* 0xD6E8_FEB8_6659_FD93 | 1, high: number) }
        for number in numbers {
            table.set(key(number), content: number, subject: Array("sensor/\(number)".utf8))
            table.set(key(number), row: row(number))
        }
        // In order, with one that is new and one that is gone.
        #expect(!table.meet(row: row(9000)))
        #expect(numbers.filter { $0 != 17 }.allSatisfy { table.meet(row: row($0)) })
        #expect(table.vanished().map(\.key) == [key(17)])
        #expect(!table.meet(row: row(1)), "met before")
        table.forgetMet()
        let missed = numbers.reversed().filter { !table.meet(row: row($0)) }
        #expect(missed.count <= 40)
        #expect(Set(table.vanished().map(\.key.low)) == Set(missed.map { key($0).low }))
        table.forgetMet()
        // What a record was told from changes: the old row counts no more.
        table.set(key(5), row: row(7000))
        #expect(numbers[..<4].allSatisfy { table.meet(row: row($0)) })
        #expect(!table.meet(row: row(5)))
        #expect(table.meet(row: row(7000)))
    }
}

extension FingerprintBlocks {
    /// As the log gives a block that was written so.
    static func read(_ block: FingerprintBlock, into table: FingerprintTable) throws {
        try block.entries.withUnsafeBytes { entries in
            try (block.subjects ?? []).withUnsafeBytes { try read(entries, block.subjects == nil ? nil : $0, of: block.stream, into: table) }
        }
    }
}
