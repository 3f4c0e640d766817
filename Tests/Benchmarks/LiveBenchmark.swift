import DigitalTwin
import PostgresClient
import Projections

/// `live`: a projector that follows the log in batches of 10,000 facts, each a transaction of its own with its checkpoint.
enum LiveBenchmark {
    private static let buildings = 20_000

    private static func makeTown(_ hub: BenchmarkHub) throws -> TownLog {
        var town = try TownLog(hub)
        for round in 0..<2 { try town.round(round, buildings: buildings) }
        try town.commit()
        try hub.owner.execute("VACUUM ANALYZE hub.event")
        return town
    }

    /// Only the projector named `twin` tells services of changes.
    private static func projector(_ hub: BenchmarkHub, _ name: String = "twin") throws -> Projector {
        var options = Projector.Options()
        options.batch = 10_000
        let projector = try Projector(Connection(hub.conninfo), options: options) { TwinProjection(name: name) }
        try projector.once()
        return projector
    }

    /// What telling services of changes costs: the same projector under a name that tells nobody. Every fact changes something.
    static func told(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        var town = try makeTown(hub), round = 2
        let told = try projector(hub), untold = try projector(hub, "untold")
        return try Measurement(
            "live-told", unit: "facts", count: buildings * 10, rounds: rounds, note: "as live; ours writes \(buildings * 8) changes, each with its row",
            ours: ("told", {
                try town.round(round, buildings: buildings)
                try town.commit()
                round += 1
                try hub.owner.execute("CHECKPOINT")
                return try timed { try told.once() }
            }), yardstick: ("untold", { try timed { try untold.once() } }), report: report)
    }

    static func run(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        var town = try makeTown(hub), round = 2
        let projector = try projector(hub)
        var start: Int64 = 0
        return try Measurement(
            "live", unit: "facts", count: buildings * 10, rounds: rounds,
            note: "batches of 10,000 into a twin of \(buildings) buildings; everything told again, and a new case to each",
            ours: ("project", {
                start = try hub.owner.query("SELECT hub.settled()").int(0, 0) ?? 0
                try town.round(round, buildings: buildings)
                try town.commit()
                round += 1
                try hub.owner.execute("CHECKPOINT")
                return try timed { try projector.once() }
            }), yardstick: ("COPY out", { try RebuildBenchmark.copyOut(hub, after: start) }), report: report)
    }
}
