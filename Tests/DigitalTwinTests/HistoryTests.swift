import EventLog
import Foundation
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections
@testable import TwinReference

/// What was said to be so at one moment, as it was known at another, is what the reference fold makes of the facts that were known then and counted
/// by then. `TWINHUB_SEEDS` says how many seeds are looked at, a few at a time.
@Suite struct HistoryTests {
    private static let rounds = (ProcessInfo.processInfo.environment["TWINHUB_SEEDS"].flatMap { Int($0) } ?? 100) / 20

    @Test func everyMomentIsAsTheReferenceFoldHasIt() throws {
        let hub = try TestHub()
        var seen: Set<String> = []
        for round in 0..<max(Self.rounds, 1) {
            let world = try HistoryWorld(round: round, isCalibrated: false, hub: hub)
            try world.project()
            for _ in 0..<6 { seen.formUnion(try world.expectMoment()) }
        }
        if Self.rounds >= 5 { #expect(Set(HistorySQL.viewNames).subtracting(seen) == [], "No row of these was ever seen.") }
    }

    @Test func theLastMomentIsTheTwin() throws {
        let hub = try TestHub()
        for round in 0..<max(Self.rounds / 2, 1) {
            let world = try HistoryWorld(round: 1000 + round, isCalibrated: true, hub: hub)
            try world.project()
            for view in HistorySQL.viewNames {
                let twin = try TwinRows.read(view, from: "twin.\"\(view)\"", on: hub.connection).sorted()
                let last = try TwinRows.read(view, from: "twin.\(view)_at()", on: hub.connection).sorted()
                #expect(Set(last).symmetricDifference(twin).sorted() == [], "round \(round), \(view)")
            }
        }
    }

    @Test func aRebuiltHistoryIsTheSame() throws {
        let hub = try TestHub()
        let world = try HistoryWorld(round: 2000, isCalibrated: false, hub: hub)
        try world.project()
        func rows() throws -> [String] {
            let schema = try hub.rows("SELECT 'history_g' || number FROM history.generation")[0]
            return try ["building_claim", "resident_claim", "pipe_claim", "case_step"].flatMap { try hub.rows("SELECT t.* FROM \(schema).\($0) t ORDER BY t.position, t::text") }
        }
        let before = try rows()
        try world.history(spilling: true).rebuild()
        #expect(try rows() == before)
        #expect(before.count > 100)
    }

    @Test func theWholeTwinOfBothMomentsIsBuilt() throws {
        let hub = try TestHub()
        let world = try HistoryWorld(round: 3000, isCalibrated: false, hub: hub)
        try world.project()
        for _ in 0..<2 { try world.expectBuilt() }
    }

    @Test func aBuildingsVersionsAreTold() throws {
        let hub = try TestHub()
        try hub.append("map", [NewEvent("building.described", "building/1", at: "2020-01-01T00:00:00Z", #"{"name":"东楼","height_m":10}"#)])
        try hub.connection.query("SELECT hub.record_tick()")
        try hub.append("map", [NewEvent("building.described", "building/1", at: "2022-01-01T00:00:00Z", #"{"name":"东楼","height_m":12}"#)])
        // A late word about the time between.
        try hub.append("map", [NewEvent("building.described", "building/1", at: "2021-01-01T00:00:00Z", #"{"name":"东楼","height_m":11}"#)])
        try hub.append("map", [NewEvent("building.demolished", "building/1", at: "2024-01-01T00:00:00Z")])
        _ = try hub.projector().once()
        _ = try Projector(Connection(hub.conninfo)) { HistoryProjection() }.once()
        func height(_ valid: String) throws -> [String] { try hub.rows("SELECT height_m FROM twin.building_at('\(valid)')") }
        #expect(try height("2019-06-01") == [])
        #expect(try height("2020-06-01") == ["10"])
        #expect(try height("2021-06-01") == ["11"])
        #expect(try height("2022-06-01") == ["12"])
        #expect(try height("2024-06-01") == [])
        #expect(try hub.rows("SELECT count(*) FROM twin.building") == ["0"])
        let versions = try hub.rows("SELECT lower(valid)::date, upper(valid)::date, height_m FROM twin.building_history('map:1') WHERE upper_inf(recorded) OR upper(recorded) = 'infinity' ORDER BY 1")
        #expect(versions == ["2020-01-01|2021-01-01|10", "2021-01-01|2022-01-01|11", "2022-01-01|2024-01-01|12"])
    }

    @Test func peopleAreForStewardsAlone() throws {
        let hub = try TestHub()
        try hub.append("police", [NewEvent("resident.registered", "person/1", "{}")])
        _ = try hub.projector().once()
        _ = try Projector(Connection(hub.conninfo)) { HistoryProjection() }.once()
        func may(_ role: String, _ function: String) throws -> Bool {
            try hub.connection.query("SELECT has_function_privilege(current_database() || '_\(role)', 'twin.\(function)', 'EXECUTE')").bool(0, 0)
        }
        for function in ["at(timestamptz,timestamptz,text)", "history(text)"] {
            #expect(try may("analyst", "building_\(function)") && may("steward", "resident_\(function)"))
            #expect(try !may("analyst", "resident_\(function)"))
        }
        #expect(try hub.connection.query("SELECT has_schema_privilege(current_database() || '_analyst', 'history', 'USAGE')").bool(0, 0) == false)
        #expect(try hub.rows("SELECT id FROM twin.resident_at()") == ["police:1"])
    }

    @Test func whoDropsTheViewsGetsThemAgain() throws {
        let hub = try TestHub()
        try hub.append("map", [NewEvent("compound.described", "compound/1", #"{"name":"新村"}"#)])
        func project() throws {
            _ = try hub.projector().once()
            _ = try Projector(Connection(hub.conninfo)) { HistoryProjection() }.once()
        }
        try project()
        try hub.connection.execute("DROP SCHEMA twin CASCADE")
        try project()
        #expect(try hub.rows("SELECT name FROM twin.compound_at(now(), 'infinity', 'map:1')") == ["新村"])
    }
}

/// A log of ten seeds, folded in pieces into the twin and its history.
private final class HistoryWorld {
    private let hub: TestHub
    private let log: ListedFacts
    private let names: [Int32: String]
    private let departments: [Int32: String]
    private var random: SeededGenerator
    private let round: Int

    init(round: Int, isCalibrated: Bool, hub: TestHub) throws {
        self.hub = hub
        self.round = round
        random = SeededGenerator(seed: UInt64(3_000_000 + round))
        var names: [Int32: String] = [:], departments: [Int32: String] = [:], facts: [PlainFact] = []
        for seed in (round * 10)..<(round * 10 + 10) {
            let own = SeededWorld.departments.map { "s\(seed)-\($0)" }
            let ids = try zip(own, SeededWorld.departments).map { try hub.source($0, of: $1) }
            for (index, id) in ids.enumerated() { (names[id], departments[id]) = (own[index], SeededWorld.departments[index]) }
            var generator = FactGenerator(seed: seed, sources: ids, names: own)
            facts += generator.facts(60)
        }
        if isCalibrated, let kind = EntityKind.named("building") {
            let id = try hub.source("world-hub", of: "hub")
            (names[id], departments[id]) = ("world-hub", "hub")
            facts.append(FactGenerator.calibration("building", attributes: kind.rules.attributes.map(\.levels), mark: kind.mark, source: id, &random))
        }
        self.names = names
        self.departments = departments
        var position: Int64 = 0
        var random = SeededGenerator(seed: UInt64(4_000_000 + round))
        facts = facts.shuffled(using: &random).map { fact in
            position += Int64(1 + random.below(3))
            var placed = fact
            placed.position = position
            // Around the dates that the facts have themselves.
            placed.recorded = 1_700_000_000_000_000 + position / 40 * 600_000_000
            return placed
        }
        log = ListedFacts(facts, sources: try Catalog(on: hub.connection).sources)
        try clear()
    }

    private func clear() throws {
        let schemas = try hub.rows("SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname ~ '^(twin|history)(_g[0-9]+)?$'")
        if !schemas.isEmpty { try hub.connection.execute("DROP SCHEMA \(schemas.joined(separator: ", ")) CASCADE") }
        try hub.connection.execute("DELETE FROM hub.checkpoint; DELETE FROM hub.twin_change; DELETE FROM hub.tick; DELETE FROM hub.erasure")
        for fact in log.facts where fact.type == "subject.erased" {
            try hub.connection.query("INSERT INTO hub.erasure (subject, keys, position, readmitted_at) VALUES ($1, '{}', $2, now())", [.text(fact.key), .int(fact.position)])
        }
        for (moment, facts) in Dictionary(grouping: log.facts, by: \.recorded) {
            try hub.connection.query(
                "INSERT INTO hub.tick (at, position) VALUES ($1::timestamptz, $2::bigint)", [.text(Timestamp(microseconds: moment).description), .int(facts.map(\.position).max() ?? 0)])
        }
    }

    func history(spilling: Bool) -> Projector {
        var options = Projector.Options()
        options.batch = 20 + random.below(200)
        if spilling { options.heldLimit_bytes = 1 }
        return Projector(hub.connection, reader: log, options: options) { HistoryProjection() }
    }

    func project() throws {
        log.end = (log.facts.last?.position ?? 0) + 2
        try Projector(hub.connection, reader: log) { TwinProjection() }.rebuild()
        let cuts = (0..<4).map { _ in Int64(random.below(Int(log.end))) }.sorted() + [log.end]
        for cut in cuts {
            log.end = cut
            try history(spilling: random.chance(50)).once()
        }
    }

    /// A moment in the world and the end of a time of recording.
    private func moment() -> (valid: Timestamp, known: Timestamp, position: Int64) {
        let valid = 1_700_000_000_000_000 + Int64(random.below(14)) * 1_800_000_000
        let known = random.pick(log.facts).recorded
        return (Timestamp(microseconds: valid), Timestamp(microseconds: known), log.facts.filter { $0.recorded <= known }.map(\.position).max() ?? 0)
    }

    private func reference(_ valid: Timestamp, _ position: Int64) -> [String] {
        let facts = log.facts.filter { $0.position <= position && $0.effective <= valid.microseconds }
        let erasures = log.facts.filter { $0.type == "subject.erased" }
        return Dictionary(grouping: facts) { names[$0.source]?.prefix { $0 != "-" } ?? "" }.values.flatMap { facts in
            ReferenceFold(facts: facts, names: names, departments: departments, log: erasures, common: [], addressParts: SeededWorld.parts).rows()
        }
    }

    /// - Returns: the views that had a row.
    func expectMoment() throws -> Set<String> {
        let (valid, known, position) = moment(), at = "'\(valid)', '\(known)'"
        let expected = Dictionary(grouping: reference(valid, position)) { String($0.prefix { $0 != "|" }) }
        for view in HistorySQL.viewNames {
            let rows = (expected[view] ?? []).sorted()
            let found = try TwinRows.read(view, from: "twin.\(view)_at(\(at))", on: hub.connection).sorted()
            if found != rows {
                let missing = Set(rows).subtracting(found).sorted(), surplus = Set(found).subtracting(rows).sorted()
                Issue.record("round \(round), \(view) at \(at), position \(position): missing \(missing.prefix(3)), surplus \(surplus.prefix(3))")
            }
            // One alone, and its versions, are as among all.
            if let row = rows.randomElement(using: &random) {
                let id = row.split(separator: "|")[1]
                #expect(try TwinRows.read(view, from: "twin.\(view)_at(\(at), '\(id)')", on: hub.connection) == [row], "round \(round), \(view) \(id) at \(at)")
                // Dozens of facts about four buildings, in any order, have hundreds of versions.
                guard random.chance(30) else { continue }
                let version = try TwinRows.read(
                    view, from: "twin.\(view)_history('\(id)')", where: "valid @> '\(valid)'::timestamptz AND recorded @> '\(known)'::timestamptz", on: hub.connection)
                #expect(version == [row], "round \(round), the version of \(view) \(id) at \(at)")
            }
        }
        return Set(expected.keys)
    }

    /// `twin-at` gives the same as the functions.
    func expectBuilt() throws {
        let (valid, known, position) = moment()
        let projector = Projector(hub.connection, reader: log) { TwinProjection() }
        try projector.build(asOf: position, valid: valid, schema: "moment")
        for view in HistorySQL.viewNames {
            let built = try TwinRows.read(view, from: "moment.\"\(view)\"", on: hub.connection).sorted()
            #expect(try TwinRows.read(view, from: "twin.\(view)_at('\(valid)', '\(known)')", on: hub.connection).sorted() == built, "\(view) at \(valid), \(known)")
        }
        try projector.dropBuilt(schema: "moment")
    }
}
