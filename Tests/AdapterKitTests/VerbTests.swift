import Foundation
import Testing
@testable import AdapterKit

@Suite struct VerbTests {
    private let stream = "{ name: 's', mode: 'snapshot', key: ['id'], facts: [{ event: 'case.received', subject: 'case/{id}', payload: { note: 'n', category: 'c' } }] }"

    @Test func testComparesWithWhatIsExpected() throws {
        let folder = try SourceFolder(manifestText(stream))
        try folder.write("id,n,c\n1,a,x\n2,b,x\n3,c\n", to: "samples/a.csv")
        let manifest = try folder.manifest()
        #expect(throws: AdapterError.self) { try AdapterTest.run(manifest) }
        #expect(try AdapterTest.run(manifest, accept: true).accepted)
        let expected = try String(contentsOfFile: folder.path + "/expected.ndjson", encoding: .utf8)
        #expect(expected == """
            {"type":"case.received","version":1,"subject":"case/1","occurred_at":null,"payload":{"note":"a","category":"x"}}
            {"type":"case.received","version":1,"subject":"case/2","occurred_at":null,"payload":{"note":"b","category":"x"}}

            """)
        let good = try AdapterTest.run(manifest)
        #expect(good.passed)
        #expect(good.facts == 2)
        #expect(good.refused.map(\.line) == [4])

        try folder.write("id,n,c\n1,a,x\n2,B,x\n4,d,x\n", to: "samples/a.csv")
        let bad = try AdapterTest.run(manifest)
        #expect(!bad.passed)
        #expect(bad.differences == [
            """
            expected.ndjson:2: case.received case/2
              payload.note: expected "b", got "B"
            """,
            """
            fact 3: case.received case/4 is not expected
              + {"type":"case.received","version":1,"subject":"case/4","occurred_at":null,"payload":{"note":"d","category":"x"}}
            """,
        ])
    }

    @Test func checkLooksAtTheSamples() throws {
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "s", mode: "snapshot", key: ["id"], personal: { "电话": "mask" },
                  facts: [{ event: "case.received", subject: "case/{id}", payload: { adress: "addr", phone: "电话" } }] }
                """))
        try folder.write("id,address,电话,报案人,x\n1,a,b,c,d\n", to: "samples/a.csv")
        let findings = AdapterCheck.run(folder: folder.path).map { "\($0.severity.rawValue): \($0.message)" }
        for expected in [
            "warning: Stream \"s\": the contract of case.received does not know the member \"adress\"; the nearest one that it knows is \"address\".",
            "error: Stream \"s\": the column \"报案人\" looks personal (name) and is not declared. Add it to \"personal\": pseudonym, mask, drop or { keep: \"the purpose\" }.",
            "error: Stream \"s\": the column \"x\" is neither used nor personal. In a stream with personal columns name it under \"personal\" or \"ignore\".",
            "warning: Stream \"s\": no record of the samples has the column \"addr\"; the nearest one is \"address\".",
            "warning: The adapter has no README.md.",
        ] {
            #expect(findings.contains(expected), "\(expected)")
        }
    }

    @Test func checkLooksIntoObjects() throws {
        let folder = try SourceFolder(
            manifestText("{ name: 's', mode: 'snapshot', key: ['id'], facts: [{ event: 'case.received', subject: 'case/{id}' }] }", format: "'ndjson'"))
        try folder.write(#"{"id":1,"people":[{"name":"x"}],"contact":{"phone":"1"}}"# + "\n", to: "samples/a.ndjson")
        let errors = AdapterCheck.run(folder: folder.path).filter { $0.severity == .error }.map(\.message)
        #expect(errors.contains { $0.hasPrefix("Stream \"s\": the column \"people.name\" looks personal (name)") })
        #expect(errors.contains { $0.hasPrefix("Stream \"s\": the column \"contact.phone\" looks personal (phone)") })
    }

    @Test func listAndFind() throws {
        let root = try SourceFolder()
        try root.write(manifestText(stream).replacingOccurrences(of: "test-source", with: "a-one"), to: "a-one/adapter.json5")
        try root.write("{ broken", to: "b-two/adapter.json5")
        try root.write("nothing", to: "c/README.md")
        let listed = AdapterFolders.list(root: root.path)
        #expect(listed.map(\.name) == ["a-one", "b-two"])
        #expect(listed[1].problem != nil)
        #expect(try AdapterFolders.find("a-one", root: root.path).name == "a-one")
        #expect(throws: AdapterError(.configuration, "There is no adapter \"a-onn\".", file: root.path, hint: "The nearest one is \"a-one\".")) {
            try AdapterFolders.find("a-onn", root: root.path)
        }
    }

    @Test func previewEndsEarly() throws {
        let folder = try SourceFolder(manifestText(stream))
        try folder.write("id,n,c\n" + (1...1000).map { "\($0),a,b\n" }.joined(), to: "samples/a.csv")
        let result = try AdapterPreview.run(try folder.manifest(), limit: 3)
        #expect(result.facts.map(\.subject) == ["case/1", "case/2", "case/3"])
        #expect(result.counters.read < 10)
    }

    /// Which facts are of which record, and of personal values the shape alone.
    @Test func previewShowsRecordsBesideTheirFacts() throws {
        let folder = try SourceFolder(
            manifestText(
                """
                { name: 's', mode: 'snapshot', key: ['id'], personal: { '姓名': 'drop', people: 'drop' }, ignore: ['x', 'y'],
                  facts: [{ event: 'case.received', when: { present: 'n' }, undone: 'none', subject: 'case/{id}', payload: { note: 'n' } },
                          { event: 'case.closed', when: { present: 'closed' }, undone: 'none', subject: 'case/{id}', payload: {} }] }
                """, format: "'ndjson'"))
        try folder.write(
            """
            {"id":1,"n":"a","closed":"2024","姓名":"司马仍在","x":"15487654321","people":[{"tel":"12345678"}]}
            {"id":2,"姓名":"司马仍在"}
            {"id":3,"n":"c","phone":null,"y":{"name":"x1"}}

            """, to: "samples/a.ndjson")
        let result = try AdapterPreview.run(try folder.manifest(), limit: 10)
        #expect(result.records.map(\.places) == [["samples/a.ndjson:1"], ["samples/a.ndjson:2"], ["samples/a.ndjson:3"]])
        #expect(result.records.map { $0.facts.map(\.type) } == [["case.received", "case.closed"], [], ["case.received"]])
        #expect(result.records[0].columns.map { "\($0.name)=\($0.value)" } == [
            "id=1", "n=a", "closed=2024", "姓名=the shape \"字字字字\"", "x=the shape \"99999999999\"", #"people=[{"tel":"the shape \"99999999\""}]"#,
        ])
        #expect(result.records[2].columns.map(\.value).suffix(2) == ["", #"{"name":"the shape \"A9\""}"#])
        // Cut after as many facts as were asked for; with several pieces a record names them all.
        #expect(try AdapterPreview.run(try folder.manifest(), limit: 1).records.map { $0.facts.count } == [1])
        let united = try SourceFolder(
            manifestText("{ name: 's', mode: 'snapshot', key: ['id'], repeated: 'collect', facts: [{ event: 'case.received', subject: 'case/{id}', payload: { note: 'n' } }] }"))
        try united.write("id,n\n1,a\n2,b\n1,c\n", to: "samples/a.csv")
        let pieces = try AdapterPreview.run(try united.manifest(), limit: 10).records
        #expect(pieces.map(\.places) == [["samples/a.csv:3"], ["samples/a.csv:2", "samples/a.csv:4"]])
    }

    @Test func aSubjectMustBeOfItsEventsKind() throws {
        let folder = try SourceFolder(
            manifestText(
                """
                { name: "s", mode: "snapshot", key: ["id"], facts: [
                    { event: "building.described", subject: "compound/{id}", payload: { name: "n" } },
                    { event: "resident.registered", subject: "person/{id}", payload: { building: "b" } },
                    { event: "observations.recorded", subject: "building/{id}", payload: {} } ] }
                """))
        try folder.write("id,n,b\n1,A,2\n", to: "samples/a.csv")
        let errors = AdapterCheck.run(folder: folder.path).filter { $0.severity == .error }.map(\.message)
        #expect(errors.contains("Stream \"s\": building.described is about a building/…, and its subject is a compound/…."))
        #expect(errors.contains("Stream \"s\": observations.recorded is about a sensor/…, and its subject is a building/…."))
        #expect(!errors.contains { $0.contains("resident") })
    }
}
