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

    /// The least that a live batch does: one kind without links, of which nobody is told; ten facts to each thing, the things in no order.
    static func pipes(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        let pipes = 20_000
        var town = try TownLog(hub), told = 0
        func tell(_ facts: Int) throws {
            for _ in 0..<facts {
                // 7,919 is prime to 20,000: each is told once before one is told again.
                let pipe = told * 7_919 % pipes
                try town.pipe("\(pipe)", from: pipe, round: told / pipes)
                told += 1
            }
            try town.commit()
        }
        try tell(pipes)
        try hub.owner.execute("VACUUM ANALYZE hub.event")
        let projector = try projector(hub, "untold")
        var start: Int64 = 0
        return try Measurement(
            "live-pipes", unit: "facts", count: pipes * 10, rounds: rounds, note: "batches of 10,000, pipes alone, each told ten times, nobody is told of changes",
            ours: ("project", {
                start = try hub.owner.query("SELECT hub.settled()").int(0, 0) ?? 0
                try tell(pipes * 10)
                try hub.owner.execute("CHECKPOINT")
                return try timed { try projector.once() }
            }), yardstick: ("COPY out", { try RebuildBenchmark.copyOut(hub, after: start) }), report: report)
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
