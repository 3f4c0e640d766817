import DigitalTwin
import EventLog
import Foundation
import PostgresClient
import Projections

/// `rebuild`: the whole twin folded anew, against reading the same log out by COPY.
struct RebuildBenchmark {
    static let facts = 400_000

    static func run(_ hub: BenchmarkHub, rounds: Int, report: (String) -> Void) throws -> Measurement {
        try fill(hub)
        let total = Int(try hub.owner.query("SELECT count(*) FROM hub.event").int(0, 0) ?? 0)
        return try Measurement(
            "rebuild", unit: "facts", count: total, rounds: rounds, note: "buildings, pipes, sensors with readings, cases with steps",
            ours: ("rebuild", {
                try timed { _ = try Projector(Connection(hub.conninfo), make: { TwinProjection() }).rebuild() }
            }),
            yardstick: ("COPY out", {
                let connection = try Connection(hub.conninfo)
                return try timed {
                    var bytes = 0
                    try connection.copyOut(
                        "COPY (SELECT position, source_id, type_id, subject, occurred_at, recorded_at, batch_id, caused_by, payload FROM hub.event ORDER BY position) TO STDOUT"
                    ) { bytes += $0.count }
                }
            }), report: report)
    }

    /// A town: to each building 2 pipes, 4 sensors with one fact of 24 readings each, and 10 cases with three steps each.
    private static func fill(_ hub: BenchmarkHub) throws {
        let writer = try hub.writer("town-\(UInt32.random(in: 0...UInt32.max))")
        var batch = Batch(adapterVersion: "1", input: "memory")
        func add(_ type: String, _ subject: String, _ payload: String, minute: Int? = nil) throws {
            let moment = minute.map { Timestamp(microseconds: 1_700_000_000_000_000 + Int64($0) * 60_000_000) }
            batch.events.append(NewEvent(type: type, subject: subject, occurredAt: moment, payload: Array(payload.utf8)))
            if batch.events.count >= 20_000 { try commit() }
        }
        func commit() throws {
            _ = try writer.commit(batch)
            batch.events = []
        }
        var told = 0
        var building = 0
        while told < facts {
            let x = 121.0 + Double(building % 1_000) * 0.001
            let y = 31.0 + Double(building / 1_000) * 0.001
            func corner(_ dx: Double, _ dy: Double) -> String { String(format: "[%.6f,%.6f]", x + dx, y + dy) }
            let ring = [corner(0, 0), corner(0.0004, 0), corner(0.0004, 0.0004), corner(0, 0.0004), corner(0, 0)].joined(separator: ",")
            try add(
                "building.described", "building/\(building)",
                #"{"name":"Building \#(building)","height_m":\#(building % 90).5,"floors":\#(building % 30),"footprint":[{"type":"Polygon","coordinates":[[\#(ring)]]}]}"#)
            for pipe in 0..<2 {
                try add(
                    "pipe.described", "pipe/\(building)-\(pipe)",
                    #"{"network":"town","starts_at":"J\#(building)","ends_at":"J\#(building + 1)","length":52.9,"diameter":203,"roughness":72.4,"status":"Open","flow_units":"LPS","path":[[\#(building),1],[\#(building),2]]}"#)
            }
            for sensor in 0..<4 {
                try add(
                    "sensor.described", "sensor/\(building)-\(sensor)",
                    #"{"observed_property":"water_volume","unit":"m3","building":"\#(building)","platform":"meter"}"#)
                for day in 0..<1 {
                    let times = (0..<24).map { String(format: "\"2026-01-%02dT%02d:00:00Z\"", day + 1, $0) }.joined(separator: ",")
                    let values = (0..<24).map { "\(day * 24 + $0).5" }.joined(separator: ",")
                    try add("observations.recorded", "sensor/\(building)-\(sensor)", #"{"property":"water_volume","unit":"m3","times":[\#(times)],"values":[\#(values)]}"#, minute: day * 1_440)
                }
            }
            for number in 0..<10 {
                let subject = "case/\(building)-\(number)"
                try add("case.received", subject, #"{"category":"noise","channel":"12345","address":"Yincheng Road \#(building)","building":"\#(building)"}"#, minute: number * 600)
                try add("case.dispatched", subject, #"{"handler":"street office"}"#, minute: number * 600 + 30)
                try add("case.closed", subject, #"{"outcome":"settled"}"#, minute: number * 600 + 300)
            }
            told += 1 + 2 + 4 * 2 + 30
            building += 1
        }
        if !batch.events.isEmpty { try commit() }
        try hub.owner.execute("VACUUM ANALYZE hub.event")
    }
}
