import EventLog
import Foundation
import Testing
@testable import AdapterKit

@Suite struct PersonalRunTests {
    /// Whether any table of the hub holds one of the texts, in the clear or as the bytes of a `bytea`.
    private func expectNowhere(_ secrets: [String], in hub: TestHub) throws {
        for table in try hub.column("SELECT table_name FROM information_schema.tables WHERE table_schema = 'hub' AND table_type = 'BASE TABLE'") {
            let text = try hub.column("SELECT t::text FROM hub.\(table) t").joined(separator: "\n")
            for secret in secrets {
                #expect(!text.contains(secret), "\(table) holds \(secret)")
                #expect(!text.contains(Array(secret.utf8).hexadecimal), "\(table) holds the bytes of \(secret)")
            }
        }
    }

    private func stream(_ payload: String, more: String = "") -> String {
        "{ name: 's', mode: 'snapshot', key: ['id'], \(more) facts: [{ event: 'case.received', subject: 'case/{id}', payload: { \(payload) } }] }"
    }

    @Test(arguments: [("reporter: '姓名'", "姓名", "name"), ("note: { first: ['note', 'contact.phone'] }", "contact.phone", "phone")])
    func aMappedColumnMustBeDeclared(_ payload: String, _ column: String, _ family: String) throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(stream(payload)))
        try folder.write("id,姓名,note\n1,王小明,x\n", to: "samples/a.csv")
        let expected = AdapterError(
            .configuration,
            "Stream \"s\": the column \"\(column)\" looks personal (\(family)) and is not declared. Add it to \"personal\": pseudonym, mask, drop or { keep: \"the purpose\" }.",
            file: folder.path + "/adapter.json5", line: 3)
        #expect(throws: expected) { try hub.run(folder) }
        #expect(try hub.facts() == [])
        #expect(throws: expected) { try AdapterPreview.run(try folder.manifest(), limit: 1) }
    }

    @Test func aKeyAndAConditionAreMappedToo() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText("{ name: 's', mode: 'append', where: { present: '身份证号' }, facts: [{ event: 'case.received', subject: 'case/{id}' }] }"))
        try folder.write("id,身份证号\n1,310101198001011234\n", to: "samples/a.csv")
        #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(try hub.facts() == [])
    }

    /// What a manifest cannot see is refused as soon as it is delivered: members of an object that is mapped whole.
    @Test(arguments: [
        ("ndjson", "note: { object: { people: 'people' } }", #"{"id":1,"people":[{"age":3},{"name":"王小明"}]}"#, "people.name"),
        ("ndjson", "note: { first: ['contact'] }", #"{"id":1,"contact":{"mobile":"13800001111"}}"#, "contact.mobile"),
        ("ndjson", "aliases: 'people'", #"{"id":1,"people":[{"name":"王小明"}]}"#, "people.name"),
        ("csv", "note: { from: 'd', type: 'json' }", "id,d\n1,\"{\"\"phone\"\":\"\"13800001111\"\"}\"", "d.phone"),
    ])
    func membersOfObjectsMustBeDeclared(_ format: String, _ payload: String, _ file: String, _ column: String) throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(stream(payload), format: "'\(format)'"))
        try folder.write(file + "\n", to: "samples/a")
        let error = #expect(throws: AdapterError.self) { try hub.run(folder) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.hasPrefix("Stream \"s\": the column \"\(column)\" looks personal") == true)
        #expect(try hub.facts() == [])
        try expectNowhere(["王小明", "13800001111"], in: hub)
        // Declared, it is told as the manifest says.
        let declared = stream(payload, more: "personal: { '\(column)': { keep: 'test' } },")
        try folder.write(manifestText(declared, format: "'\(format)'"), to: "adapter.json5")
        let refused = try hub.run(folder).counts[5]
        #expect(try hub.facts().count + refused == 1)
    }

    /// A column that nobody maps is no reason to refuse the run, but what is refused of its rows is nobody's to read.
    @Test func refusedRowsWithUndeclaredColumnsAreSealed() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(
            stream("floors: { from: 'n', type: 'integer' }", more: "contract: { max_refused_ratio: 1 },"), format: "{ kind: 'csv', encoding: 'utf-8' }"))
        // The first row is ragged: its header alone says what it holds.
        try folder.write(
            "id,n,姓名,证件号码\n1,王小明,310101198001011234\n2,many,李小红,310101198001015678\n,3,赵大,310101198001019999\n4,4,周二,310101198001010000\n5,\"5\"钱三,1,2\n",
            to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [5, 1, 0, 0, 0, 4, 0])
        #expect(try hub.column("SELECT rule || ' ' || sealed FROM hub.quarantine ORDER BY id") == [
            "ragged true", "type true", "missing_key true", "syntax true",
        ])
        let rows = try hub.admin.execute("SELECT raw FROM hub.quarantine ORDER BY id")
        let cell = rows.bytes(1, 0)
        let raw = try #require(cell)
        #expect(String(decoding: try Protection(hub.keys).open(raw), as: UTF8.self) == "2,many,李小红,310101198001015678")
        try expectNowhere(["王小明", "李小红", "赵大", "周二", "钱三", "310101198001011234", "310101198001015678", "310101198001019999"], in: hub)
    }

    @Test func refusedObjectsAreSealedWhereTheirMembersLookPersonalOrNobodyKnows() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(manifestText(stream("floors: { from: 'n', type: 'integer' }"), format: "'ndjson'"))
        try folder.write(
            """
            {"id":1,"n":"many","people":[{"name":"王小明"}]}
            {"id":2,"n":2,"phone":"13800001111"
            {"id":3,"n":"many","kind":"plain"}
            {"id":4,"n":4}
            """ + "\n", to: "samples/a.ndjson")
        #expect(try hub.run(folder).counts == [4, 1, 0, 0, 0, 3, 0])
        #expect(try hub.column("SELECT line || ' ' || rule || ' ' || sealed FROM hub.quarantine ORDER BY id") == ["1 type true", "2 syntax true", "3 type false"])
        try expectNowhere(["王小明", "13800001111"], in: hub)
    }
}
