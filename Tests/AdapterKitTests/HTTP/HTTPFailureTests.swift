import Foundation
import Testing
@testable import AdapterKit

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Eleven ways in which a server fails: complete data or a typed error, never silent loss.
@Suite("HTTP: a server that fails") struct HTTPFailureTests {
    typealias Server = HTTPTestServer

    @Test("Slow: a server that says nothing ends in a typed error, after as many tries as the manifest says") func slow() throws {
        let world = try HTTPWorld("format: 'json', timeout: '1s', attempts: 2") { _ in
            Server.Answer(pieces: [Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[".utf8)], hangs: true)
        }
        let error = world.failure()
        #expect(error?.kind == .transient)
        #expect(error?.message == "The server sent nothing for 1 seconds.")
        #expect(world.server.requests.count == 2)
        #expect(try world.told().isEmpty)
    }

    @Test("429 with Retry-After, in seconds and as a date: it is waited for, and everything comes") func tooMany() throws {
        let count = Counter()
        let world = try HTTPWorld("format: 'json'") { _ in
            switch count.next() {
            case 1: .status(429, "", ["Retry-After: 7"])
            // 15 seconds after the test's clock begins, of which 7 have passed.
            case 2: .status(503, "", ["Retry-After: Fri, 15 Jan 2027 08:00:15 GMT"])
            default: .ok(Server.records(0..<3))
            }
        }
        #expect(try world.run().counts == [3, 3, 0, 0, 0, 0, 0])
        #expect(world.time.waited == [7, 8])
    }

    @Test("A Retry-After beyond the time of the pull ends it at once") func tooLong() throws {
        let world = try HTTPWorld("format: 'json', within: '1m'") { _ in .status(429, "", ["Retry-After: 3600"]) }
        #expect(world.failure()?.kind == .transient)
        #expect(world.time.waited.isEmpty)
        #expect(world.server.requests.count == 1)
    }

    @Test("500, then fine: tried again with full jitter") func failsThenFine() throws {
        let count = Counter()
        let world = try HTTPWorld("format: 'json'") { _ in count.next() <= 3 ? .status(500, "oops") : .ok(Server.records(0..<3)) }
        #expect(try world.run().counts == [3, 3, 0, 0, 0, 0, 0])
        #expect(world.time.waited == [0.5, 1, 2])
        #expect(world.said.count == 3)
    }

    @Test("500 for ever: a typed error, and the next run tells everything") func failsForEver() throws {
        let world = try HTTPWorld("format: 'json', attempts: 3") { _ in .status(500) }
        #expect(world.failure()?.kind == .transient)
        #expect(world.server.requests.count == 3)
        world.server.reply { _ in .ok(Server.records(0..<3)) }
        #expect(try world.run().counters.added == 3)
    }

    @Test("A cut body is fetched again from its beginning", arguments: [
        "HTTP/1.1 200 OK\nContent-Length: 100\n\n[{\"no\":1,\"n\":\"x\"}", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\n[{\"no\n",
    ]) func cut(_ head: String) throws {
        let count = Counter()
        let world = try HTTPWorld("format: 'json'") { _ in count.next() <= 2 ? .raw(head) : .ok(Server.records(0..<5)) }
        #expect(try world.run().counters.added == 5)
        world.server.reply { _ in .raw(head) }
        #expect(world.failure()?.kind == .transient)
        #expect(try world.told().count == 5)
    }

    @Test("A body without any length that only a broken connection could end is not taken for whole") func noLength() throws {
        let lines = "no,n\n1,x\n2,x\n"
        let world = try HTTPWorld("format: 'csv'") { _ in .raw("HTTP/1.1 200 OK\nConnection: close\n\n" + lines) }
        #expect(world.failure()?.kind == .data)
        let accepting = try HTTPWorld("format: 'csv', accept_unknown_length: true") { _ in .raw("HTTP/1.1 200 OK\nConnection: close\n\n" + lines) }
        #expect(try accepting.run().counters.added == 2)
    }

    @Test("Wrong total: an error, and nothing is told", arguments: ["'/total'", "{ header: 'X-Total-Count' }"]) func wrongTotal(_ total: String) throws {
        let world = try HTTPWorld("format: { kind: 'json', records: '/items' }, expect_total: \(total)") { _ in
            .ok(#"{"total":4,"items":\#(Server.records(0..<3))}"#, ["X-Total-Count: 4"])
        }
        let error = world.failure()
        #expect(error?.kind == .data)
        #expect(error?.message == "The source says that it has 4 records, and delivered 3.")
        #expect(try world.told().isEmpty)
        world.server.reply { _ in .ok(#"{"total":4,"items":\#(Server.records(0..<4))}"#, ["X-Total-Count: 4"]) }
        #expect(try world.run().counters.added == 4)
    }

    @Test("Changed schema: a column that the mapping reads and that is gone stops the run; a new one is drift") func changedSchema() throws {
        let world = try HTTPWorld("format: 'json'") { _ in .ok(Server.records(0..<5)) }
        try world.run()
        world.server.reply { _ in .ok(#"[{"no":1,"note":"x"}]"#) }
        #expect(world.failure()?.kind == .data)
        #expect(try world.told().count == 5)
        world.server.reply { _ in .ok(#"[{"no":0,"n":"x","more":1}]"#) }
        #expect(try world.run().streams[0].drift?.contains("more") == true)
    }

    @Test("Endless next link: noticed by its repetition, by pages that are the same, and by their number") func endless() throws {
        let circle = try HTTPWorld("format: 'json', pages: { by: 'link' }") { request in
            let page = Int(request["p"] ?? "0") ?? 0
            return .ok(Server.records(page * 10..<page * 10 + 10), ["Link: </list?p=\((page + 1) % 3)>; rel=\"next\""])
        }
        // The first address has no parameter: the circle closes at its second round.
        #expect(circle.failure()?.kind == .data)
        #expect(circle.server.requests.count <= 4)
        let same = try HTTPWorld("format: 'json', pages: { by: 'page', parameter: 'page' }") { _ in .ok(Server.records(0..<10)) }
        #expect(same.failure()?.kind == .data)
        #expect(same.server.requests.count == 2)
        let long = try HTTPWorld("format: 'json', pages: { by: 'page', parameter: 'page', most: 20 }") { request in
            let page = Int(request["page"] ?? "") ?? 0
            return .ok(Server.records(page * 10..<page * 10 + 10))
        }
        #expect(long.failure()?.kind == .data)
        #expect(long.server.requests.count == 20)
        for world in [circle, same, long] { #expect(try world.told().isEmpty) }
    }

    @Test("Redirect: followed, credentials stay with their host; one without end is an error") func redirect() throws {
        let other = try Server { _ in .ok(Server.records(0..<2)) }
        defer { other.end() }
        let place = other.address
        let world = try HTTPWorld("format: 'json', auth: { bearer: { secret: 'env:T' } }, headers: { 'X-Key': { secret: 'env:T' } }, query: { key: { secret: 'env:T' } }") {
            $0.path == "/list" ? .status(302, "", ["Location: /moved"]) : .status(307, "", ["Location: \(place)/there"])
        }
        world.environment = ["T": "geheim-42"]
        #expect(try world.run().counters.added == 2)
        #expect(world.server.requests.map { $0.headers["authorization"] } == ["Bearer geheim-42", "Bearer geheim-42"])
        #expect(world.server.requests.map { $0["key"] } == ["geheim-42", "geheim-42"])
        let asked = try #require(other.requests.first)
        #expect(asked.target == "/there")
        #expect(!asked.headers.values.contains { $0.contains("geheim-42") })
        world.server.reply { _ in .status(302, "", ["Location: /list"]) }
        #expect(world.failure()?.kind == .data)
    }

    /// Cancelled at the wrong moment, Foundation on Linux ends the whole process.
    @Test("Of many redirects, also those given up at any moment, each ends as an answer or as cancelled") func manyRedirects() throws {
        let server = try Server { _ in .status(302, "", ["Location: /elsewhere"]) }
        defer { server.end() }
        let request = URLRequest(url: try #require(URL(string: server.address + "/list")))
        for round in 0..<200 {
            let session = HTTPSession()
            defer { session.end() }
            var asked = 0
            do throws(HTTPFailure) {
                let answer = try session.send(request, timeout_s: 30) {
                    asked += 1
                    return round % 4 == asked
                } take: { _ in
                }
                #expect(answer.status == 302)
            } catch {
                guard case .cancelled = error else {
                    Issue.record(error)
                    continue
                }
            }
        }
        #expect(server.requests.count >= 50)
    }

    @Test("Wrong encoding: what the server says against what the manifest says, and bytes that are neither") func encoding() throws {
        let world = try HTTPWorld("format: 'json'") { _ in .ok(Server.records(0..<2), ["Content-Type: application/json; charset=GBK"]) }
        let error = world.failure()
        #expect(error?.kind == .data)
        #expect(error?.message.contains("gbk") == true)
        let chinese = try HTTPWorld("format: { kind: 'csv', encoding: 'gb18030' }") { _ in
            var answer = Server.Answer.status(200, "no,n\n1,XX\n", ["Content-Type: text/csv; charset=gb2312"])
            answer.pieces = answer.pieces.map { $0.map { $0 == UInt8(ascii: "X") ? 0xD6 : $0 } }
            return answer
        }
        #expect(try chinese.run().counters.added == 1)
        let broken = try HTTPWorld("format: 'ndjson'") { _ in
            var answer = Server.Answer.ok("{\"no\":1,\"n\":\"x\"}\n{\"no\":2,\"n\":\"#\"}\n{\"no\":3,\"n\":\"x\"}\n")
            answer.pieces = answer.pieces.map { $0.map { $0 == UInt8(ascii: "#") ? 0xD6 : $0 } }
            return answer
        }
        #expect(try broken.run().counts == [3, 2, 0, 0, 0, 1, 0])
        #expect(try broken.hub.quarantine() == ["s \(broken.server.address)/list 2 undecodable"])
    }

    @Test("A web page in place of data") func webPage() throws {
        let world = try HTTPWorld("format: 'csv'") { _ in .ok("<html>log in</html>", ["Content-Type: text/html"]) }
        #expect(world.failure()?.kind == .data)
    }

    @Test("Empty where there used to be data: an error, until it is accepted") func empty() throws {
        let world = try HTTPWorld("format: 'json'") { _ in .ok(Server.records(0..<3)) }
        try world.run()
        world.server.reply { _ in .ok("[]") }
        #expect(world.failure()?.kind == .data)
        #expect(try world.told().count == 3)
        #expect(try world.run { $0.acceptRemovals = true }.counters.removed == 3)
    }

    @Test("An empty page in the middle does not end a list that goes on") func emptyPage() throws {
        let world = try HTTPWorld("format: { kind: 'json', records: '/items' }, pages: { by: 'cursor', parameter: 'after', from: '/next' }") { request in
            switch request["after"] {
            case nil: .ok(#"{"items":\#(Server.records(0..<2)),"next":"a/b"}"#)
            case "a%2Fb": .ok(#"{"items":[],"next":7}"#)
            default: .ok(#"{"next":null,"items":\#(Server.records(2..<4))}"#)
            }
        }
        #expect(try world.run().counters.added == 4)
    }

    @Test("Refused requests are a matter of the manifest", arguments: [400, 401, 403, 404]) func refused(_ status: Int) throws {
        let world = try HTTPWorld("format: 'json'") { _ in .status(status, "no", ["WWW-Authenticate: Basic realm=\"x\""]) }
        #expect(world.failure()?.kind == .configuration)
        #expect(world.server.requests.count == 1)
    }

    @Test("Nobody there") func refusedConnection() throws {
        let world = try HTTPWorld("format: 'json', attempts: 2") { _ in .ok("[]") }
        world.server.end()
        #expect(world.failure()?.kind == .transient)
        #expect(world.time.waited == [0.5])
    }

    @Test("Cancellation ends a request that waits") func cancelled() throws {
        let world = try HTTPWorld("format: 'json'") { _ in
            Server.Answer(pieces: [Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[".utf8)], hangs: true)
        }
        let server = world.server
        let flag = Flag()
        Thread.detachNewThread {
            server.arrived.wait()
            flag.raise()
        }
        #expect(throws: RunCancelled.self) {
            try world.run { $0.isCancelled = { flag.isRaised } }
        }
        #expect(try world.hub.column("SELECT outcome FROM hub.run_status") == ["cancelled"])
    }
}
