import Foundation
import Operations
import PostgresClient
import PrivateServer
import Testing

/// What a steward does about reports of one incident, with the program alone.
@Suite struct IncidentCommandTests {
    /// A hotline of one house: the lift told of twice within minutes and again in the night, the kitchen's fumes, and the lift again a week later.
    private func setUp() throws -> (clone: HubClone, hub: Hub, owner: Connection) {
        let clone = try HubClone(adapters: [])
        let (hub, owner) = try clone.connect()
        let folder = clone.folder + "/Adapters/hotline"
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        try """
            { adapter: "hotline", version: "1.0.0", department: "hotline", source: "urn:test:hotline",
              input: { kind: "file", path: "in/*.csv", format: "csv" },
              streams: [{ name: "cases", mode: "snapshot", key: ["id"],
                facts: [{ event: "case.received", subject: "case/{id}", occurred_at: "at",
                  payload: { category: "category", address: "place", channel: { const: "12345" } } }],
                removed: { event: "case.withdrawn" } }] }
            """.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        let rows = [
            ("1", "2026-06-01T08:00:00Z", "电梯故障"), ("2", "2026-06-01T08:20:00Z", "电梯故障"), ("3", "2026-06-01T08:10:00Z", "油烟扰民"),
            ("4", "2026-06-01T11:00:00Z", "物业管理"), ("5", "2026-06-08T08:00:00Z", "电梯故障"),
        ].map { "\($0),\($1),\($2),东昌路135弄9号" }
        try (["id,at,category,place"] + rows).joined(separator: "\n").appending("\n").write(toFile: folder + "/in/rows.csv", atomically: true, encoding: .utf8)
        _ = try succeed(clone, "migrate")
        _ = try succeed(clone, "adapter", "run", "hotline")
        _ = try succeed(clone, "role", "login", "wang", "--as", "steward")
        return (clone, hub, owner)
    }

    private func incidents(_ owner: Connection) throws -> [String] {
        let rows = try owner.query("SELECT array_to_string(case_ids, ' ') FROM twin.incident WHERE reports > 1 ORDER BY id")
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }

    @Test func aStewardLooksJoinsPartsAndTakesItBack() throws {
        let (clone, hub, owner) = try setUp()
        let early = try clone.run("incident", "list")
        #expect(early.status == 1 && early.errors.contains("There is no twin with incidents yet. Fold the log: twinhub project"), "\(early.errors)")
        _ = try succeed(clone, "project")

        // What the weights say: two reports are of one incident, what is filed under a general heading may be.
        let listed = try succeed(clone, "incident", "list")
        #expect(listed.contains("hotline:1") && listed.contains("电梯故障") && !listed.contains("hotline:3") && !listed.contains("hotline:5"), "\(listed)")
        #expect(try incidents(owner) == ["hotline:1 hotline:2"])
        // The surest first: what may be the lift or the fumes, then the fumes at the same time and place. Nothing of the week after.
        let doubtful = try succeed(clone, "incident", "list", "--review").split(separator: "\n").dropFirst(2)
        #expect(doubtful.count == 5 && doubtful.prefix(3).allSatisfy { $0.contains("hotline:4") } && doubtful.suffix(2).allSatisfy { $0.contains("hotline:3") }, "\(doubtful)")
        #expect(try succeed(clone, "incident", "list", "--review", "--limit", "1").split(separator: "\n").count == 3)
        let shown = try succeed(clone, "incident", "show", "hotline:2")
        #expect(shown.split(separator: "\n").count == 4 && shown.contains("hotline:1") && shown.contains("place 2 (") && shown.contains("trouble 1 ("), "\(shown)")

        // Joined: three reports, one of them by a steward.
        let merged = try succeed(clone, "incident", "merge", "hotline:4", "hotline:1", "--as", "wang", "--reason", "the same lift")
        #expect(merged.contains("incident.decided stands at position"), "\(merged)")
        _ = try succeed(clone, "project")
        #expect(try incidents(owner) == ["hotline:1 hotline:2 hotline:4"])
        #expect(try succeed(clone, "incident", "show", "hotline:4").contains("steward"))
        let again = try succeed(clone, "incident", "merge", "hotline:1", "hotline:4", "--as", "wang", "--reason", "the same lift")
        #expect(again.contains("Nothing new"), "\(again)")

        // Parted, whatever the weights say; and a rebuild finds the same.
        _ = try succeed(clone, "incident", "split", "hotline:1", "hotline:2", "--as", "wang", "--reason", "two lifts")
        _ = try succeed(clone, "project")
        #expect(try incidents(owner) == ["hotline:1 hotline:4"])
        _ = try succeed(clone, "project", "--rebuild")
        #expect(try incidents(owner) == ["hotline:1 hotline:4"])

        // Taken back: as before.
        _ = try succeed(clone, "incident", "undo", "hotline:1", "hotline:2", "--as", "wang", "--reason", "one lift after all")
        _ = try succeed(clone, "incident", "undo", "hotline:1", "hotline:4", "--as", "wang", "--reason", "not sure")
        _ = try succeed(clone, "project")
        #expect(try succeed(clone, "incident", "list") == listed)

        // What cannot be done says so.
        let nobody = try clone.run("incident", "show", "hotline:77")
        #expect(nobody.status == 1 && nobody.errors.contains("The twin has no case hotline:77"), "\(nobody.errors)")
        let itself = try clone.run("incident", "merge", "hotline:1", "hotline:1", "--as", "wang", "--reason", "x")
        #expect(itself.status == 2 && itself.errors.contains("A case is one with itself. Name two cases."), "\(itself.errors)")
        let stranger = try clone.run("incident", "split", "hotline:1", "hotline:2", "--as", "li", "--reason", "x")
        #expect(stranger.status == 2 && stranger.errors.contains("There is no steward li"), "\(stranger.errors)")
        let none = try clone.run("incident", "list", "--limit", "0")
        #expect(none.status == 2 && none.errors.contains("--limit takes a whole number from 1 on."), "\(none.errors)")
        withExtendedLifetime(hub) {}
    }
}
