import Foundation
import Operations
import PostgresClient
import PrivateServer
import RecordFormats
import Subprocess
import Testing

@testable import AdapterKit
@testable import TwinReference

/// A person whom three sources know is erased: nothing of the person is found anywhere, and nothing else changes.
@Suite struct ErasureTests {
    private struct Person {
        let id: String, name: String, phone: String
    }

    private let gone = Person(id: "990101198803071236", name: "欧阳独一", phone: "15412345678")
    private let stays = Person(id: "990101197505052345", name: "司马仍在", phone: "15487654321")

    private func manifest(_ name: String, _ stream: String) -> String {
        """
        { adapter: "\(name)", version: "1.0.0", department: "\(name)", source: "urn:test:\(name)",
          input: { kind: "file", path: "in/*.csv", format: "csv" }, streams: [{ name: "s", \(stream),
          contract: { max_refused_ratio: 1 } }] }
        """
    }

    private func write(_ clone: HubClone, _ adapter: String, _ manifest: String?, _ rows: String) throws {
        let folder = "\(clone.folder)/Adapters/\(adapter)"
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        if let manifest { try manifest.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8) }
        try rows.write(toFile: folder + "/in/rows.csv", atomically: true, encoding: .utf8)
    }

    private func police(_ address: String) -> String {
        """
        登记号,身份证号,姓名,电话,地址
        1,\(gone.id),\(gone.name),\(gone.phone),\(address)
        2,\(stays.id),\(stays.name),\(stays.phone),\(address)
        3,\(gone.id),\(gone.name)
        4,\(gone.id),\(gone.name),\(gone.phone),

        """
    }

    private func setUp(_ clone: HubClone) throws {
        let personal = "subject_of: '身份证号', personal: { '身份证号': 'pseudonym', '姓名': 'seal', '电话': 'seal' }"
        try write(
            clone, "police",
            manifest("police", """
                mode: "snapshot", key: ["登记号"], \(personal),
                facts: [{ event: "resident.registered", subject: "person/{身份证号}", payload: { building: "地址", name: "姓名", phone: "电话" } }],
                removed: { event: "resident.deregistered" }
                """), police("PLANTED-BUILDING"))
        // A fact about a home, sealed under its owner's key.
        try write(
            clone, "property",
            manifest("property", """
                mode: "snapshot", key: ["房号"], \(personal),
                facts: [{ event: "dwelling.described", subject: "dwelling/{房号}", payload: { room: "房号", owner: "姓名", owner_phone: "电话" } }]
                """), "房号,身份证号,姓名,电话\n101,\(gone.id),\(gone.name),\(gone.phone)\n102,\(stays.id),\(stays.name),\(stays.phone)\n")
        try write(
            clone, "civil",
            manifest("civil", """
                mode: "append", \(personal),
                facts: [{ event: "benefit.granted", subject: "person/{身份证号}", payload: { benefit: "补助", name: "姓名", phone: "电话" } }]
                """), "身份证号,姓名,电话,补助\n\(gone.id.lowercased()),\(gone.name),\(gone.phone),高龄\n\(stays.id),\(stays.name),\(stays.phone),低保\n")
    }

    /// The files below folders that hold a text, by grep.
    private func files(holding text: String, in folders: [String]) throws -> [String] {
        let found = NSTemporaryDirectory() + "twinhub-grep-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: found) }
        let grep = try ChildProcess.start(
            "/bin/grep", ["-rlaF", "--exclude-dir=in", "--", text] + folders, environment: ["LC_ALL": "C"], output: .append(found), errors: .none)
        _ = grep.wait()
        return HubClone.text(found).split(separator: "\n").map(String.init)
    }

    @Test func nothingOfAnErasedPersonIsFound() throws {
        let clone = try HubClone(adapters: [])
        try setUp(clone)
        let (hub, owner) = try clone.connect()
        _ = try succeed(clone, "migrate")
        for adapter in ["police", "property", "civil"] { _ = try succeed(clone, "adapter", "run", adapter) }
        _ = try succeed(clone, "project")
        _ = try succeed(clone, "role", "login", "wang", "--as", "steward")
        let keys = try Keys(folder: clone.home.keys)
        let person = Protection(keys).pseudonym(of: gone.id, domain: "id_number")
        let other = Protection(keys).pseudonym(of: stays.id, domain: "id_number")
        #expect(try owner.query("SELECT count(*) FROM hub.subject_key WHERE subject = $1", [.text(person)]).int(0, 0) == 3)
        #expect(try owner.query("SELECT count(*) FROM hub.quarantine WHERE rule = 'ragged' AND sealed").int(0, 0) == 1)
        #expect(try owner.query("SELECT bool_and(starts_with(name, 'sealed:')) FROM twin.resident").bool(0, 0))
        let shown = try succeed(clone, "subject", "show", person, "--as", "wang", "--reason", "to ring up", "--everywhere")
        for value in [gone.name, gone.phone, "police", "property", "civil"] { #expect(shown.contains(value)) }
        // What a steward has on the screen is no part of the hub.
        let screen = try lastOutput(clone, holding: gone.name)
        try FileManager.default.removeItem(atPath: clone.folder + "/" + (try #require(screen)))
        _ = try succeed(clone, "keys", "backup", "--to", clone.folder + "/safe", "--days", "30")

        let report = try succeed(clone, "subject", "erase", person, "--as", "wang", "--reason", "asked for it in writing", "--json")
        let told = try JSONParser.parse(report)
        #expect(told[member: "keys_destroyed"]?.string == "3" && told[member: "refused_rows_destroyed"]?.string == "2")
        #expect(told[member: "key_backups_until"]?.string != nil)

        try expectNothing(of: person, clone, hub, owner)
        // The copy of the keys is that of before; a new one is in order.
        try expectKeysRenewed(clone)
        // Sources go on delivering the person; one has news.
        try write(clone, "police", nil, police("PLANTED-ELSEWHERE"))
        for adapter in ["police", "property", "civil"] { _ = try succeed(clone, "adapter", "run", adapter) }
        _ = try succeed(clone, "project")
        try expectNothing(of: person, clone, hub, owner)
        let live = try TwinRows.read("twin", on: owner).sorted()
        _ = try succeed(clone, "project", "--rebuild")
        #expect(try TwinRows.read("twin", on: owner).sorted() == live)
        #expect(try LogFacts(on: owner).twinRows() == live)
        try expectNothing(of: person, clone, hub, owner)
        _ = try succeed(clone, "verify")
        // Nobody else was touched.
        #expect(try owner.query("SELECT building_id IS NULL AND starts_with(name, 'sealed:') FROM twin.resident WHERE id = $1", [.text("police:" + other)]).bool(0, 0))
        let others = try succeed(clone, "subject", "show", other, "--as", "wang", "--reason", "to ring up", "--everywhere")
        #expect(others.components(separatedBy: stays.phone).count == 5 && others.contains(stays.name), "\(others)")
        let who = try succeed(clone, "subject", "who", person)
        for word in ["twinhub_steward_wang", "to ring up", "erase", "asked for it in writing"] { #expect(who.contains(word), "\(who)") }
        withExtendedLifetime(hub) {}
    }

    private func expectKeysRenewed(_ clone: HubClone) throws {
        let safe = clone.folder + "/safe"
        let old = try #require(FileManager.default.contentsOfDirectory(atPath: safe).first)
        let outdated = try clone.run("keys", "check", "--from", "\(safe)/\(old)")
        #expect(outdated.status == 1 && outdated.errors.contains("sealing.key is not the key that the hub uses now"), "\(outdated.errors)")
        let new = try succeed(clone, "keys", "backup", "--to", clone.folder + "/safer").trimmingCharacters(in: .newlines)
        _ = try succeed(clone, "keys", "check", "--from", new)
        #expect(try succeed(clone, "keys", "list").contains("of an older sealing.key"))
        _ = try succeed(clone, "keys", "destroy", "--from", "\(safe)/\(old)")
        #expect(try !succeed(clone, "keys", "list").contains(old))
        #expect(try FileManager.default.contentsOfDirectory(atPath: safe).isEmpty)
    }

    /// The name of the file with a command's output in which a text stands.
    private func lastOutput(_ clone: HubClone, holding text: String) throws -> String? {
        try FileManager.default.contentsOfDirectory(atPath: clone.folder).first { $0.hasPrefix("run-") && HubClone.text("\(clone.folder)/\($0)").contains(text) }
    }

    private func expectNothing(of person: String, _ clone: HubClone, _ hub: Hub, _ owner: Connection, at line: SourceLocation = #_sourceLocation) throws {
        try owner.execute("CHECKPOINT")
        let dump = clone.folder + "/dump.sql"
        let bin = try #require(
            FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql").sorted().last.map { "/usr/lib/postgresql/\($0)/bin/pg_dump" })
        let dumping = try ChildProcess.start(bin, ["-f", dump, "-d", hub.conninfo], environment: ProcessInfo.processInfo.environment, output: .none, errors: .none)
        #expect(dumping.wait() == 0, sourceLocation: line)
        let places = [clone.home.state, clone.folder]
        // The search finds what is there.
        #expect(try files(holding: "PLANTED-BUILDING", in: places).contains { $0.contains("/data/") }, sourceLocation: line)
        #expect(try files(holding: "PLANTED-BUILDING", in: places).contains(dump), sourceLocation: line)
        for value in [gone.name, gone.phone, gone.id, Data(gone.name.utf8).map { String(format: "%02x", $0) }.joined()] {
            #expect(try files(holding: value, in: places) == [], "\(value)", sourceLocation: line)
        }
        #expect(try owner.query("SELECT count(*) FROM hub.subject_key WHERE subject = $1", [.text(person)]).int(0, 0) == 0, sourceLocation: line)
        let rows = try owner.query(
            """
            SELECT (SELECT count(*) FROM twin.resident WHERE id LIKE '%' || $1), (SELECT count(*) FROM hub.quarantine WHERE subject = $1),
                   (SELECT count(*) FROM hub.event WHERE subject = 'person/' || $1 AND position > (SELECT position FROM hub.erasure WHERE subject = $1))
            """, [.text(person)])
        #expect((0..<3).map { rows.int(0, $0) } == [0, 0, 0], sourceLocation: line)
    }
}
