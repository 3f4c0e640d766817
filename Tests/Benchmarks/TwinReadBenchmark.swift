import DigitalTwin
import EventLog
import Foundation
import PostgresClient
import Projections

/// What analysts and services read of a large twin: the buildings, put together by the rules, and the card of one.
///
/// 100,000 buildings unless the environment says otherwise, each with two more departments' claims that differ in name, some in height,
/// and with pipes, sensors, homes and a case.
enum TwinReadBenchmark {
    private static let buildings = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_BUILDINGS"].flatMap { Int($0) } ?? 100_000
    private static let lookups = 500

    /// `buildings`: all columns of all buildings, against the same with the order of claims fixed in the SQL, as before there were rules.
    static func buildings(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        _ = try fill(hub)
        return try Measurement(
            "buildings", unit: "buildings", count: buildings, rounds: rounds, note: "every column of every building, three claims each",
            ours: ("by rules", { try scan("twin.building", hub) }), yardstick: ("fixed order", { try scan("public.fixed_building", hub) }), report: report)
    }

    /// `building`: one building by its id, again and again.
    static func building(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let town = try fill(hub)
        func find(in view: String) throws -> Double {
            try times("SELECT name, height_m, floors, address, households, location FROM \(view) WHERE id = $1", town, hub).reduce(0, +)
        }
        return try Measurement(
            "building", unit: "lookups", count: lookups, rounds: rounds, note: "one of \(buildings) buildings by its id",
            ours: ("by rules", { try find(in: "twin.building") }), yardstick: ("fixed order", { try find(in: "public.fixed_building") }), report: report)
    }

    /// `card`: `twin.building_card`, against the bare row of the building's own claim by its key.
    static func card(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let town = try fill(hub)
        let tables = try hub.owner.query("SELECT 'twin_g' || number FROM twin.generation").text(0, 0) ?? ""
        var all: [Double] = []
        let measured = try Measurement(
            "card", unit: "cards", count: lookups, rounds: rounds, note: "of \(buildings) buildings, in one session",
            ours: ("twin.building_card", {
                let taken = try times("SELECT twin.building_card($1)", town, hub)
                all += taken
                return taken.reduce(0, +)
            }), yardstick: ("one row by its key", { try times("SELECT * FROM \(tables).building_claim WHERE id = $1", town, hub).reduce(0, +) }), report: report)
        tell("card", all, report)
        return measured
    }

    /// `history`: one building as of two moments, against the same of the twin as it is; and what else the history costs.
    static func history(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let town = try fill(hub)
        let folded_s = try timed { _ = try Projector(Connection(hub.conninfo), make: { HistoryProjection() }).rebuild() }
        report("history: folded in \(String(format: "%.1f", folded_s)) s")
        let kinds = ["building", "pipe", "sensor", "case"].map { kind in
            (kind, "SELECT count(*) FROM twin.\(kind)_at('2024-01-01', 'infinity')")
        }
        for (kind, statement) in kinds {
            let taken_s = try timed { try hub.owner.query(statement) }
            report("history: all \(try hub.owner.query(statement).int(0, 0) ?? 0) of \(kind) as of a moment in \(String(format: "%.1f", taken_s)) s")
        }
        for (kind, key) in [("pipe", "-0"), ("sensor", "-0"), ("case", "-0")] {
            try tell("twin.\(kind)_at, one", times("SELECT * FROM twin.\(kind)_at('2024-01-01', 'infinity', $1)", town, hub, suffix: key), report)
        }
        try tell("twin.building_history", times("SELECT * FROM twin.building_history($1)", town, hub), report)
        var all: [Double] = []
        let measured = try Measurement(
            "history", unit: "buildings", count: lookups, rounds: rounds, note: "one of \(buildings) buildings, three claims each",
            ours: ("twin.building_at", {
                let taken = try times("SELECT * FROM twin.building_at('2024-01-01', 'infinity', $1)", town, hub)
                all += taken
                return taken.reduce(0, +)
            }), yardstick: ("twin.building", { try times("SELECT * FROM twin.building WHERE id = $1", town, hub).reduce(0, +) }), report: report)
        tell("twin.building_at", all, report)
        return measured
    }

    private static func tell(_ what: String, _ times: [Double], _ report: (String) -> Void) {
        let sorted = times.sorted()
        func at(_ share: Double) -> String { String(format: "%.2f ms", sorted[Int(Double(sorted.count - 1) * share)] * 1000) }
        report("\(what): p50 \(at(0.5)), p95 \(at(0.95)), p99 \(at(0.99)), the longest \(at(1))")
    }

    /// - Returns: the name of the source that the buildings are of.
    private static func fill(_ hub: BenchmarkHub) throws -> String {
        var town = try TownLog(hub)
        try town.round(0, buildings: buildings)
        for building in stride(from: 0, to: buildings, by: 100) {
            for day in 0..<10 { try town.readings(sensor: "\(building)-0", day: day) }
        }
        try town.commit()
        for (index, department) in ["police", "property"].enumerated() {
            var claims = try TownLog(hub, department: department)
            for building in 0..<buildings { try claims.claim(building, of: town.name, by: department, number: index + 1) }
            try claims.commit()
        }
        try hub.owner.execute("VACUUM ANALYZE hub.event")
        try Projector(Connection(hub.conninfo), make: { TwinProjection() }).rebuild()
        let tables = try hub.owner.query("SELECT 'twin_g' || number FROM twin.generation").text(0, 0) ?? ""
        try hub.owner.execute(fixedOrder.replacing("{tables}", with: tables))
        return town.name
    }

    private static func scan(_ view: String, _ hub: BenchmarkHub) throws -> Double {
        let connection = try Connection(hub.conninfo)
        return try timed {
            try connection.query(
                "SELECT count(name), sum(height_m), max(address), max(floors), count(usage), max(households), max(built_year), count(location) FROM \(view)")
        }
    }

    /// Seconds of each of many questions for one building, in one session, the first not counted.
    private static func times(_ sql: String, _ town: String, _ hub: BenchmarkHub, suffix: String = "") throws -> [Double] {
        let connection = try Connection(hub.conninfo)
        return try (0...lookups).map { number in
            let id = "\(town):\(number * 7_919 % buildings)\(suffix)"
            return try timed { try connection.query(sql, [.text(id)]) }
        }.suffix(lookups)
    }

    /// The view of buildings as it was before rules of survivorship.
    private static let fixedOrder: String = {
        let columns = ["name", "address", "height_m", "floors", "usage", "households", "built_year", "location"]
        let others = columns.map { "(array_agg(x.\($0) ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.\($0) IS NOT NULL))[1] AS \($0)" }
        return """
            CREATE VIEW public.fixed_building AS
            SELECT c.id, \(columns.map { "coalesce(c.\($0), m.\($0)) AS \($0)" }.joined(separator: ", "))
              FROM {tables}.building_claim c
              JOIN {tables}.building_link l ON l.kind = 'building' AND l.id = c.id AND l.method = 'self'
              LEFT JOIN LATERAL (
                    SELECT \(others.joined(separator: ", "))
                      FROM {tables}.building_link k JOIN {tables}.building_claim x ON x.id = k.id
                     WHERE k.kind = 'building' AND k.building_id = c.id AND k.method <> 'self') m ON true
            """
    }()
}
