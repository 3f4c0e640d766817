import EventLog
import Foundation
import PostgresClient

/// Writes the log of a town: to each building two pipes, four sensors and ten cases.
struct TownLog {
    private let writer: BatchWriter
    private var batch = Batch(adapterVersion: "1", input: "memory")
    private(set) var facts = 0
    /// Of its source.
    let name: String

    init(_ hub: BenchmarkHub, department: String = "benchmark") throws {
        name = "\(department)-\(UInt32.random(in: 0...UInt32.max))"
        writer = try hub.writer(name, department: department)
    }

    /// What another department says of a building of that town, and a home in it.
    mutating func claim(_ building: Int, of town: String, by department: String, number: Int) throws {
        try add(
            "building.described", "building/\(department)-\(building)",
            #"{"building":"\#(town):\#(building)","name":"No. \#(building) \#(department)","address":"Yincheng Road \#(building)","height_m":\#(building % 90 + (building % 5 == 0 ? number * 2 : 0)).5,"floors":\#(building % 30),"built_year":1990}"#,
            minute: number)
        try add("dwelling.described", "dwelling/\(building)-\(number)", #"{"building":"\#(town):\#(building)","entrance":"1","room":"10\#(number)","area_m2":60.5}"#, minute: number)
    }

    /// A month: buildings, pipes and sensors told once, and one case to each building with three steps at some time of it: ten facts to a building.
    mutating func round(_ round: Int, buildings: Int) throws {
        for building in 0..<buildings {
            try describe(building, round: round)
            let subject = "case/\(building)-\(round)", minute = round * Self.month_minutes + building * 7_919 % Self.month_minutes
            try add("case.received", subject, #"{"category":"noise","channel":"12345","address":"Yincheng Road \#(building)","building":"\#(building)"}"#, minute: minute)
            try add("case.dispatched", subject, #"{"handler":"street office"}"#, minute: minute + 30)
            try add("case.closed", subject, #"{"outcome":"settled"}"#, minute: minute + 300)
        }
    }

    /// The same, where a building has one case for all `rounds`, of which each month tells something: what was reported, with more said of it,
    /// at last who has it, and how it ended.
    mutating func round(_ round: Int, buildings: Int, of rounds: Int) throws {
        for building in 0..<buildings {
            try describe(building, round: round)
            let subject = "case/\(building)", minute = building * 7_919 % Self.month_minutes + round * Self.month_minutes
            switch rounds - round {
            case 1: try add("case.closed", subject, #"{"outcome":"settled"}"#, minute: minute)
            case 2: try add("case.dispatched", subject, #"{"handler":"street office"}"#, minute: minute)
            default:
                try add(
                    "case.received", subject,
                    #"{"category":"noise","channel":"12345","description":"call \#(round)","address":"Yincheng Road \#(building)","building":"\#(building)"}"#,
                    minute: building * 7_919 % Self.month_minutes)
            }
        }
    }

    private static let month_minutes = 30 * 24 * 60

    private mutating func describe(_ building: Int, round: Int) throws {
        let x = 121.0 + Double(building % 1_000) * 0.001
        let y = 31.0 + Double(building / 1_000) * 0.001
        func corner(_ dx: Double, _ dy: Double) -> String { String(format: "[%.6f,%.6f]", x + dx, y + dy) }
        let ring = [corner(0, 0), corner(0.0004, 0), corner(0.0004, 0.0004), corner(0, 0.0004), corner(0, 0)].joined(separator: ",")
        try add(
            "building.described", "building/\(building)",
            #"{"name":"Building \#(building)","height_m":\#(building % 90).5,"floors":\#(building % 30),"households":\#(round),"footprint":[{"type":"Polygon","coordinates":[[\#(ring)]]}]}"#,
            minute: round * Self.month_minutes)
        for pipe in 0..<2 { try self.pipe("\(building)-\(pipe)", from: building, round: round) }
        for sensor in 0..<4 {
            try add(
                "sensor.described", "sensor/\(building)-\(sensor)",
                #"{"observed_property":"water_volume","unit":"m3","building":"\#(building)","platform":"meter \#(round)"}"#, minute: round * Self.month_minutes)
        }
    }

    mutating func pipe(_ key: String, from node: Int, round: Int) throws {
        try add(
            "pipe.described", "pipe/\(key)",
            #"{"network":"town","starts_at":"J\#(node)","ends_at":"J\#(node + 1)","length":52.9,"diameter":203,"roughness":\#(round).4,"status":"Open","flow_units":"LPS","path":[[\#(node),1],[\#(node),2]]}"#,
            minute: round * Self.month_minutes)
    }

    /// A day of readings of one sensor, one an hour.
    mutating func readings(sensor: String, day: Int) throws {
        let times = (0..<24).map { String(format: "\"2026-%02d-%02dT%02d:00:00Z\"", day / 28 + 1, day % 28 + 1, $0) }.joined(separator: ",")
        let values = (0..<24).map { "\(day * 24 + $0).5" }.joined(separator: ",")
        try add(
            "observations.recorded", "sensor/\(sensor)", #"{"property":"water_volume","unit":"m3","times":[\#(times)],"values":[\#(values)]}"#,
            minute: day * 1_440)
    }

    private mutating func add(_ type: String, _ subject: String, _ payload: String, minute: Int) throws {
        let moment = Timestamp(microseconds: 1_700_000_000_000_000 + Int64(minute) * 60_000_000)
        batch.events.append(NewEvent(type: type, subject: subject, occurredAt: moment, payload: Array(payload.utf8)))
        facts += 1
        if batch.events.count >= 20_000 { try commit() }
    }

    mutating func commit() throws {
        guard !batch.events.isEmpty else { return }
        _ = try writer.commit(batch)
        batch.events = []
    }
}
