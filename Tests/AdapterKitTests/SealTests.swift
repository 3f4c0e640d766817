import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Testing
@testable import AdapterKit

/// Values sealed under keys of people.
@Suite struct SealTests {
    private static let manifest = manifestText(
        """
        { name: 's', mode: 'snapshot', key: ['登记号'], subject_of: '身份证号',
          personal: { '身份证号': 'pseudonym', '姓名': 'seal', '电话': 'seal' },
          facts: [{ event: 'resident.registered', subject: 'person/{身份证号}', payload: { building: 'b', name: '姓名', phone: '电话' } }],
          removed: { event: 'resident.deregistered' } }
        """)
    private static let rows = "登记号,身份证号,姓名,电话,b\n1,310101198001011237,王小明,15400001111,B1\n2,310101198001015678,李小红,15400002222,B1\n"

    private func opened(_ hub: TestHub, _ person: String) throws -> [String] {
        let rows = try hub.admin.query("SELECT k.id, k.wrapped, s.name FROM hub.subject_key k JOIN hub.source s ON s.id = k.source_id WHERE k.subject = $1", [.text(person)])
        var keys: [String: SubjectKey] = [:]
        for row in 0..<rows.count {
            let id = rows.text(row, 0) ?? ""
            keys[id] = try SubjectKey(unwrapping: rows.bytes(row, 1) ?? [], id: id, subject: person, source: rows.text(row, 2) ?? "", under: hub.keys.sealing)
        }
        let events = try hub.admin.query("SELECT payload ->> 'name', payload ->> 'phone' FROM hub.event WHERE subject = $1 ORDER BY position", [.text("person/" + person)])
        return try (0..<events.count).flatMap { row in
            try ["name", "phone"].enumerated().map { column, member in
                let value = try #require(SealedValue(events.text(row, column) ?? ""))
                let key = try #require(keys[value.key])
                return try value.open(in: .init(source: "test-source", event: "resident.registered", subject: "person/" + person, member: member), under: key)
            }
        }
    }

    @Test func sealedValuesOpenInTheirPlaceOnly() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest)
        try folder.write(Self.rows, to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [2, 2, 0, 0, 0, 0, 0])
        let wang = Protection(hub.keys).pseudonym(of: "310101198001011237", domain: "id_number")
        #expect(try opened(hub, wang) == ["王小明", "15400001111"])
        // Lengths say nothing: two names of other lengths are as long.
        #expect(try hub.column("SELECT DISTINCT length(payload ->> 'name') FROM hub.event").count == 1)
        let key = try SubjectKey(of: wang)
        let place = SealedValue.Place(source: "a", event: "e", subject: "person/1", member: "name")
        let value = try SealedValue("王小明", in: place, under: key)
        #expect(try SealedValue(value.text)?.open(in: place, under: key) == "王小明")
        for change in [\SealedValue.Place.source, \.event, \.subject, \.member] {
            var other = place
            other[keyPath: change] += "x"
            #expect(throws: AdapterError.self) { try value.open(in: other, under: key) }
        }
        #expect(throws: AdapterError.self) { try value.open(in: place, under: try SubjectKey(of: wang)) }
        // Another sealing.key unwraps nothing.
        let wrapped = try key.wrapped(for: "a", under: [UInt8](repeating: 1, count: 32))
        #expect(throws: AdapterError.self) { try SubjectKey(unwrapping: wrapped, id: key.id, subject: wang, source: "a", under: [UInt8](repeating: 2, count: 32)) }
        #expect(throws: AdapterError.self) { try SubjectKey(unwrapping: wrapped, id: key.id, subject: wang, source: "b", under: [UInt8](repeating: 1, count: 32)) }
    }

    @Test func anUnchangedRecordStaysUnchangedAndAChangedOneKeepsItsKey() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest)
        try folder.write(Self.rows, to: "samples/a.csv")
        try hub.run(folder)
        // Another manifest: every record is mapped again, and none says anything new.
        try folder.write(Self.manifest.replacing("1.0.0", with: "1.0.1"), to: "adapter.json5")
        #expect(try hub.run(folder).counts == [2, 0, 0, 2, 0, 0, 0])
        try folder.write(Self.rows.replacing("15400001111", with: "15400003333"), to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [2, 0, 1, 1, 0, 0, 0])
        #expect(try hub.column("SELECT count(*) || ' ' || count(DISTINCT id) FROM hub.subject_key") == ["2 2"])
        // The name is the same value as before, the phone another one.
        #expect(try hub.column("SELECT count(DISTINCT payload ->> 'name') || ' ' || count(DISTINCT payload ->> 'phone') FROM hub.event") == ["2 3"])
        let wang = Protection(hub.keys).pseudonym(of: "310101198001011237", domain: "id_number")
        #expect(try opened(hub, wang) == ["王小明", "15400001111", "王小明", "15400003333"])
    }

    @Test func aValueOfNobodyIsRefusedAndAnErasedPersonsRecordsAreLeftOut() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest)
        // Its ID number would also be its subject; here nothing but the name needs the person.
        let orphan = Self.manifest.replacing("person/{身份证号}", with: "person/{登记号}")
        try folder.write(orphan, to: "adapter.json5")
        try folder.write("登记号,身份证号,姓名,电话,b\n1,,王小明,15400001111,B1\n2,310101198001015678,李小红,,B1\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [2, 1, 0, 0, 0, 1, 0])
        #expect(try hub.column("SELECT rule || ' ' || sealed || ' ' || coalesce(subject, 'nobody') FROM hub.quarantine") == ["seal true nobody"])
        let li = Protection(hub.keys).pseudonym(of: "310101198001015678", domain: "id_number")
        try hub.admin.query("SELECT hub.erase_subject($1, 'asked for it', '{}')", [.text(li)])
        // The file is the same: what decides is who was erased.
        let report = try hub.run(folder)
        #expect(report.counts == [2, 0, 0, 0, 0, 2, 0])
        #expect(try hub.facts().count == 1)
        #expect(try hub.column("SELECT rule || length(raw) FROM hub.quarantine WHERE rule = 'erased'") == ["erased0"])
        #expect(try hub.run(folder).facts == 0)
        // It goes from the source: nothing is told of it either.
        try folder.write("登记号,身份证号,姓名,电话,b\n1,,王小明,15400001111,B1\n", to: "samples/a.csv")
        #expect(try hub.run(folder).facts == 0)
        // Let in again, the person is news, under a new key.
        try hub.admin.execute("UPDATE hub.erasure SET position = 1")
        #expect(try hub.admin.query("SELECT hub.readmit_subject($1, 'moved back')", [.text(li)]).bool(0, 0))
        try folder.write("登记号,身份证号,姓名,电话,b\n1,,王小明,15400001111,B1\n2,310101198001015678,李小红,,B1\n", to: "samples/a.csv")
        #expect(try hub.run(folder).counts == [2, 1, 0, 0, 0, 1, 0])
        #expect(try hub.column("SELECT count(DISTINCT payload ->> 'name') FROM hub.event") == ["2"])
    }

    @Test func aRunThatBeganBeforeAnErasureCommitsNothingMore() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest)
        try folder.write(Self.rows, to: "samples/a.csv")
        let database = hub.database
        let error = #expect(throws: LogError.self) {
            try hub.run(folder) { options in
                options.batchFacts = 1
                options.committed = { _ in try Connection(database).query("SELECT hub.erase_subject('somebody', 'asked for it', '{}')") }
            }
        }
        #expect(error?.code == .sealingChanged)
        #expect(try hub.facts().count == 1)
        #expect(try hub.run(folder).facts == 1)
    }

    @Test func noAdapterSeesAnothersKeys() throws {
        let hub = try TestHub()
        for name in ["test-source", "other-source"] {
            let folder = try SourceFolder(Self.manifest.replacing("test-source", with: name))
            try folder.write(Self.rows, to: "samples/a.csv")
            try hub.run(folder)
        }
        #expect(try hub.column("SELECT count(*) || ' ' || count(DISTINCT subject) FROM hub.subject_key") == ["4 2"])
        let folder = try SourceFolder(Self.manifest)
        let connection = try hub.connection(for: folder.manifest())
        #expect(try connection.query("SELECT id FROM hub.subject_key").count == 2)
    }

    @Test func anotherSealingKeyOpensTheSameAndTheOldOneNothing() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest)
        try folder.write(Self.rows, to: "samples/a.csv")
        try hub.run(folder)
        let before = try hub.admin.query("SELECT id, subject, wrapped FROM hub.subject_key ORDER BY id")
        #expect(try SealingRotation.run(folder: hub.keyFolder, on: hub.admin) == 2)
        let keys = try Keys(folder: hub.keyFolder)
        let after = try hub.admin.query("SELECT id, subject, wrapped FROM hub.subject_key ORDER BY id")
        for row in 0..<2 {
            let id = after.text(row, 0) ?? "", subject = after.text(row, 1) ?? ""
            func opens(_ rows: borrowing Rows, _ key: [UInt8]) -> Bool {
                (try? SubjectKey(unwrapping: rows.bytes(row, 2) ?? [], id: id, subject: subject, source: "test-source", under: key)) != nil
            }
            #expect(opens(before, hub.keys.sealing) && opens(after, keys.sealing))
            #expect(!opens(before, keys.sealing) && !opens(after, hub.keys.sealing))
        }
        // Whoever holds the old file is told; with the new one nothing has changed.
        try folder.write(Self.rows + "3,310101198001019999,张三,15400004444,B1\n", to: "samples/a.csv")
        #expect(throws: AdapterError.self) { try hub.run(folder) }
        let manifest = try folder.manifest()
        #expect(try AdapterRun(manifest, connection: hub.connection(for: manifest), keys: keys).run().counts == [3, 1, 0, 2, 0, 0, 0])
    }

    /// Cut off after the keys were destroyed, an erasure goes on where it was.
    @Test func anErasureIsToldOnce() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(Self.manifest)
        try folder.write(Self.rows, to: "samples/a.csv")
        try hub.run(folder)
        let wang = Protection(hub.keys).pseudonym(of: "310101198001011237", domain: "id_number")
        func erase() throws -> Int64? { try hub.admin.query("SELECT erasure FROM hub.erase_subject($1, 'asked for it', '{}')", [.text(wang)]).int(0, 0) }
        let first = try #require(try erase())
        #expect(try erase() == first)
        let source = try Sources.register(ErasureLog.source, on: hub.admin, decides: true)
        let connection = try Connection(try PrivateServer.shared().conninfo(of: hub.database, user: source.role))
        let position = try ErasureLog.tell(first, on: connection)
        #expect(try ErasureLog.tell(first, on: connection) == position)
        #expect(try hub.facts().suffix(1) == ["subject.erased person/\(wang)"])
        #expect(try hub.column("SELECT cardinality(keys) || ' ' || position FROM hub.erasure") == ["1 \(position)"])
        // Only what stands behind it counts: nobody else's fact makes an erasure.
        #expect(throws: PostgresError.self) { try connection.query("SELECT hub.note_erasure($1, 1, 0)", [.int(first)]) }
        #expect(throws: PostgresError.self) { try hub.admin.execute("DELETE FROM hub.subject_access") }
    }
}
