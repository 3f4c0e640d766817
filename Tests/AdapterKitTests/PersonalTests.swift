import Foundation
import Testing
@testable import AdapterKit
import RecordFormats

@Suite struct PersonalTests {
    private let protection = Protection(.forSamples)

    @Test func pseudonymsAreTheSameForTheSameValueAndDomain() {
        let a = protection.pseudonym(of: "31010119800101123x", domain: "id_number")
        #expect(a.count == 32)
        #expect(a.allSatisfy { $0.isHexDigit })
        #expect(a == protection.pseudonym(of: " 31010119800101123X ", domain: "id_number"))
        #expect(a != protection.pseudonym(of: "31010119800101123X", domain: "phone"))
    }

    @Test func masksKeepTheFirstCharacter() {
        #expect(protection.apply(.mask, to: .text("王小明")) == .text("王**"))
        #expect(protection.apply(.mask, to: .text("王")) == .text("王*"))
        #expect(protection.apply(.drop, to: .text("x")) == nil)
        #expect(protection.apply(.keep(purpose: "p"), to: .text("x")) == .text("x"))
    }

    @Test func sealingComesBackAndNoticesChanges() throws {
        let row = Array("张三,13800000000".utf8)
        var sealed = try protection.seal(row)
        #expect(sealed.count == row.count + 28)
        #expect(try protection.open(sealed) == row)
        #expect(try protection.seal(row) != sealed)
        #expect(try protection.open(try protection.seal([])) == [])
        sealed[20] ^= 1
        #expect(throws: AdapterError.self) { try protection.open(sealed) }
    }

    @Test func keyFilesAreMadeOnceAndKeptPrivate() throws {
        let folder = try SourceFolder()
        let keys = folder.path + "/keys"
        let first = try Keys(folder: keys)
        let second = try Keys(folder: keys)
        #expect(first.pseudonym == second.pseudonym)
        #expect(first.pseudonym != first.quarantine)
        let file = keys + "/pseudonym.key"
        let rights = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(rights == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        #expect(throws: AdapterError(
            .configuration, "The key can be read by others than its owner.", file: file, hint: "Run: chmod 600 \(file)")) { try Keys(folder: keys) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(throws: AdapterError.self) { try Keys(folder: keys) }
    }

    @Test(arguments: [
        ("姓名", "name"), ("公民身份证号码", "id_number"), ("联系电话", "phone"), ("报案人手机", "phone"), ("Name", "name"), ("ID Number", "id_number"),
        ("phone_no", "phone"), ("date_of_birth", "birth_date"), ("resident.id_number", "id_number"), ("人员.姓名", "name"),
    ])
    func columnsThatLookPersonal(_ column: String, _ family: String) {
        #expect(PersonalNames.family(of: column) == family)
    }

    @Test(arguments: ["楼幢编号", "Agency Name", "name:en", "street_name", "category", "地址", "Park Facility Name"])
    func columnsThatDoNot(_ column: String) {
        #expect(PersonalNames.family(of: column) == nil)
    }

    @Test func nothingBehindTheReaderSeesTheOriginal() throws {
        let text = manifestText(
            """
            { name: "s", mode: "append", personal: { "身份证号": "pseudonym", "姓名": "mask" },
              facts: [{ event: "resident.registered", subject: "person/{身份证号}", when: { equals: { "姓名": "王**" } },
                        payload: { building: "b", name: "姓名", id_number: { first: ["身份证号"] } } }] }
            """)
        let manifest = try Manifest.parse(text, file: "f", folder: "/f")
        let mapper = try FactMapper(manifest.streams[0], protection: protection)
        let shape = RecordShape(names: ["身份证号", "姓名", "b"])
        mapper.columns.load(Record(shape: shape, values: [.text("310101198001011234"), .text("王小明"), .text("B1")], line: 1, raw: []))
        var facts: [FactMapper.Mapped] = []
        try mapper.mapLoaded(into: &facts)
        let event = try #require(facts.first?.event)
        let pseudonym = protection.pseudonym(of: "310101198001011234", domain: "id_number")
        #expect(event.subject == "person/" + pseudonym)
        #expect(String(decoding: event.payload, as: UTF8.self) == "{\"building\":\"B1\",\"name\":\"王**\",\"id_number\":\"\(pseudonym)\"}")
    }
}
