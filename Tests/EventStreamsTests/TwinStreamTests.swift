import EventStreams
import PostgresClient
import Testing

@Suite("The stream of the twin's changes")
struct TwinStreamTests {
    /// As the projector writes them.
    private static func tell(_ hub: StreamHub, _ changes: [(type: String, subject: String)]) throws {
        for change in changes {
            try hub.owner.query(
                "INSERT INTO hub.twin_change (position, type, subject, caused_by, payload) SELECT hub.stream_end('twin') + 1, $1, $2, 5, '{\"before\": null, \"after\": {}}'",
                [.text(change.type), .text(change.subject)])
        }
    }

    private static func lines(_ stream: ChangeStream, after: Int64) throws -> [String] {
        var text = ""
        _ = try stream.read(after: after) { bytes, _ in text += String(decoding: bytes, as: UTF8.self) }
        return text.split(separator: "\n").map(String.init)
    }

    @Test("It is polled as the log is; a rebuild is told whatever the filter")
    func polled() throws {
        let hub = try StreamHub()
        let consumer = try hub.consumer(on: hub.service("map"))
        try consumer.subscribe(.init(types: ["building.*"]), to: .twin)
        #expect((#expect(throws: StreamError.self) { try hub.consumer("other").subscribe(.init(sources: ["police"]), to: .twin) })?.code == .badRequest)
        try Self.tell(hub, [("building.created", "building/a:1"), ("case.created", "case/a:1"), ("twin.rebuilt", "twin/twin_g2"), ("building.changed", "building/a:1")])
        #expect(try consumer.take(limit: 2) == ["building/a:1", "twin/twin_g2"])
        #expect(try hub.owner.query("SELECT lag_facts FROM hub.consumers").int(0, 0) == 1)
        #expect(try consumer.take() == ["building/a:1"])
        #expect(try consumer.take() == [])
        let stream = try ChangeStream(hub.owner, .init(types: ["building.*"]))
        #expect(try Self.lines(stream, after: 1).count == 2)
        let event = try #require(try Self.lines(stream, after: 3).first)
        #expect(event.contains(#"-t4","source":"urn:twinhub:twin","type":"building.changed","subject":"building/a:1""#), "\(event)")
        #expect(event.contains(#""sequence":"00000000000000000004""#) && event.contains(#""partitionkey":"twin/building/a:1","causedby":""#))
        #expect(throws: StreamError.self) { try ChangeStream(hub.owner, .init(departments: ["police"])) }
    }

    @Test("Ids, positions and moments are those of this stream")
    func seek() throws {
        let hub = try StreamHub()
        let consumer = try hub.consumer()
        try consumer.subscribe(to: .twin)
        try Self.tell(hub, [("building.created", "building/1"), ("building.created", "building/2"), ("building.created", "building/3")])
        try hub.owner.execute("UPDATE hub.twin_change SET recorded_at = '2026-03-01 00:00:00Z'::timestamptz + position * interval '1 h'")
        let epoch = try #require(try hub.owner.query("SELECT epoch FROM hub.log").text(0, 0))
        #expect(try consumer.take().count == 3)
        #expect(try consumer.seek("\(epoch)-t2") == 2)
        #expect(try consumer.take() == ["building/3"])
        #expect(try consumer.seek("2026-03-01 01:30:00Z") == 1)
        #expect(try consumer.take() == ["building/2", "building/3"])
        #expect((#expect(throws: StreamError.self) { try consumer.seek("\(epoch)-2") })?.code == .badRequest)
        #expect((#expect(throws: StreamError.self) { try consumer.seek("4") })?.code == .logRewound)
        let stream = try ChangeStream(hub.owner)
        #expect(try ["beginning", "now", "2", "\(epoch)-t1", "2026-03-01T02:00:00Z"].map(stream.position) == [0, 3, 2, 1, 2])
        #expect((#expect(throws: StreamError.self) { try stream.position(of: "\(epoch)-1") })?.code == .badRequest)
        // A restore takes back what came after it.
        try hub.owner.execute("SELECT hub.renew_epoch()")
        #expect(try consumer.seek("\(epoch)-t3") == 3)
        try Self.tell(hub, [("building.created", "building/4")])
        #expect((#expect(throws: StreamError.self) { try consumer.seek("\(epoch)-t4") })?.code == .logRewound)
    }

    @Test("Whoever comes too late, or knows more than there is, is told so")
    func expired() throws {
        let hub = try StreamHub()
        let consumer = try hub.consumer(), late = try hub.consumer("late")
        try consumer.subscribe(to: .twin)
        try late.subscribe(to: .twin)
        try Self.tell(hub, (1...5).map { ("building.created", "building/\($0)") })
        #expect(try consumer.take(limit: 2).count == 2)
        try hub.owner.execute("UPDATE hub.twin_change SET recorded_at = now() - interval '31 days' WHERE position < 4; SELECT hub.forget_changes()")
        #expect((#expect(throws: StreamError.self) { try consumer.subjects() })?.code == .changesExpired)
        #expect((#expect(throws: StreamError.self) { try Self.lines(ChangeStream(hub.owner), after: 2) })?.code == .changesExpired)
        #expect(try Self.lines(ChangeStream(hub.owner), after: 3).count == 2)
        // Who never read anything begins with what there is.
        #expect(try late.take() == ["building/4", "building/5"])
        try hub.owner.execute("DELETE FROM hub.twin_change WHERE position = 5")
        #expect((#expect(throws: StreamError.self) { try late.subjects() })?.code == .logRewound)
        #expect((#expect(throws: StreamError.self) { try Self.lines(ChangeStream(hub.owner), after: 5) })?.code == .logRewound)
    }
}
