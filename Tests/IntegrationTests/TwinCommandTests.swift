import Foundation
import Operations
import PostgresClient
import PrivateServer
import Testing

/// Why a value stands, who decided it, and the twin as it was: `explain`, `conflict`, `twin-at`, with the program alone.
@Suite struct TwinCommandTests {
    private let person = (id: "990101198803071236", name: "欧阳独一", phone: "15412345678")

    private func adapter(_ clone: HubClone, _ name: String, _ stream: String, _ rows: String) throws {
        let folder = "\(clone.folder)/Adapters/\(name)"
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        try """
            { adapter: "\(name)", version: "1.0.0", department: "\(name)", source: "urn:test:\(name)",
              input: { kind: "file", path: "in/*.csv", format: "csv" }, streams: [{ name: "s", mode: "snapshot", \(stream) }] }
            """.write(toFile: folder + "/adapter.json5", atomically: true, encoding: .utf8)
        try rows.write(toFile: folder + "/in/rows.csv", atomically: true, encoding: .utf8)
    }

    /// A building of three departments that disagree, and a person in it.
    private func setUp() throws -> (clone: HubClone, hub: Hub, owner: Connection) {
        let clone = try HubClone(adapters: [])
        let (hub, owner) = try clone.connect()
        let building = """
            key: ["id"], removed: { event: "building.removed" },
            facts: [{ event: "building.described", subject: "building/{id}", payload: {
                building: "of", floors: { from: "floors", type: "integer" }, height_m: { from: "height", type: "decimal" } } }]
            """
        try adapter(
            clone, "mapping",
            """
            key: ["id"], removed: { event: "building.removed" },
            facts: [{ event: "building.described", subject: "building/{id}", payload: {
                height_m: { from: "height", type: "decimal" }, footprint: { from: "outline", type: "json" } } }]
            """, #"id,height,outline"# + "\n" + #"1,40.0,"[{""type"":""Polygon"",""coordinates"":[[[121.5,31.2],[121.5003,31.2],[121.5003,31.2003],[121.5,31.2]]]}]""# + "\n")
        try adapter(clone, "property", building, "id,of,floors,height\nB,mapping:1,14,43\n")
        try adapter(clone, "police", building, "id,of,floors,height\nP,mapping:1,12,40.5\n")
        try adapter(
            clone, "register",
            """
            key: ["no"], subject_of: "card", personal: { card: "pseudonym", name: "seal", phone: "seal" }, removed: { event: "resident.deregistered" },
            facts: [{ event: "resident.registered", subject: "person/{card}", payload: { building: "at", name: "name", phone: "phone" } }]
            """, "no,card,name,phone,at\n1,\(person.id),\(person.name),\(person.phone),mapping:1\n")
        _ = try succeed(clone, "migrate")
        for name in ["mapping", "property", "police", "register"] { _ = try succeed(clone, "adapter", "run", name) }
        _ = try succeed(clone, "project")
        _ = try succeed(clone, "role", "login", "wang", "--as", "steward")
        return (clone, hub, owner)
    }

    @Test func conflictsAreListedDecidedExplainedAndReopened() throws {
        let (clone, hub, owner) = try setUp()
        let listed = try succeed(clone, "conflict", "list")
        #expect(listed.contains("building/mapping:1  floors     police 12, property 14                  2.0  open"), "\(listed)")
        #expect(try succeed(clone, "conflict", "list", "--share").contains("building floors    police, property"))
        // The most recent says 12: the police were pulled last.
        let before = try succeed(clone, "explain", "building/mapping:1", "floors")
        #expect(before.contains("stands  12") && before.contains("not     14") && before.contains("trusted_source: own; then the most recent"), "\(before)")

        let decided = try succeed(clone, "conflict", "resolve", "building/mapping:1", "floors", "--for", "property", "--as", "wang", "--reason", "counted the bells")
        #expect(decided.contains("conflict.resolved stands at position"), "\(decided)")
        #expect(try succeed(clone, "conflict", "resolve", "building/mapping:1", "floors", "--for", "property", "--as", "wang", "--reason", "counted the bells").contains("Nothing new"))
        _ = try succeed(clone, "project")
        let after = try succeed(clone, "explain", "building/mapping:1", "floors")
        #expect(after.contains("stands  14") && after.contains("a steward's decision, at position"), "\(after)")
        #expect(!(try succeed(clone, "conflict", "list").contains("floors")))
        #expect(try succeed(clone, "conflict", "list", "--all").contains("twinhub_steward_wang: property:B"))
        _ = try succeed(clone, "project", "--rebuild")
        #expect(try succeed(clone, "explain", "building/mapping:1", "floors") == after)
        #expect(try owner.query("SELECT floors FROM twin.building").int(0, 0) == 14)
        // For machines.
        let json = try JSONSerialization.jsonObject(with: Data(try succeed(clone, "explain", "building/mapping:1", "floors", "--json").utf8)) as? [[String: Any]]
        #expect(json?.first?["claim"] as? String == "property:B" && json?.first?["decision"] is Int)

        _ = try succeed(clone, "conflict", "reopen", "building/mapping:1", "floors", "--as", "wang", "--reason", "a floor was added")
        _ = try succeed(clone, "project")
        #expect(try succeed(clone, "explain", "building/mapping:1", "floors") == before)

        let silent = try clone.run("conflict", "resolve", "building/mapping:1", "floors", "--for", "mapping", "--as", "wang", "--reason", "x")
        #expect(silent.status == 1 && silent.errors.contains("mapping says nothing of it"), "\(silent.errors)")
        let stranger = try clone.run("conflict", "resolve", "building/mapping:1", "floors", "--for", "police", "--as", "li", "--reason", "x")
        #expect(stranger.status == 2 && stranger.errors.contains("There is no steward li"), "\(stranger.errors)")
        let nothing = try clone.run("explain", "building/nobody:1")
        #expect(nothing.status == 1 && nothing.errors.contains("Nobody says anything of building/nobody:1"), "\(nothing.errors)")
        let unnamed = try clone.run("explain", "mapping:1")
        #expect(unnamed.status == 2 && unnamed.errors.contains("Name the thing as <kind>/<id>"), "\(unnamed.errors)")
        withExtendedLifetime(hub) {}
    }

    @Test func theTwinOfAMomentStandsBesideTheLiveOneUntilSomebodyIsErased() throws {
        let (clone, hub, owner) = try setUp()
        let position = try #require(try owner.query("SELECT max(position) FROM hub.event").int(0, 0))
        _ = try succeed(clone, "conflict", "resolve", "building/mapping:1", "floors", "--for", "property", "--as", "wang", "--reason", "counted the bells")
        try "id,of,floors,height\nB,mapping:1,15,43\n".write(toFile: clone.folder + "/Adapters/property/in/rows.csv", atomically: true, encoding: .utf8)
        _ = try succeed(clone, "adapter", "run", "property")
        _ = try succeed(clone, "project")
        // Neither the decision nor the new count was known then.
        _ = try succeed(clone, "twin-at", "\(position)", "--schema", "then")
        #expect(try owner.query("SELECT floors FROM \"then\".building").int(0, 0) == 12)
        #expect(try owner.query("SELECT floors FROM twin.building").int(0, 0) == 15)
        #expect(try owner.query("SELECT status FROM \"then\".conflict WHERE attribute = 'floors'").text(0, 0) == "open")
        // Asked twice, the same rows.
        let rows = "SELECT md5(string_agg(b::text, '|' ORDER BY b.id)) FROM \"then\".building_claim b"
        let first = try owner.query(rows).text(0, 0)
        let taken = try clone.run("twin-at", "\(position)", "--schema", "then")
        #expect(taken.status == 1 && taken.errors.contains("The schema then exists"), "\(taken.errors)")
        #expect(try succeed(clone, "twin-at", "--schema", "then", "--drop").contains("Dropped then and then_tables."))
        _ = try succeed(clone, "twin-at", "\(position)", "--schema", "then")
        #expect(try owner.query(rows).text(0, 0) == first)
        // People in it are for stewards alone, as in the live one.
        let analyst = try owner.query("SELECT has_schema_privilege('twinhub_analyst', 'then', 'USAGE'), has_table_privilege('twinhub_analyst', 'then.building', 'SELECT')")
        #expect(analyst.bool(0, 0) && analyst.bool(0, 1))
        for view in ["resident", "person_claim", "person_pair", "dwelling_resident"] {
            #expect(try !owner.query("SELECT has_table_privilege('twinhub_analyst', $1, 'SELECT')", [.text("then.\(view)")]).bool(0, 0), "\(view)")
            #expect(try !owner.query("SELECT has_table_privilege('twinhub_analyst', $1, 'SELECT')", [.text("twin.\(view)")]).bool(0, 0), "\(view)")
        }
        let foreign = try clone.run("twin-at", "--schema", "hub_elsewhere", "--drop")
        #expect(foreign.status == 1 && foreign.errors.contains("No twin-at built a schema hub_elsewhere"), "\(foreign.errors)")
        let moment = try clone.run("twin-at", "yesterday or so", "--schema", "other")
        #expect(moment.status == 2 && moment.errors.contains("neither a position nor a time"), "\(moment.errors)")
        let beyond = try clone.run("twin-at", "\(position + 1_000_000)", "--schema", "other")
        #expect(beyond.status != 0 && beyond.errors.contains("has not reached position"), "\(beyond.errors)")

        // The twin of then knows the person: whoever is erased goes from it, too, and does not come back with it.
        let pseudonym = try #require(try owner.query("SELECT substr(subject, 8) FROM hub.event WHERE subject LIKE 'person/%'").text(0, 0))
        #expect(try owner.query("SELECT count(*) FROM \"then\".resident").int(0, 0) == 1)
        let erased = try clone.run("subject", "erase", pseudonym, "--as", "wang", "--reason", "asked for it")
        #expect(erased.status == 0 && erased.errors.contains("dropped the earlier twin in the schema then"), "\(erased.output)\(erased.errors)")
        #expect(try owner.query("SELECT count(*) FROM pg_namespace WHERE nspname IN ('then', 'then_tables')").int(0, 0) == 0)
        _ = try succeed(clone, "twin-at", "\(position)", "--schema", "then")
        #expect(try owner.query("SELECT count(*) FROM \"then\".resident").int(0, 0) == 0)
        #expect(try owner.query("SELECT floors FROM \"then\".building").int(0, 0) == 12)
        withExtendedLifetime(hub) {}
    }
}
