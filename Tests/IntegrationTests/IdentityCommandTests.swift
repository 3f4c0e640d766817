import Foundation
import Operations
import PostgresClient
import PrivateServer
import Testing

/// What a steward does about things that several departments know, with the program alone.
@Suite struct IdentityCommandTests {
    /// Two departments and their buildings: forty at a street that both know, written differently, and one that only one has.
    private func setUp() throws -> (clone: HubClone, hub: Hub, owner: Connection) {
        let clone = try HubClone(adapters: [])
        let (hub, owner) = try clone.connect()
        for (name, unit) in [("police", "号"), ("property", "號")] {
            let folder = "\(clone.folder)/Adapters/\(name)"
            try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
            try """
                { adapter: "\(name)", version: "1.0.0", department: "\(name)", source: "urn:test:\(name)",
                  input: { kind: "file", path: "in/*.csv", format: "csv" },
                  streams: [{ name: "s", mode: "snapshot", key: ["id"],
                    facts: [{ event: "building.described", subject: "building/{id}",
                      payload: { name: "title", address: "address", floors: { from: "floors", type: "integer" } } }],
                    removed: { event: "building.removed" }, personal: { title: { keep: "name of a house" } } }] }
                """.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
            var rows = (1...40).map { "\(name)-\($0),楼\(String(UnicodeScalar(0x4E00 + $0 * 37) ?? "x")),甲路\($0)\(unit),\($0 % 7 + (name == "police" ? 3 : 4))" }
            if name == "property" { rows.append("property-x,水表房,,1") }
            try ("id,title,address,floors\n" + rows.joined(separator: "\n") + "\n").write(toFile: folder + "/in/rows.csv", atomically: true, encoding: .utf8)
        }
        _ = try succeed(clone, "migrate")
        for name in ["police", "property"] { _ = try succeed(clone, "adapter", "run", name) }
        _ = try succeed(clone, "project")
        _ = try succeed(clone, "role", "login", "wang", "--as", "steward")
        return (clone, hub, owner)
    }

    private func buildings(_ owner: Connection) throws -> [String] {
        let rows = try owner.query("SELECT building_id, id, method FROM twin.building_claim ORDER BY id")
        return (0..<rows.count).map { row in (0..<3).map { rows.text(row, $0) ?? "" }.joined(separator: " ") }
    }

    @Test func aStewardCalibratesLooksJoinsPartsAndTakesItBack() throws {
        let (clone, hub, owner) = try setUp()
        #expect(try owner.query("SELECT count(*) FROM twin.building").int(0, 0) == 81)
        let early = try clone.run("identity", "review", "building")
        #expect(early.status == 1 && early.errors.contains("Nobody has calibrated building"), "\(early.errors)")
        let tried = try succeed(clone, "identity", "calibrate", "building", "--dry-run", "--as", "wang", "--reason", "to see")
        #expect(tried.contains("81 claims, 40 pairs share a block: 40 would be joined, 0 be for a steward to see.") && tried.contains("Nothing was recorded."), "\(tried)")
        _ = try succeed(clone, "identity", "calibrate", "building", "--as", "wang", "--reason", "two registers are complete")
        _ = try succeed(clone, "project")
        let calibrated = try buildings(owner)
        #expect(try owner.query("SELECT count(*), count(*) FILTER (WHERE claims = 2) FROM twin.building").int(0, 0) == 41)
        #expect(calibrated.contains("police:police-7 property:property-7 match"), "\(calibrated)")

        let why = try succeed(clone, "identity", "explain", "building/property:property-7")
        #expect(why.hasPrefix("building/police:police-7\n") && why.contains("甲路 7") && why.contains("equal") && why.contains("the same with probability"), "\(why)")

        // Joined: one building with both departments' words, and a conflict between them.
        let merged = try succeed(clone, "identity", "merge", "building/police:police-7", "property:property-x", "--as", "wang", "--reason", "the meter room is in it")
        #expect(merged.contains("identity.merged of building/police:police-7 property:property-x stands at position"), "\(merged)")
        _ = try succeed(clone, "project")
        #expect(try buildings(owner).contains("police:police-7 property:property-x steward"))
        let again = try succeed(clone, "identity", "merge", "building/property:property-x", "building/police:police-7", "--as", "wang", "--reason", "the meter room is in it")
        #expect(again.contains("Nothing new"), "\(again)")
        let explained = try succeed(clone, "identity", "explain", "building/police:police-7")
        #expect(explained.contains("property:property-x  property    steward") && explained.contains("same, by twinhub_steward_wang") && explained.contains("the meter room is in it"), "\(explained)")
        _ = try succeed(clone, "project", "--rebuild")
        #expect(try buildings(owner).contains("police:police-7 property:property-x steward"))

        // Merged and split: the rows of before; and reopened, the rules' own.
        _ = try succeed(clone, "identity", "split", "building/police:police-7", "property:property-x", "--as", "wang", "--reason", "it is across the street")
        _ = try succeed(clone, "project")
        #expect(try buildings(owner) == calibrated)
        _ = try succeed(clone, "identity", "split", "building/police:police-9", "property:property-9", "--as", "wang", "--reason", "two houses")
        _ = try succeed(clone, "project")
        #expect(try buildings(owner).contains("property:property-9 property:property-9 self"))
        _ = try succeed(clone, "identity", "reopen", "building/police:police-9", "property:property-9", "--as", "wang", "--reason", "one after all")
        _ = try succeed(clone, "identity", "reopen", "building/police:police-7", "property:property-x", "--as", "wang", "--reason", "no matter")
        _ = try succeed(clone, "project")
        #expect(try buildings(owner) == calibrated)
        _ = try succeed(clone, "project", "--rebuild")
        #expect(try buildings(owner) == calibrated)

        // What cannot be done says so.
        let nobody = try clone.run("identity", "merge", "building/police:police-7", "property:none", "--as", "wang", "--reason", "x")
        #expect(nobody.status == 1 && nobody.errors.contains("No source says anything of building/property:none"), "\(nobody.errors)")
        let stranger = try clone.run("identity", "merge", "building/police:police-7", "property:property-x", "--as", "li", "--reason", "x")
        #expect(stranger.status == 2 && stranger.errors.contains("There is no steward li"), "\(stranger.errors)")
        let undecided = try clone.run("identity", "reopen", "building/police:police-7", "property:property-x", "--as", "wang", "--reason", "x")
        #expect(undecided.status == 1 && undecided.errors.contains("Nothing is decided about"), "\(undecided.errors)")
        let unknown = try clone.run("identity", "review", "street")
        #expect(unknown.status == 2 && unknown.errors.contains("Claims of street are not joined"), "\(unknown.errors)")

        // Withdrawn, nothing is joined by rules any more.
        _ = try succeed(clone, "identity", "calibrate", "building", "--withdraw", "--as", "wang", "--reason", "starting over")
        _ = try succeed(clone, "project")
        #expect(try owner.query("SELECT count(*) FROM twin.building").int(0, 0) == 81)
        withExtendedLifetime(hub) {}
    }

    @Test func doubtfulPairsAreShownSideBySide() throws {
        let (clone, hub, owner) = try setUp()
        // What is sure is left to a steward as well, where he says so.
        _ = try succeed(clone, "identity", "calibrate", "building", "--link-from", "1", "--review-from", "0.5", "--as", "wang", "--reason", "to see them all")
        _ = try succeed(clone, "project")
        let shown = try succeed(clone, "identity", "review", "building", "--limit", "2")
        #expect(shown.contains("2 of 40 pairs. Decide: twinhub identity merge building/police:") && shown.contains("甲路") && shown.contains("police:police-"), "\(shown)")
        let pairs = try JSONSerialization.jsonObject(with: Data(try succeed(clone, "identity", "review", "building", "--json", "--limit", "1").utf8)) as? [[String: Any]]
        let pair = try #require(pairs?.first), left = try #require(pair["left"] as? String), right = try #require(pair["right"] as? String)
        _ = try succeed(clone, "identity", "split", "building/\(left)", right, "--as", "wang", "--reason", "no")
        _ = try succeed(clone, "project")
        #expect(try succeed(clone, "identity", "review", "building").contains("of 39 pairs"))
        #expect(try owner.query("SELECT verdict, is_open FROM twin.identity_pair WHERE left_id = $1 AND right_id = $2", [.text(left), .text(right)]).text(0, 0) == "different")
        withExtendedLifetime(hub) {}
    }
}
