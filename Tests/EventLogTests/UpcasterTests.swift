import EventLog
import Foundation
import PostgresClient
import Testing

@Suite("Versions of types")
struct UpcasterTests {
    /// Every version that was ever given to anyone. Lines are added here, never taken away: facts of these lie in logs.
    private static let everShipped = """
        address.described.v1 address.removed.v1 alert.cleared.v1 alert.raised.v1 benefit.granted.v1 benefit.stopped.v1
        building.demolished.v1 building.described.v1 building.removed.v1 building_part.described.v1 building_part.removed.v1 camera.described.v1 camera.removed.v1
        address.aliased.v1 address.unaliased.v1 care.ended.v1 care.enrolled.v1 case.accepted.v1 case.answered.v1 case.called_back.v1 case.closed.v1 case.contacted.v1
        case.dispatched.v1 case.escalated.v1 case.extended.v1 case.merged.v1 case.progressed.v1 case.received.v1
        case.reminded.v1 case.reopened.v1 case.returned.v1 case.shelved.v1 case.withdrawn.v1 compound.described.v1
        compound.removed.v1 conflict.reopened.v1 conflict.resolved.v1 death.recorded.v1 dwelling.described.v1 dwelling.removed.v1 entrance.described.v1
        entrance.removed.v1 grid_cell.described.v1 grid_cell.removed.v1 identity.merged.v1 identity.reopened.v1 identity.split.v1 incident.decided.v1 incident.undecided.v1
        junction.described.v1 junction.removed.v1 observations.recorded.v1 observations.withdrawn.v1
        organisation.described.v1 organisation.removed.v1
        occupancy.declared.v1 occupancy.ended.v1 pipe.described.v1 pipe.removed.v1 pipe.retired.v1 pump.described.v1
        pump.removed.v1 reservoir.described.v1 reservoir.removed.v1 resident.deregistered.v1 resident.registered.v1 resolver.calibrated.v1 resolver.withdrawn.v1
        sensor.described.v1 sensor.removed.v1 sensor.resumed.v1 sensor.retired.v1 sensor.silenced.v1 source.drifted.v1 subject.erased.v1 tank.described.v1 tank.removed.v1
        valve.described.v1 valve.removed.v1
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    private static func type(_ name: String) -> EventType? {
        guard let mark = name.range(of: ".v", options: .backwards), let version = Int(name[mark.upperBound...]) else { return nil }
        return EventType(name: String(name[..<mark.lowerBound]), version: version)
    }

    @Test("A version that ever shipped has its contract still, and is read in the newest version", arguments: everShipped)
    func shipped(name: String) throws {
        let type = try #require(Self.type(name))
        #expect(EventType.shipped.contains(type), "Its contract is gone from Schemas/events: facts of it could not be read.")
        let upcasters = try Upcasters()
        let payload = Array("{}".utf8)
        let read = try payload.withUnsafeBytes { try upcasters.lift(type, $0) { type, _ in type } }
        #expect(read == upcasters.newest(of: type.name))
    }

    @Test("No version ships without being listed here")
    func listed() {
        let unlisted = EventType.shipped.filter { type in !Self.everShipped.contains("\(type.name).v\(type.version)") }
        #expect(unlisted.isEmpty, "Add these to the list above, with a test of their payloads where they are lifted: \(unlisted)")
    }

    private static let types = [1, 2, 3].map { EventType(name: "building.described", version: $0) }
    /// v1 said `h` in metres, v2 says `height_m`, v3 says `height` with its unit.
    private static let steps = [
        Upcaster("building.described", from: 1) { Array(String(decoding: $0, as: UTF8.self).replacing("\"h\":", with: "\"height_m\":").utf8) },
        Upcaster("building.described", from: 2) { payload in
            let text = String(decoding: payload, as: UTF8.self)
            return Array(text.replacing("\"height_m\":", with: "\"unit\":\"m\",\"height\":").utf8)
        },
    ]

    @Test("Facts of three versions are read in the third, others as they are; the log itself stays as it was")
    func lifting() throws {
        let hub = try HubFixture()
        for version in [2, 3] { try hub.owner.query("INSERT INTO hub.event_type (name, version) VALUES ('building.described', $1::int)", [.int(Int64(version))]) }
        let writer = try hub.writer("old")
        let payloads = [(1, "{\"h\":1.10}"), (2, "{\"height_m\":2.20}"), (3, "{\"unit\":\"m\",\"height\":3.30}")]
        var facts = payloads.map { NewEvent(type: "building.described", version: $0, subject: "building/\($0)", payload: Array($1.utf8)) }
        facts.append(NewEvent(type: "case.closed", subject: "case/1", payload: Array("{\"h\":1}".utf8)))
        _ = try writer.commit(batch(facts))

        let upcasters = try Upcasters(Self.steps, types: Self.types + [EventType(name: "case.closed")])
        let catalog = try Catalog(on: hub.owner)
        var seen: [String] = []
        let reader = SettledReader(hub.owner)
        let result = try reader.read(after: 0, lifting: upcasters, catalog) { event in
            seen.append("\(event.position) \(catalog.types[event.typeID]?.version ?? 0) \(String(decoding: event.payload, as: UTF8.self))")
        }
        #expect(result.count == 4)
        #expect(
            seen == [
                "1 3 {\"unit\":\"m\",\"height\":1.10}", "2 3 {\"unit\":\"m\",\"height\":2.20}", "3 3 {\"unit\":\"m\",\"height\":3.30}", "4 1 {\"h\":1}",
            ])
        // By name, whatever the version.
        #expect(try reader.read(after: 0, types: ["building.described"], lifting: upcasters, catalog) { _ in }.count == 3)
        #expect(try hub.owner.query("SELECT payload FROM hub.event WHERE position = 1").text(0, 0) == "{\"h\":1.10}")
        #expect(try ChainVerifier(hub.owner).verify().findings == [])

        // A binary that is older than the log says so, and does not pass over the fact.
        let older = try Upcasters([], types: [EventType(name: "case.closed")])
        let error = #expect(throws: LogError.self) { try reader.read(after: 0, lifting: older, catalog) { _ in } }
        #expect(error?.code == .noUpcaster)
    }

    @Test("A gap in the chain of versions is found when the registry is made, not when an old fact turns up")
    func gaps() {
        let bad: [([Upcaster], [EventType])] = [
            ([Self.steps[0]], Self.types), ([Self.steps[1]], Self.types), (Self.steps + [Self.steps[0]], Self.types), (Self.steps, Array(Self.types.prefix(2))),
        ]
        for (steps, types) in bad {
            let error = #expect(throws: LogError.self) { try Upcasters(steps, types: types) }
            #expect(error?.code == .noUpcaster)
        }
    }
}
