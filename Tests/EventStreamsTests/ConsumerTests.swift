import EventLog
import EventStreams
import PostgresClient
import PrivateServer
import Testing

@Suite("Consumers")
struct ConsumerTests {
    @Test("What is not acknowledged comes again, what is does not, and a part may be")
    func acknowledgement() throws {
        let hub = try StreamHub()
        try hub.append("police", (1...5).map { "building/\($0)" })
        let consumer = try hub.consumer()
        #expect(try consumer.subscribe() == 0)
        #expect(try consumer.subjects(limit: 2).subjects == ["building/1", "building/2"])
        #expect(try consumer.subjects(limit: 3).subjects == ["building/1", "building/2", "building/3"])
        try consumer.acknowledge(2)
        #expect(try consumer.subjects().subjects == ["building/3", "building/4", "building/5"])
        try consumer.acknowledge(5)
        try consumer.acknowledge(3)
        #expect(try consumer.subjects().subjects == [])
        try hub.append("police", ["building/6"])
        #expect(try consumer.take() == ["building/6"])
        let error = #expect(throws: StreamError.self) { try consumer.acknowledge(7) }
        #expect(error?.code == .notDelivered)
    }

    @Test("A filter wants types, subjects, sources and departments, and what it does not want does not hold it up")
    func filters() throws {
        let hub = try StreamHub()
        try hub.append("police", department: "police", ["case/1", "case/2"], type: "case.received")
        try hub.append("hotline", department: "12345", ["case/1"], type: "case.received")
        try hub.append("hotline", department: "12345", ["case/1"], type: "case.closed")
        try hub.append("property", department: "property", ["building/1", "case/3"])
        func told(_ filter: Consumer.Filter) throws -> [String] {
            let consumer = try hub.consumer("c\(UInt32.random(in: 0...UInt32.max))")
            try consumer.subscribe(filter)
            let all = try consumer.take()
            #expect(try hub.owner.query("SELECT lag_facts FROM hub.consumers WHERE name = $1", [.text(consumer.name)]).int(0, 0) == 0)
            return all
        }
        #expect(try told(.init(types: ["case.received"])) == ["case/1", "case/2", "case/1"])
        #expect(try told(.init(types: ["case.*"])).count == 4)
        #expect(try told(.init(types: ["case_received", "%"])) == [])
        #expect(try told(.init(subjects: ["case/1", "building/"])).count == 4)
        #expect(try told(.init(sources: ["hotline"])).count == 2)
        #expect(try told(.init(types: ["case.*"], departments: ["police"])) == ["case/1", "case/2"])
        #expect(try told(.init(departments: ["nobody"])) == [])
        let error = #expect(throws: PostgresError.self) {
            try hub.owner.query("SELECT hub.subscribe('bad', '{\"type\": [\"case.received\"]}')")
        }
        #expect(error?.message == "type is no key of a filter")
    }

    @Test("Only settled facts come: an open append holds them back until it ends, no other open transaction does")
    func settled() throws {
        let hub = try StreamHub()
        let slow = try hub.connect(as: hub.role(of: "slow"))
        let stranger = try Connection(hub.conninfo)
        try stranger.execute("BEGIN; CREATE TABLE public.unrelated (a int)")
        let consumer = try hub.consumer()
        try consumer.subscribe()
        try hub.append("quick", ["building/1"])
        #expect(try consumer.take() == ["building/1"])
        try slow.execute("BEGIN; INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/slow', 1, '{}')")
        try hub.append("quick", ["building/2"])
        #expect(try consumer.take() == [])
        try slow.execute("COMMIT")
        #expect(try consumer.take() == ["building/slow", "building/2"])
        try stranger.execute("ROLLBACK")
    }

    @Test("The members of a group read different subjects, each in order; who comes gets a share, who goes leaves his to the others")
    func groups() throws {
        let hub = try StreamHub()
        let subjects = (0..<200).map { "building/\($0)" }
        try hub.append("police", subjects)
        let a = try hub.consumer(member: "a"), b = try hub.consumer(member: "b"), c = try hub.consumer(member: "c")
        try a.subscribe()
        // Alone, a has everything; what is outstanding is not given to b.
        let (first, last) = try a.subjects(limit: 150)
        #expect(first == Array(subjects[..<150]))
        #expect(try b.subjects().subjects == [])
        #expect(try c.subjects().subjects == [])
        try a.acknowledge(try #require(last))
        let ofA = try a.take(), ofB = try b.take(), ofC = try c.take()
        #expect(Set(ofA + ofB + ofC) == Set(subjects[150...]))
        #expect(ofA.count + ofB.count + ofC.count == 50)
        for part in [ofA, ofB, ofC] { #expect(!part.isEmpty && part == part.sorted { Int($0.dropFirst(9)) ?? 0 < Int($1.dropFirst(9)) ?? 0 }) }
        // b is given something and dies.
        try hub.append("police", subjects)
        let lost = try b.subjects().subjects
        #expect(!lost.isEmpty)
        try hub.expire("b")
        var told = try a.take() + c.take()
        while true {
            let more = try a.take() + c.take()
            if more.isEmpty { break }
            told += more
        }
        #expect(told.sorted() == subjects.sorted())
        let error = #expect(throws: StreamError.self) { try b.acknowledge(400) }
        #expect(error?.code == .leaseLost)
        #expect(try hub.owner.query("SELECT lag_facts, members FROM hub.consumers").text(0, 1) == "{a,c}")
        // Two shares of 32 buckets, each joined to one row again.
        try a.take()
        try c.take()
        #expect(try hub.owner.query("SELECT count(*) FROM hub.consumer_share").int(0, 0) == 2)
    }

    @Test("A consumer belongs to the role that subscribed; the hub's owner may use it too")
    func owners() throws {
        let hub = try StreamHub()
        try hub.append("police", ["building/1"])
        let map = try hub.consumer(on: hub.service("map"))
        try map.subscribe()
        let other = try hub.consumer(on: hub.service("stranger"))
        #expect(throws: PostgresError.self) { try other.subjects() }
        #expect(throws: PostgresError.self) { try other.subscribe() }
        #expect(throws: PostgresError.self) { try other.unsubscribe() }
        let analyst = try hub.connect(as: Roles.makeLogin("wang", .analyst, on: hub.owner))
        #expect(throws: PostgresError.self) { try hub.consumer(on: analyst).subjects() }
        #expect(try analyst.query("SELECT lag_facts FROM hub.consumers").int(0, 0) == 1)
        #expect(try hub.consumer().take() == ["building/1"])
        #expect(try map.unsubscribe())
        #expect(try !map.unsubscribe())
        let error = #expect(throws: StreamError.self) { try map.subjects() }
        #expect(error?.code == .unknownConsumer)
    }

    @Test("Seek goes to a position, to a fact by its id, and to a moment; nobody is sent beyond the end")
    func seek() throws {
        let hub = try StreamHub()
        let consumer = try hub.consumer()
        try consumer.subscribe()
        try hub.append("police", ["building/1", "building/2"])
        try hub.owner.execute("INSERT INTO hub.tick VALUES ('2026-03-01 00:00:00+00', 1), ('2026-03-01 00:00:05+00', 2)")
        try hub.append("police", ["building/3"])
        #expect(try consumer.take().count == 3)
        #expect(try consumer.seek("1") == 1)
        #expect(try consumer.take() == ["building/2", "building/3"])
        #expect(try consumer.seek("2026-03-01 00:00:04Z") == 1)
        #expect(try consumer.seek("2026-02-01") == 0)
        let epoch = try #require(try hub.owner.query("SELECT epoch FROM hub.log").text(0, 0))
        #expect(try consumer.seek("\(epoch)-2") == 2)
        #expect(try consumer.take() == ["building/3"])
        #expect((#expect(throws: StreamError.self) { try consumer.seek("4") })?.code == .logRewound)
        #expect((#expect(throws: StreamError.self) { try consumer.seek("abcdefabcdef-1") })?.code == .badRequest)
        #expect((#expect(throws: StreamError.self) { try consumer.seek("yesterday or so") })?.code == .badRequest)
    }

    @Test("After a restore an id of before means the same fact only up to where the histories part; beyond it there is an error, never silence")
    func epochs() throws {
        let hub = try StreamHub()
        let consumer = try hub.consumer()
        try consumer.subscribe()
        try hub.append("police", ["building/1", "building/2"])
        try consumer.take()
        let before = try #require(try hub.owner.query("SELECT epoch FROM hub.log").text(0, 0))
        try hub.owner.execute("SELECT hub.renew_epoch()")
        try hub.append("police", ["building/3"])
        var id = ""
        _ = try consumer.poll { id = String(decoding: $0.id, as: UTF8.self) }
        #expect(!id.hasPrefix(before) && id.hasSuffix("-3"))
        #expect(try consumer.seek("\(before)-2") == 2)
        let error = #expect(throws: StreamError.self) { try consumer.seek("\(before)-3") }
        #expect(error?.code == .logRewound)
        #expect(error?.message.contains("last position that both know is 2") == true)
        // A consumer whose progress outlived the log's end.
        try hub.owner.execute("UPDATE hub.consumer_share SET position = 9, delivered = 9, examined = 9")
        #expect((#expect(throws: StreamError.self) { try consumer.subjects() })?.code == .logRewound)
    }
}
