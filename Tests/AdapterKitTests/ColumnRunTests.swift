import EventLog
import Foundation
import Testing
@testable import AdapterKit

/// What happens when a source loses a column that the mapping reads.
@Suite struct ColumnRunTests {
    private func stream(_ more: String = "", mode: String = "snapshot") -> String {
        """
        { name: "s", mode: "\(mode)", \(mode == "append" ? "" : "key: ['id'],") \(more)
          facts: [{ event: "case.received", subject: "case/{id}", payload: { category: "what", address: { from: "place.street" }, note: "note" } }] }
        """
    }

    private static let deliveries: [(format: String, before: String, without: String, column: String)] = [
        ("csv", "id,what,place.street,note\n1,a,b,c\n2,a,b,c\n", "id,what,place.street\n1,a,b\n2,a,b\n3,a,b\n", "note"),
        ("csv", "id,what,place.street,note\n1,a,b,c\n", "id,kind,place.street,note\n1,a,b,c\n", "what"),
        ("ndjson", #"{"id":1,"note":"x","place":{"street":"y"}}"# + "\n", #"{"id":1,"place":{"street":"y"}}"# + "\n", "note"),
        ("ndjson", #"{"id":1,"note":"x","place":{"street":"y"}}"# + "\n", #"{"id":1,"note":"x","place":{}}"# + "\n", "place.street"),
    ]

    @Test(arguments: deliveries.indices) func aMappedColumnThatIsGoneFailsTheRunBeforeAnythingChanges(_ number: Int) throws {
        let (format, before, without, column) = Self.deliveries[number]
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(stream(), format: "'\(format)'"))
        try folder.write(before, to: "samples/a")
        try hub.run(folder)
        let facts = try hub.facts()
        let batches = try hub.column("SELECT count(*) FROM hub.batch")
        try folder.write(without, to: "samples/a")
        #expect(throws: AdapterError(
            .data,
            "Stream \"s\": the column \"\(column)\", which the mapping reads, was delivered before and is in no record of this pull. Nothing was changed.",
            file: "samples/a",
            hint: "Ask the source for it; where it may be absent, name it under \"optional\" of the stream, else take it out of the mapping.")) { try hub.run(folder) }
        #expect(try hub.facts() == facts)
        #expect(try hub.column("SELECT count(*) FROM hub.batch") == batches)
        // The column comes back; later it is said to be optional.
        try folder.write(before + "\n", to: "samples/a")
        #expect(try hub.run(folder).facts == 0)
        try folder.write(manifestText(stream("optional: ['\(column)'],"), format: "'\(format)'"), to: "adapter.json5")
        try folder.write(without, to: "samples/a")
        #expect(try hub.run(folder).counters.changed > 0)
        #expect(try hub.facts().last == "source.drifted source/test-source")
    }

    @Test func aColumnThatOnlyOneFileOrOneRecordHasIsThere() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(stream()))
        try folder.write("id,what,place.street,note\n1,a,b,c\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write("id,what,place.street\n1,a,b\n", to: "samples/a.csv")
        try folder.write("id,what,place.street,note\n2,a,b,c\n", to: "samples/b.csv")
        #expect(try hub.run(folder).counts == [2, 1, 1, 0, 0, 0, 0])
        // No records are no reason: the guard of removals looks at them.
        try folder.write("id,what,place.street\n", to: "samples/a.csv")
        try folder.write("id,what,place.street\n", to: "samples/b.csv")
        #expect(try hub.run(folder).counts == [0, 0, 0, 0, 0, 0, 0])
    }

    /// Its columns are the format's: a network that lost its only tank has lost no column.
    @Test func aNetworkWithoutTanksIsANetwork() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "s", mode: "snapshot", key: ["section", "id"], removed: { event: "junction.removed" },
                  facts: [{ event: "case.received", subject: "case/{id}", payload: { level: "init_level" } }] }
                """, format: "'inp'"))
        try folder.write("[JUNCTIONS]\nJ1 5\n[TANKS]\nT1 5 1 0 2 10 0\n", to: "samples/a.inp")
        #expect(try hub.run(folder).counts == [2, 2, 0, 0, 0, 0, 0])
        try folder.write("[JUNCTIONS]\nJ1 5\n", to: "samples/a.inp")
        #expect(try hub.run(folder).counts == [1, 0, 0, 1, 1, 0, 0])
    }

    @Test func appendedRowsToo() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(stream(mode: "append")))
        try folder.write("id,what,place.street,note\n1,a,b,c\n", to: "samples/a.csv")
        try hub.run(folder)
        try folder.write("id,what,note\n2,a,c\n", to: "samples/b.csv")
        #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(try hub.facts() == ["case.received case/1"])
    }

    @Test func optionalColumnsMustBeRead() {
        let error = mistake(in: manifestText(stream("optional: ['nota'],")))
        #expect(error?.message == "Stream \"s\": The column \"nota\" is optional, but the mapping does not read it. The nearest one that it reads is \"note\".")
    }
}
