import DigitalTwin
import EventLog
import Foundation
import PostgresClient
import Projections

/// The whole twin folded anew, against reading the same log out by COPY.
enum RebuildBenchmark {
    private static let asked = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_FACTS"].flatMap { Int($0) }
    /// 400,000 facts unless the environment says otherwise.
    private static let facts = asked ?? 400_000

    /// Ten facts to each thing, of four kinds. A million facts unless the environment says otherwise: a quarter of a second is spent on making tables and
    /// views, whatever the facts are.
    static func run(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let facts = asked ?? 1_000_000
        try fill(hub) { town in for round in 0..<10 { try town.round(round, buildings: facts / 80, of: 10) } }
        return try measure("rebuild", hub, rounds, "buildings, pipes, sensors and cases, each told ten times", report)
    }

    /// A log as it is after some time: what changes is told ten times, and cases pass by. Most facts become a row of their own, or more.
    static func cases(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        try fill(hub) { town in for round in 0..<10 { try town.round(round, buildings: facts / 100) } }
        return try measure("rebuild-cases", hub, rounds, "buildings, pipes and sensors told ten times, cases with three steps", report)
    }

    /// A log as it is after the first pull: a row for every fact, or more.
    static func once(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        try fill(hub) { town in try town.round(0, buildings: facts / 10) }
        return try measure("rebuild-once", hub, rounds, "buildings, pipes, sensors and cases told once", report)
    }

    static func readings(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let days = 250
        try fill(hub) { town in
            for day in 0..<days { for sensor in 0..<(facts / 1_250) { try town.readings(sensor: "\(sensor)", day: day) } }
        }
        return try measure("rebuild-readings", hub, rounds, "24 readings a fact", unit: "readings", perFact: 24, report)
    }

    /// One kind alone, against the best set-based SQL for it.
    static func sql(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let total = try fill(hub) { town in
            for round in 0..<10 { for pipe in 0..<(facts / 10) { try town.pipe("\(pipe)", from: pipe, round: round) } }
        }
        return try Measurement(
            "rebuild-sql", unit: "facts", count: total, rounds: rounds, note: "pipes told ten times",
            ours: ("rebuild", { try rebuild(hub) }), yardstick: ("set-based SQL", { try PipesBySQL.run(hub) }), report: report)
    }

    @discardableResult
    private static func fill(_ hub: BenchmarkHub, _ body: (inout TownLog) throws -> Void) throws -> Int {
        var town = try TownLog(hub)
        try body(&town)
        try town.commit()
        try hub.owner.execute("VACUUM ANALYZE hub.event")
        return town.facts
    }

    private static func measure(
        _ name: String, _ hub: BenchmarkHub, _ rounds: Int, _ note: String, unit: String = "facts", perFact: Int = 1, _ report: (String) -> Void
    ) throws -> Measurement {
        let total = Int(try hub.owner.query("SELECT count(*) FROM hub.event").int(0, 0) ?? 0)
        return try Measurement(
            name, unit: unit, count: total * perFact, rounds: rounds, note: note, ours: ("rebuild", { try rebuild(hub) }),
            yardstick: ("COPY out", { try copyOut(hub) }), report: report)
    }

    private static func rebuild(_ hub: BenchmarkHub) throws -> Double {
        try hub.owner.execute("CHECKPOINT")
        return try timed { _ = try Projector(Connection(hub.conninfo), make: { TwinProjection() }).rebuild() }
    }

    /// - Parameter after: only what follows this position.
    static func copyOut(_ hub: BenchmarkHub, after: Int64 = 0) throws -> Double {
        let connection = try Connection(hub.conninfo)
        return try timed {
            var bytes = 0
            try connection.copyOut(
                """
                COPY (SELECT position, source_id, type_id, subject, occurred_at, recorded_at, batch_id, caused_by, payload
                        FROM hub.event WHERE position > \(after) ORDER BY position) TO STDOUT
                """) { bytes += $0.count }
        }
    }
}
