import DigitalTwin
import PostgresClient
import Projections

/// `live`: a projector that follows the log in batches of 10,000 facts, each a transaction of its own with its checkpoint.
enum LiveBenchmark {
    static func run(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let buildings = 20_000
        var town = try TownLog(hub)
        for round in 0..<2 { try town.round(round, buildings: buildings) }
        try town.commit()
        try hub.owner.execute("VACUUM ANALYZE hub.event")
        var options = Projector.Options()
        options.batch = 10_000
        let projector = try Projector(Connection(hub.conninfo), options: options) { TwinProjection() }
        try projector.once()
        var round = 2
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
