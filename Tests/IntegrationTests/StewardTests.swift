import Foundation
import Operations
import PostgresClient
import PrivateServer
import Testing

@testable import AdapterKit

/// What a steward's real login opens, lets in again and changes.
@Suite struct StewardTests {
    private let person = (id: "990101198803071236", name: "欧阳独一", phone: "15412345678")

    /// An adapter whose third row is ragged.
    private func setUp(_ clone: HubClone) throws {
        let folder = clone.folder + "/Adapters/police"
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        try """
            { adapter: "police", version: "1.0.0", department: "police", source: "urn:test:police",
              input: { kind: "file", path: "in/*.csv", format: "csv" },
              streams: [{ name: "s", mode: "snapshot", key: ["登记号"], subject_of: "身份证号",
                personal: { "身份证号": "pseudonym", "姓名": "seal", "电话": "seal" },
                facts: [{ event: "resident.registered", subject: "person/{身份证号}", payload: { building: "地址", name: "姓名", phone: "电话" } }],
                removed: { event: "resident.deregistered" }, contract: { max_refused_ratio: 1 } }] }
            """.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        try rows(clone, "弄1号")
        _ = try succeed(clone, "migrate")
        _ = try succeed(clone, "adapter", "run", "police")
        _ = try succeed(clone, "role", "login", "wang", "--as", "steward")
    }

    private func rows(_ clone: HubClone, _ address: String) throws {
        try "登记号,身份证号,姓名,电话,地址\n1,\(person.id),\(person.name),\(person.phone),\(address)\n2,990101197505052345,司马仍在,15487654321,\(address)\n3,司徒破行\n"
            .write(toFile: clone.folder + "/Adapters/police/in/rows.csv", atomically: true, encoding: .utf8)
    }

    @Test func aStewardOpensASealedRowAndThatIsNoted() throws {
        let clone = try HubClone(adapters: [])
        // Holds the server up between the commands.
        let (hub, owner) = try clone.connect()
        try setUp(clone)
        let id = try owner.query("SELECT id FROM hub.quarantine WHERE rule = 'ragged' AND sealed").int(0, 0) ?? 0
        let sealed = try succeed(clone, "quarantine", "show", "\(id)")
        #expect(sealed.contains("twinhub quarantine open \(id) --as STEWARD --reason") && !sealed.contains("司徒破行"), "\(sealed)")
        let nobody = try clone.run("quarantine", "open", "\(id)", "--as", "li", "--reason", "to ring up")
        #expect(nobody.status != 0 && nobody.errors.contains("There is no steward li"), "\(nobody.errors)")
        let silent = try clone.run("quarantine", "open", "\(id)", "--as", "wang", "--reason", " ")
        #expect(silent.status != 0 && !silent.output.contains("司徒破行"))

        let opened = try succeed(clone, "quarantine", "open", "\(id)", "--as", "wang", "--reason", "the export is broken")
        #expect(opened == "3,司徒破行\n", "\(opened)")
        let shown = try succeed(clone, "quarantine", "show", "\(id)")
        #expect(shown.contains("by twinhub_steward_wang: the export is broken") && !shown.contains("司徒破行"), "\(shown)")
        let log = try owner.query("SELECT who || ' ' || action || ' ' || subject || ' ' || reason FROM hub.subject_access")
        #expect((0..<log.count).map { log.text($0, 0) } == ["twinhub_steward_wang quarantine \(id) the export is broken"])

        _ = try succeed(clone, "quarantine", "discard", "police", "--id", "\(id)", "--reason", "known")
        let gone = try clone.run("quarantine", "open", "\(id)", "--as", "wang", "--reason", "once more")
        #expect(gone.status != 0 && gone.errors.contains("are destroyed"), "\(gone.errors)")
        withExtendedLifetime(hub) {}
    }

    /// Erased, delivered again, not replayed, let in again.
    @Test func anErasedPersonIsNotReplayedAndMayBeLetInAgain() throws {
        let clone = try HubClone(adapters: [])
        // Holds the server up between the commands.
        let (hub, owner) = try clone.connect()
        try setUp(clone)
        let pseudonym = Protection(try Keys(folder: clone.home.keys)).pseudonym(of: person.id, domain: "id_number")
        func told() throws -> Int64? { try owner.query("SELECT count(*) FROM hub.event WHERE subject = $1", [.text("person/" + pseudonym)]).int(0, 0) }
        let early = try clone.run("subject", "readmit", pseudonym, "--as", "wang", "--reason", "moved back")
        #expect(early.status != 0 && early.errors.contains("was not erased"), "\(early.errors)")
        _ = try succeed(clone, "subject", "erase", pseudonym, "--as", "wang", "--reason", "asked for it")
        let after = try told()
        try rows(clone, "弄2号")
        _ = try succeed(clone, "adapter", "run", "police")
        #expect(try told() == after)
        let kept = try owner.query("SELECT octet_length(raw), resolution IS NULL FROM hub.quarantine WHERE rule = 'erased'")
        #expect(kept.count == 1 && kept.int(0, 0) == 0)

        // Neither among all, nor by its number.
        let replayed = try succeed(clone, "quarantine", "replay", "police", "--rule", "erased", "--json")
        #expect(replayed.filter { !$0.isWhitespace } == "[]", "\(replayed)")
        _ = try succeed(clone, "quarantine", "replay", "police")
        #expect(try told() == after)
        #expect(try owner.query("SELECT count(*) FROM hub.quarantine WHERE rule = 'erased' AND resolution = 'replayed'").int(0, 0) == 0)

        _ = try succeed(clone, "subject", "readmit", pseudonym, "--as", "wang", "--reason", "moved back")
        _ = try succeed(clone, "adapter", "run", "police")
        #expect(try told() == (after ?? 0) + 1)
        let shown = try succeed(clone, "subject", "show", pseudonym, "--as", "wang", "--reason", "to ring up")
        #expect(shown.contains(person.phone), "\(shown)")
        let who = try succeed(clone, "subject", "who", pseudonym)
        for word in ["asked for it", "moved back", "to ring up"] { #expect(who.contains(word), "\(who)") }
        withExtendedLifetime(hub) {}
    }

    @Test func keysAreRotatedAndValuesStillOpen() throws {
        let clone = try HubClone(adapters: [])
        // Holds the server up between the commands.
        let (hub, owner) = try clone.connect()
        try setUp(clone)
        let file = clone.home.keys + "/sealing.key"
        let before = FileManager.default.contents(atPath: file)
        let wrapped = try owner.query("SELECT string_agg(encode(wrapped, 'hex'), ' ' ORDER BY id) FROM hub.subject_key").text(0, 0)
        let rotated = try succeed(clone, "keys", "rotate")
        #expect(rotated == "sealing.key is changed; 2 keys were wrapped anew.\n")
        #expect(FileManager.default.contents(atPath: file) != before)
        #expect(try owner.query("SELECT string_agg(encode(wrapped, 'hex'), ' ' ORDER BY id) FROM hub.subject_key").text(0, 0) != wrapped)
        let pseudonym = Protection(try Keys(folder: clone.home.keys)).pseudonym(of: person.id, domain: "id_number")
        let shown = try succeed(clone, "subject", "show", pseudonym, "--as", "wang", "--reason", "to ring up")
        #expect(shown.contains(person.name) && shown.contains(person.phone), "\(shown)")
        // What is the same is still known as the same, and what is new is sealed under the same person's key.
        let position = try owner.query("SELECT max(position) FROM hub.event").int(0, 0)
        _ = try succeed(clone, "adapter", "run", "police")
        #expect(try owner.query("SELECT max(position) FROM hub.event").int(0, 0) == position)
        try rows(clone, "弄2号")
        _ = try succeed(clone, "adapter", "run", "police")
        #expect(try owner.query("SELECT count(*) FROM hub.subject_key").int(0, 0) == 2)
        // Under the file of before nothing runs.
        try before?.write(to: URL(fileURLWithPath: file))
        let refused = try clone.run("subject", "show", pseudonym, "--as", "wang", "--reason", "to ring up")
        #expect(refused.status != 0 && !refused.output.contains(person.name), "\(refused.errors)")
        withExtendedLifetime(hub) {}
    }
}
