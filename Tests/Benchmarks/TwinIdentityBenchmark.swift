import DigitalTwin
import EventLog
import Foundation
import PostgresClient
import Projections

/// `identity-twin`: how long a projector takes to join the claims of people whom two registers know, all at once and batch by batch.
enum TwinIdentityBenchmark {
    /// Claims of people; `TWINHUB_BENCHMARK_CLAIMS` has another number.
    private static let claims = ProcessInfo.processInfo.environment["TWINHUB_BENCHMARK_CLAIMS"].flatMap { Int($0) } ?? 200_000

    static func run() throws -> Evaluation {
        let hub = try BenchmarkHub()
        var evaluation = Evaluation(
            name: "identity-twin", note: "\(claims) claims of people in a twin, two of each; the server's share included", columns: ["what", "claims", "joined", "seconds", "of a rebuild without", "processor seconds, ours and the server's", "peak memory"])
        let registers = try (0..<2).map { try hub.writer("register-\($0)") }
        try append((0..<claims / 60 + 1_000).map { NewEvent(type: "building.described", subject: "building/b\($0)", payload: Array(#"{"floors":6}"#.utf8)) }, registers[0])
        for (number, register) in registers.enumerated() {
            for start in stride(from: 0, to: claims / 2, by: 20_000) { try append((start..<min(start + 20_000, claims / 2)).map { fact($0, number) }, register) }
        }
        let projector = try Projector(Connection(hub.conninfo)) { TwinProjection() }
        try projector.once()
        guard case .running(let server) = hub.server.state else { throw BenchmarkError("The server does not run.") }
        // What it takes to make the facts is not what it takes to join them.
        var before = (own: ProcessTime.of(getpid()), server: ProcessTime.ofFamily(server))
        let without_s = try timed { try projector.rebuild() }
        func add(_ what: String, _ count: Int, _ seconds: Double) throws {
            let now = (own: ProcessTime.of(getpid()), server: ProcessTime.ofFamily(server))
            let joined = try hub.owner.query("SELECT count(*) FROM twin.person_claim WHERE claim_id <> entity_id").text(0, 0) ?? ""
            evaluation.rows.append([what, "\(count)", joined, String(format: "%.2f", seconds), String(format: "%.2f", seconds / without_s),
                String(format: "%.2f + %.2f", now.own - before.own, now.server - before.server), PeakMemory.now_MiB.map { "\($0) MiB" } ?? "-"])
            PeakMemory.forget()
            before = (own: ProcessTime.of(getpid()), server: ProcessTime.ofFamily(server))
        }
        try add("rebuild, nothing calibrated", claims, without_s)
        let learning_s = try timed { try calibrate(hub) }
        try add("learn", claims, learning_s)
        try add("the calibration, live", claims, try timed { try projector.once() })
        for round in 1...3 {
            // They live elsewhere now, and some have another year of birth.
            try append((0..<1_000).map { fact($0 * 7 % (claims / 2), 0, moved: round) }, registers[0])
            try add("a batch of 1,000", 1_000, try timed { try projector.once() })
        }
        try add("rebuild", claims, try timed { try projector.rebuild() })
        return evaluation
    }

    private static func append(_ events: [NewEvent], _ writer: BatchWriter) throws {
        var batch = Batch(adapterVersion: "1", input: "memory")
        batch.events = events
        _ = try writer.commit(batch)
    }

    /// Learns from what is there, and records it as a steward does.
    private static func calibrate(_ hub: BenchmarkHub) throws {
        guard let kind = EntityKind.named("person"), let desk = try EntityDesk(kind, on: Connection(hub.conninfo)) else { throw BenchmarkError("There is no twin.") }
        let learned = try desk.learn(linkFrom: 0.95, reviewFrom: 0.5)
        try hub.calibrate(kind, learned.calibration)
    }

    /// A person as one register knows it: three in five have the number that the other one knows, every tenth lives elsewhere.
    private static func fact(_ person: Int, _ register: Int, moved: Int = 0) -> NewEvent {
        let known = (person + register) % 5 < 3 ? "p\(person)" : "r\(register)-\(person)"
        // Three people to a name, as in a city: with few names the doubtful pairs of namesakes grow with the square of the people.
        var random = UInt64(person % max(5_000, claims / 6) + 1)
        let name = (0..<8).map { _ in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let word = random & (random << 13 | random >> 51) & (random << 29 | random >> 35)
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
        let year = 1930 + (person / 3 + (moved > 0 && person % 11 == 0 ? moved : 0)) % 80
        let building = "register-0:b\(person % 10 == register ? person % 997 : person / 30 + moved)"
        let payload = #"{"name":"clk1:\#(name)","birth_year":\#(year),"sex":"\#(person % 2 == 0 ? "female" : "male")","building":"\#(building)","dwelling":"register-0:d\#(person / 3 + moved)"}"#
        return NewEvent(type: "resident.registered", subject: "person/\(known)", payload: Array(payload.utf8))
    }
}

extension BenchmarkHub {
    /// Records what a resolver has learned, as a steward does.
    func calibrate(_ kind: EntityKind, _ calibration: Calibration) throws {
        struct Calibrated: Encodable { let entity_kind: String, rules: String, parameters: Calibration }
        let payload = try JSONEncoder().encode(Calibrated(entity_kind: kind.name, rules: kind.mark, parameters: calibration))
        let source = try Sources.register(.init(name: "stewards", uri: "urn:benchmark:stewards", department: Sources.hubsOwn), on: owner, decides: true)
        let writer = try BatchWriter(Connection(server.conninfo(user: source.role)))
        try writer.acquireLease(holder: "benchmark", seconds: 600)
        var batch = Batch(adapterVersion: "1", input: "memory")
        batch.events = [NewEvent(type: "resolver.calibrated", subject: "resolver/\(kind.name)", payload: Array(payload))]
        _ = try writer.commit(batch)
    }
}
