import EventStreams
import Foundation
import PostgresClient
import PrivateServer
import Testing

@Suite("Webhooks")
struct WebhookTests {
    private static let secret = "whsec_MfKQ9r8GKYqTwjUPD8ILPZIo2LaLaSw4hZmQrW3yYpE="

    private struct Fixture {
        let hub: StreamHub
        let signature: WebhookSignature

        init() throws {
            hub = try StreamHub()
            signature = try #require(WebhookSignature(secret: WebhookTests.secret))
        }

        func add(_ name: String, _ receiver: WebhookReceiver, batch: Int = 1, filter: Consumer.Filter = .init()) throws {
            try Webhook.add(name, url: receiver.url, batch: batch, filter: filter, stream: .log, after: 0, allowsHTTP: false, on: hub.owner)
        }

        /// Without pauses between attempts.
        func delivery(_ name: String, attemptsMax: Int = 20) throws -> WebhookDelivery {
            var options = WebhookDelivery.Options()
            options.random = { 0 }
            options.attemptsMax = attemptsMax
            return WebhookDelivery(
                name, signature: signature, post: HTTPPost(timeout_s: 5), stop: StopSignal(), options: options, on: try Connection(hub.conninfo))
        }

        func deliver(_ name: String) throws {
            let delivery = try delivery(name)
            for _ in 0..<100 { if try delivery.step() == .caughtUp { return } }
            Issue.record("It never caught up.")
        }

        func state(_ name: String) throws -> Webhook {
            try #require(try Webhook.list(on: hub.owner).first { $0.name == name })
        }
    }

    @Test("A signature is what the scheme's own library (standardwebhooks 1.0 for Python) makes")
    func signature() throws {
        let signature = try #require(WebhookSignature(secret: "whsec_MfKQ9r8GKYqTwjUPD8ILPZIo2LaLaSw0"))
        let headers = signature.headers(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", moment_s: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers.last?.value == "v1,Oz8aisYF6/eeSFeR9+b3XltqOfhWWILI76FX+W4K5jo=")
        #expect(WebhookSignature(secret: "hunter2") == nil)
        #expect(WebhookSignature(secret: WebhookSignature.newSecret()) != nil)
    }

    @Test("Events come in order, alone or in arrays, signed, in the binding's media types; the filter holds")
    func order() throws {
        let test = try Fixture()
        let alone = try WebhookReceiver(), many = try WebhookReceiver()
        try test.add("alone", alone)
        try test.add("many", many, batch: 40, filter: .init(subjects: ["building/1"]))
        try test.hub.append("police", (0..<120).map { "building/\($0)" })
        try test.deliver("alone")
        try test.deliver("many")
        #expect(alone.subjects == (0..<120).map { "building/\($0)" })
        #expect(many.subjects == (0..<120).map { "building/\($0)" }.filter { $0.hasPrefix("building/1") })
        #expect(alone.requests.value.allSatisfy { $0.headers["content-type"]?.hasPrefix("application/cloudevents+json") == true })
        let first = try #require(many.requests.value.first)
        #expect(first.headers["content-type"]?.hasPrefix("application/cloudevents-batch+json") == true)
        let expected = test.signature.headers(
            id: first.headers["webhook-id"] ?? "", moment_s: first.headers["webhook-timestamp"].flatMap { Int($0) } ?? 0, body: first.body)
        #expect(first.headers["webhook-signature"] == expected.last?.value)
        #expect(try test.state("alone").delivered == 120)
    }

    @Test("What a receiver cannot take now comes again, and nothing overtakes it")
    func retries() throws {
        let test = try Fixture()
        let receiver = try WebhookReceiver { _, number in [3, 4, 9].contains(number) ? "503 Busy\r\nRetry-After: 0" : "200 OK" }
        try test.add("map", receiver)
        try test.hub.append("police", (0..<10).map { "building/\($0)" })
        try test.deliver("map")
        var taken: [String] = []
        for subject in receiver.subjects where taken.last != subject { taken.append(subject) }
        #expect(taken == (0..<10).map { "building/\($0)" })
        #expect(receiver.subjects.count == 13)
        let state = try test.state("map")
        #expect((state.delivered, state.attempts, state.deadLetters) == (10, 0, 0))
        #expect(state.lastFailure == "the receiver answered with status 503")
    }

    @Test("What it refuses for good is a dead letter, found among others of its request, and can be posted again")
    func deadLetters() throws {
        let test = try Fixture()
        let isMended = Locked(false)
        let receiver = try WebhookReceiver { request, _ in !isMended.value && request.subjects.contains("building/3") ? "422 Unknown" : "202 Accepted" }
        try test.add("map", receiver, batch: 5)
        try test.hub.append("police", (0..<10).map { "building/\($0)" })
        try test.deliver("map")
        #expect(try test.state("map").deadLetters == 1)
        #expect(try test.state("map").delivered == 9)
        #expect(try test.hub.owner.query("SELECT status, reason FROM hub.dead_letter").int(0, 0) == 422)
        #expect(try test.delivery("map").replay() == (0, 1))
        isMended.update { $0 = true }
        #expect(try test.delivery("map").replay() == (1, 0))
        #expect(try test.state("map").deadLetters == 0)
        #expect(receiver.subjects.last == "building/3")
    }

    @Test("An event that the receiver fails on again and again is given up in the end; where nobody answers, nothing is")
    func giveUp() throws {
        let test = try Fixture()
        let receiver = try WebhookReceiver { request, _ in request.subjects == ["building/1"] ? "500 Oops" : "200 OK" }
        try test.add("map", receiver)
        try test.hub.append("police", ["building/0", "building/1", "building/2"])
        let delivery = try test.delivery("map", attemptsMax: 3)
        while try delivery.step() != .caughtUp {}
        #expect(receiver.subjects == ["building/0", "building/1", "building/1", "building/1", "building/2"])
        #expect(try test.state("map").deadLetters == 1)
        receiver.close()
        try test.hub.append("police", ["building/4"])
        for _ in 0..<10 { #expect(try delivery.step() == .after(seconds: 0)) }
        let state = try test.state("map")
        #expect((state.attempts, state.deadLetters, state.lag) == (10, 1, 1))
        #expect(state.lastFailure == "the connection was refused")
    }

    @Test("A wrong address pauses it, with the reason, and nothing is lost", arguments: ["404 Not Found", "301 Moved\r\nLocation: /elsewhere", "410 Gone"])
    func pauses(_ status: String) throws {
        let test = try Fixture()
        let isMended = Locked(false)
        let receiver = try WebhookReceiver { _, _ in isMended.value ? "200 OK" : status }
        try test.add("map", receiver)
        try test.hub.append("police", ["building/0"])
        #expect(try test.delivery("map").step() == .ended)
        #expect(try test.state("map").pauseReason?.contains("status \(status.prefix(3))") == true)
        #expect(try test.delivery("map").step() == .ended)
        #expect(receiver.requests.value.count == 1)
        isMended.update { $0 = true }
        try Webhook.pause("map", reason: nil, on: test.hub.owner)
        try test.deliver("map")
        #expect(receiver.subjects == ["building/0", "building/0"])
    }

    @Test("A receiver that never answers holds up no other; a second dispatcher is refused; both end when they are told to")
    func dispatcher() throws {
        let test = try Fixture()
        let mayAnswer = Locked(false)
        let slow = try WebhookReceiver { _, _ in
            mayAnswer.wait(seconds: 60) { $0 }
            return "200 OK"
        }
        let quick = try WebhookReceiver()
        try test.add("slow", slow)
        try test.add("quick", quick)
        try test.hub.append("police", (0..<50).map { "building/\($0)" })
        let stop = StopSignal()
        let signature = test.signature, conninfo = test.hub.conninfo
        func dispatcher() -> WebhookDispatcher { WebhookDispatcher(conninfo, stop: stop, signature: { _ in signature }, report: { _ in }) }
        let ended = Locked(false)
        nonisolated(unsafe) let first = dispatcher()
        Thread.detachNewThread {
            try? first.run()
            ended.update { $0 = true }
        }
        #expect(quick.requests.wait(seconds: 60) { $0.count == 50 })
        #expect(slow.requests.wait(seconds: 60) { $0.count == 1 })
        let error = #expect(throws: StreamError.self) { try dispatcher().run() }
        #expect(error?.code == .leaseLost)
        stop.stop()
        mayAnswer.update { $0 = true }
        #expect(ended.wait(seconds: 60) { $0 })
        // What was taken before the end is acknowledged.
        #expect(try test.state("slow").lag == 49)
    }

    @Test("Addresses with passwords, without TLS, or of no sense are refused")
    func addresses() throws {
        let hub = try StreamHub()
        func add(_ url: String, allowsHTTP: Bool = false) throws {
            try Webhook.add("map", url: url, batch: 1, filter: .init(), stream: .log, after: 0, allowsHTTP: allowsHTTP, on: hub.owner)
        }
        for url in ["https://user:word@map.example/", "http://map.example/", "map.example", "ftp://map.example/"] {
            #expect((#expect(throws: StreamError.self) { try add(url) })?.code == .badRequest)
        }
        #expect(try hub.owner.query("SELECT count(*) FROM hub.consumer").int(0, 0) == 0)
        try add("http://map.example/", allowsHTTP: true)
        #expect(throws: StreamError.self) { try add("https://map.example/") }
        try Webhook.remove("map", on: hub.owner)
        #expect(try hub.owner.query("SELECT count(*) FROM hub.consumer").int(0, 0) == 0)
    }
}
