import PostgresClient
import Testing

@testable import DigitalTwin
@testable import EventLog
@testable import Projections

/// The twin as of a moment, which is the position that was settled then.
@Suite struct MomentTests {
    @Test func aMomentHasTheSameRowsBeforeAndAfterAnOpenAppendEnds() throws {
        let hub = try TestHub()
        func building(_ key: String) -> NewEvent { NewEvent("building.described", "building/\(key)", #"{"name":"\#(key)"}"#) }
        try hub.append("map", [building("1")])
        try hub.connection.query("SELECT hub.record_tick()")
        let role = try Sources.register(.init(name: "slow", uri: "urn:test:slow", department: "test"), on: hub.connection).role
        let slow = try BatchWriter(hub.login(role))
        try slow.acquireLease(holder: "test", seconds: 600)
        var position: Int64 = 0
        var open = Batch(adapterVersion: "1", input: "test")
        open.events = [building("2")]
        _ = try slow.commit { _, _ in open } after: { _ in
            // Written and not committed; another source's fact stands behind it.
            try hub.append("map", [building("3")])
            try hub.connection.query("SELECT hub.record_tick()")
            position = try hub.connection.query("SELECT hub.position_at(clock_timestamp())").int(0, 0) ?? 0
            try hub.projector().build(asOf: position, schema: "before")
        }
        #expect(position == 1)
        let moment = try hub.rows("SELECT max(at) FROM hub.tick")[0]
        try hub.projector().build(asOf: hub.connection.query("SELECT hub.position_at($1::timestamptz)", [.text(moment)]).int(0, 0) ?? 0, schema: "after")
        for schema in ["before", "after"] { #expect(try hub.rows("SELECT id, position FROM \(schema).building") == ["map:1|1"]) }
        try hub.projector().once()
        #expect(try hub.rows("SELECT name FROM twin.building ORDER BY 1") == ["1", "2", "3"])
    }
}
