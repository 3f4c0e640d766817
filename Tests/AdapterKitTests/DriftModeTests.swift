import EventLog
import Foundation
import Testing
@testable import AdapterKit

@Suite struct DriftModeTests {
    private func manifest(_ contract: String, _ more: String = "", format: String = "'csv'", removed: String = "removed: { event: 'building.removed' },") -> String {
        manifestText(
            """
            { name: "b", mode: "snapshot", key: ["id"], contract: { \(contract) }, \(removed) \(more)
              facts: [{ event: "building.described", subject: "building/{id}", payload: { name: "title", floors: { from: "floors", type: "integer" } } }] }
            """, format: format)
    }

    private func run(_ hub: TestHub, _ folder: SourceFolder, _ file: String) throws -> [Int] {
        try folder.write(file, to: "samples/a.csv")
        return try hub.run(folder).counts
    }

    @Test func newColumns() throws {
        for (mode, counts, refused) in [("keep", [1, 0, 0, 1, 0, 0, 0], 0), ("freeze", [1, 0, 0, 1, 0, 0, 0], 0), ("quarantine", [1, 0, 0, 0, 0, 1, 0], 1)] {
            let hub = try TestHub()
            let folder = try SourceFolder(manifest("unknown_columns: '\(mode)'"))
            #expect(try run(hub, folder, "id,title,floors\n1,A,3\n") == [1, 1, 0, 0, 0, 0, 0])
            #expect(try run(hub, folder, "id,title,floors,roof\n1,A,3,flat\n") == counts, "\(mode)")
            #expect(try hub.quarantine().count == refused)
            #expect(try hub.column("SELECT source || ' ' || stream || ' ' || change || ' ' || column_name FROM hub.drift") == ["test-source b appeared roof"])
            #expect(try hub.column("SELECT (payload::json ->> 'before') || (payload::json ->> 'now') FROM hub.event WHERE subject = 'source/test-source'") == [
                #"["floors","id","title"]["floors","id","roof","title"]"#,
            ])
        }
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("unknown_columns: 'fail'"))
        _ = try run(hub, folder, "id,title,floors\n1,A,3\n")
        let error = #expect(throws: AdapterError.self) { try run(hub, folder, "id,title,floors,roof\n1,B,3,flat\n2,C,1,flat\n") }
        #expect(error?.kind == .data)
        #expect(error?.message == "Stream \"b\": The manifest does not know the column \"roof\". The manifest lets the run fail for it.")
        #expect(try hub.facts() == ["building.described building/1"])
        #expect(try hub.quarantine() == [])
    }

    /// A frozen table takes no new tag by its pattern, in this pull and in later ones, until the manifest says so.
    @Test func aFrozenPatternTakesNoNewColumn() throws {
        func scada(_ mode: String) -> String {
            manifestText(
                """
                { name: "w", mode: "snapshot", unpivot: { columns: ["L_*"] }, key: ["t", "$column"], contract: { unknown_columns: "\(mode)" },
                  facts: [{ event: "case.received", subject: "case/{t}-{$column}", payload: { note: "$value" } }] }
                """)
        }
        let hub = try TestHub()
        let folder = try SourceFolder(scada("freeze"))
        #expect(try run(hub, folder, "t,L_1\n1,5\n") == [1, 1, 0, 0, 0, 0, 0])
        #expect(try run(hub, folder, "t,L_1,L_2\n1,5,6\n") == [1, 0, 0, 1, 0, 0, 0])
        #expect(try run(hub, folder, "t,L_1,L_2\n1,6,6\n") == [1, 0, 1, 0, 0, 0, 0])
        try folder.write(scada("keep"), to: "adapter.json5")
        #expect(try run(hub, folder, "t,L_1,L_2\n1,6,6\n") == [2, 1, 0, 1, 0, 0, 0])
    }

    @Test func columnsThatAreGone() throws {
        for (mode, counts, name) in [
            ("keep", [2, 1, 1, 0, 0, 0, 0], "{\"floors\":3}"), ("freeze", [2, 1, 0, 1, 0, 0, 0], "{\"floors\":4}"), ("quarantine", [2, 0, 0, 0, 0, 2, 0], "{\"name\":\"A\",\"floors\":3}"),
        ] {
            let hub = try TestHub()
            let folder = try SourceFolder(manifest("missing_columns: '\(mode)', max_refused_ratio: 1"))
            #expect(try run(hub, folder, "id,title,floors\n1,A,3\n") == [1, 1, 0, 0, 0, 0, 0])
            #expect(try run(hub, folder, "id,floors\n1,3\n2,4\n") == counts, "\(mode)")
            let last = try hub.column("SELECT e.payload FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id WHERE t.name = 'building.described' ORDER BY position")
            #expect(mode == "keep" ? last.contains(name) : last.last == name, "\(mode)")
            #expect(try hub.column("SELECT change || ' ' || column_name FROM hub.drift") == ["vanished title"])
        }
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        _ = try run(hub, folder, "id,title,floors\n1,A,3\n")
        #expect((#expect(throws: AdapterError.self) { try run(hub, folder, "id,floors\n1,3\n") })?.kind == .data)
        #expect(try hub.facts().count == 1)
    }

    @Test func valuesThatDoNotFit() throws {
        let rows = "id,title,floors\n1,A,many\n2,B,2\n"
        for (mode, counts, first) in [
            ("keep", [2, 1, 0, 0, 0, 1, 0], "{\"name\":\"B\",\"floors\":2}"), ("freeze", [2, 2, 0, 0, 0, 0, 0], "{\"name\":\"A\"}"),
            ("null", [2, 2, 0, 0, 0, 0, 0], "{\"name\":\"A\"}"), ("quarantine", [2, 1, 0, 0, 0, 1, 0], "{\"name\":\"B\",\"floors\":2}"),
        ] {
            let hub = try TestHub()
            // Kept, it is the contract of the event that refuses a text for a number.
            #expect(try run(hub, try SourceFolder(manifest("types: '\(mode)'")), rows) == counts, "\(mode)")
            #expect(try hub.facts("e.payload").first == first, "\(mode)")
        }
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("types: 'fail'"))
        let error = #expect(throws: AdapterError.self) { try run(hub, folder, rows) }
        #expect(error?.message == "Stream \"b\": Column \"floors\" is not an integer: it has the shape \"AAAA\". The manifest lets the run fail for it.")
        #expect(error?.line == 2)
        #expect(try hub.facts() == [])
    }

    private func list(_ numbers: some Sequence<Int>) -> String { "id,title,floors\n" + numbers.map { "\($0),N,3\n" }.joined() }

    /// An empty answer, and a first page alone, are taken for what they look like.
    @Test func aListThatShrankIsSuspicious() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest(""))
        #expect(try run(hub, folder, list(1...40)) == [40, 40, 0, 0, 0, 0, 0])
        #expect(try run(hub, folder, list(1...10)) == [10, 0, 0, 10, 0, 0, 30])
        #expect(try hub.column("SELECT warning FROM hub.source_status") == ["b: 10 records came where there were 40"])
        #expect(try run(hub, folder, "id,title,floors\n") == [0, 0, 0, 0, 0, 0, 40])
        #expect(try hub.column("SELECT warning FROM hub.run ORDER BY id DESC LIMIT 1") == ["b: no record came where there were 40"])
        // The same delivery again says the same again.
        let same = try hub.run(folder)
        #expect(same.streams[0].sameInput && same.streams[0].warnings == ["no record came where there were 40"])
        // Whole again: all is well, and nothing was told meanwhile.
        #expect(try run(hub, folder, list(1...40)) == [40, 0, 0, 40, 0, 0, 0])
        #expect(try hub.column("SELECT coalesce(warning, 'none') FROM hub.source_status") == ["none"])
        #expect(try hub.facts().count == 40)
        // Somebody says that it is so.
        try folder.write(list(1...5), to: "samples/a.csv")
        #expect(try hub.run(folder) { $0.acceptRemovals = true }.counts == [5, 0, 0, 5, 35, 0, 0])
        #expect(try run(hub, folder, list(1...6)) == [6, 1, 0, 5, 0, 0, 0])
    }

    @Test func aShareOfOneTakesEverythingButSaysSo() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifest("", removed: "removed: { event: 'building.removed', max_ratio: 1 },"))
        _ = try run(hub, folder, list(1...40))
        #expect(try run(hub, folder, "id,title,floors\n") == [0, 0, 0, 0, 40, 0, 0])
        #expect(try hub.column("SELECT warning FROM hub.source_status") == ["b: no record came where there were 40"])
    }
}
