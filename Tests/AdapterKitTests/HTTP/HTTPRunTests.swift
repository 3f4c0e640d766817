import Foundation
import Testing
@testable import AdapterKit

@Suite("HTTP: what an input reads") struct HTTPRunTests {
    typealias Server = HTTPTestServer

    @Test("Every format that there is", arguments: [
        ("'json'", Server.records(1...2)), ("'ndjson'", "{\"no\":1,\"n\":\"x\"}\n{\"no\":2,\"n\":\"x\"}\n"), ("'csv'", "no,n\n1,x\n2,x\n"),
        ("{ kind: 'json', records: '/a/b' }", #"{"a":{"b":\#(Server.records(1...2))}}"#),
        ("'geojson'", #"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"no":1,"n":"x"},"geometry":null},{"type":"Feature","properties":{"no":2,"n":"x"},"geometry":null}]}"#),
    ]) func formats(_ format: String, _ body: String) throws {
        let world = try HTTPWorld("format: \(format)") { _ in .ok(body) }
        #expect(try world.run().counters.added == 2)
        #expect(try world.told() == ["case/1", "case/2"])
        #expect(try world.run().facts == 0)
    }

    @Test("Pages by number, offset, cursor, Link and next URL", arguments: [
        "{ by: 'page', parameter: 'p', size: 4, size_parameter: 'n' }", "{ by: 'offset', parameter: 'o', size: 4, size_parameter: 'n' }",
        "{ by: 'cursor', parameter: 'c', from: '/meta/next' }", "{ by: 'link' }", "{ by: 'next_url', from: '/meta/url' }",
    ]) func pages(_ pages: String) throws {
        let world = try HTTPWorld("format: { kind: 'json', records: '/items' }, query: { q: 'a b&c' }, expect_total: '/meta/total', pages: \(pages)") { request in
            let number = request["p"].flatMap { Int($0) }.map { $0 - 1 } ?? request["o"].flatMap { Int($0) }.map { $0 / 4 } ?? Int(request["c"] ?? "") ?? 0
            let next = number < 2 ? "\(number + 1)" : "null"
            let url = number < 2 ? "\"?q=kept&c=\(number + 1)\"" : "null"
            let items = Server.records(number * 4..<min(number * 4 + 4, 10))
            return .ok(#"{"items":\#(items),"meta":{"next":\#(next),"url":\#(url),"total":10}}"#, number < 2 ? ["Link: <>; rel=x", "Link: <?c=\(number + 1)>; title=\"a,b\"; rel=\"last next\""] : [])
        }
        #expect(try world.run().counters.added == 10)
        #expect(try world.told().count == 10)
        #expect(world.server.requests.count == 3)
        #expect(world.server.requests[0]["q"] == "a%20b%26c")
        #expect(try world.run().facts == 0)
        #expect(try world.hub.column("SELECT DISTINCT input FROM hub.batch")[0].hasPrefix("3 files: \(world.server.address)/list?"))
    }

    @Test("Without a total pages end with an empty one; a server that gives less than asked for loses nothing") func pagesWithoutTotal() throws {
        let world = try HTTPWorld("format: 'json', pages: { by: 'offset', parameter: 'o', size: 100 }") { request in
            let from = Int(request["o"] ?? "") ?? 0
            return .ok(Server.records(from..<min(from + 3, 7)))
        }
        #expect(try world.run().counters.added == 7)
        #expect(world.server.requests.compactMap { $0["o"] } == ["0", "3", "6", "7"])
    }

    @Test("A cursor asks for what is new") func incremental() throws {
        let world = try HTTPWorld(
            "format: 'json', query: { since: '{cursor}' }, start: ''", mode: "incremental", stream: "key: ['no'], cursor: { column: 'no', type: 'integer' },"
        ) { request in .ok(Server.records((Int(request["since"] ?? "") ?? 1)...5)) }
        #expect(try world.run().counters.added == 5)
        world.server.reply { request in .ok(Server.records((Int(request["since"] ?? "") ?? 1)...8)) }
        #expect(try world.run().counts == [4, 3, 0, 1, 0, 0, 0])
        #expect(world.server.requests.map(\.target) == ["/list", "/list?since=5"])
    }

    @Test("What has not changed costs one 304, and takes nothing away") func notModified() throws {
        let world = try HTTPWorld("format: 'json'") { request in
            if request.headers["if-none-match"] == "\"v1\"" { return .raw("HTTP/1.1 304 Not Modified\nETag: \"v1\"\nConnection: close\n\n") }
            return .ok(Server.records(0..<5), ["ETag: \"v1\""])
        }
        #expect(try world.run().counters.added == 5)
        let again = try world.run()
        #expect(again.counts == [5, 0, 0, 5, 0, 0, 0])
        #expect(again.streams[0].sameInput)
        #expect(world.server.requests.map { $0.headers["if-none-match"] } == [nil, "\"v1\""])
        // Under another manifest everything is needed.
        let manifest = try String(contentsOfFile: world.folder.path + "/adapter.json5", encoding: .utf8)
        try world.folder.write(manifest.replacingOccurrences(of: "note: \"n\"", with: "note: { template: 'b {n}' }"), to: "adapter.json5")
        #expect(try world.run().counters.changed == 5)
        #expect(world.server.requests.last?.headers["if-none-match"] == nil)
    }

    @Test("Mode append reads a log that grows") func append() throws {
        let world = try HTTPWorld("format: 'ndjson'", mode: "append", stream: "") { _ in .ok("{\"no\":1,\"n\":\"x\"}\n", ["Last-Modified: Fri, 15 Jan 2027 08:00:15 GMT"]) }
        #expect(try world.run().counters.added == 1)
        world.server.reply { request in
            request.headers["if-modified-since"] != nil ? .raw("HTTP/1.1 304 Not Modified\nConnection: close\n\n") : .ok("")
        }
        #expect(try world.run().counts == [0, 0, 0, 0, 0, 0, 0])
        world.server.reply { _ in .ok("{\"no\":1,\"n\":\"x\"}\n{\"no\":2,\"n\":\"x\"}\n") }
        #expect(try world.run().counters.added == 1)
        #expect(try world.told() == ["case/1", "case/2"])
    }

    @Test("A key that repeats is read twice, and the network asked once") func readTwice() throws {
        let world = try HTTPWorld("format: 'json'", stream: "key: ['no'], repeated: 'last',") { _ in .ok(#"[{"no":1,"n":"a"},{"no":1,"n":"b"}]"#) }
        #expect(try world.run().counters.added == 1)
        #expect(try world.hub.facts("e.payload") == [#"{"note":"b"}"#])
        #expect(world.server.requests.count == 1)
    }

    @Test("Basic authentication, and a header of the manifest's") func basic() throws {
        let world = try HTTPWorld("format: 'json', auth: { basic: { user: 'u', password: { secret: 'env:P' } } }, headers: { Accept: 'application/json' }") { _ in
            .ok(Server.records(0..<1))
        }
        world.environment = ["P": "p:w"]
        try world.run()
        #expect(world.server.requests[0].headers["authorization"] == "Basic " + Data("u:p:w".utf8).base64EncodedString())
        #expect(world.server.requests[0].headers["accept"] == "application/json")
    }

    @Test("OAuth 2: one token for all pages, renewed when it has expired and when it is refused") func oauth2() throws {
        let tokens = Counter()
        let pages = Counter()
        let world = try HTTPWorld("format: 'json'") { _ in .ok("[]") }
        let client = "oauth2: { token_url: '\(world.server.address)/token', client_id: 'me', client_secret: { secret: 'env:S' }, scope: 'read' }"
        let manifest = try String(contentsOfFile: world.folder.path + "/adapter.json5", encoding: .utf8)
        try world.folder.write(
            manifest.replacingOccurrences(of: "format: 'json'", with: "format: 'json', rate: '1/m', pages: { by: 'page', parameter: 'p' }, auth: { \(client) }"),
            to: "adapter.json5")
        world.environment = ["S": "s3cret"]
        world.server.reply { request in
            if request.path == "/token" {
                let number = tokens.next()
                // The second lasts: it is refused once.
                return .ok(#"{"access_token":"token-\#(number)","token_type":"Bearer","expires_in":\#(number == 1 ? 200 : 9999)}"#)
            }
            let page = Int(request["p"] ?? "") ?? 0
            if page == 4, pages.next() == 1 { return .status(401, "", ["WWW-Authenticate: Bearer"]) }
            return .ok(Server.records(page * 10..<(page == 6 ? page * 10 : page * 10 + 2)))
        }
        #expect(try world.run().counters.added == 10)
        let used = world.server.requests.filter { $0.path != "/token" }.map { $0.headers["authorization"] ?? "" }
        #expect(used == ["Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-2", "Bearer token-3", "Bearer token-3", "Bearer token-3"])
        let asked = try #require(world.server.requests.first { $0.path == "/token" })
        #expect(asked.body == "grant_type=client_credentials&scope=read")
        #expect(asked.headers["authorization"] == "Basic " + Data("me:s3cret".utf8).base64EncodedString())
        // A request a minute.
        #expect(world.time.waited.allSatisfy { $0 == 60 } && world.time.waited.count == world.server.requests.count - 1)
    }

    @Test("A mistake in the manifest is found before anything is asked", arguments: [
        ("url: 'ftp://x/'", "must begin http://"), ("url: 'http://u:p@x/'", "holds a user"), ("auth: { bearer: 'abc' }", "must be an object"),
        ("auth: { bearer: { secret: 'abc' } }", "never the secret itself"), ("pages: { by: 'cursor', parameter: 'c' }", "\"from\" is missing"),
        ("format: 'csv', expect_total: '/total'", "no JSON document"), ("rate: '5'", "requests per time"), ("headers: { Authorization: 'x' }", "cannot be set"),
        ("pages: { by: 'link', size: 3 }", "is not a key"), ("pages: { by: 'link' }", "needs \"max_ratio\""), ("ca_file: 'x'", "cannot be followed"),
    ]) func mistakes(_ keys: String, _ message: String) {
        let url = keys.hasPrefix("url") ? "" : "url: 'http://x/',"
        let format = keys.contains("format") ? "" : "format: 'json',"
        let found = mistake(
            in: """
                { adapter: "a", version: "1", department: "d", source: "urn:x", input: { kind: "http", \(url) \(format) \(keys) },
                  streams: [{ name: "s", mode: "snapshot", key: ["no"], removed: { event: "case.withdrawn" },
                    facts: [{ event: "case.received", subject: "case/{no}", payload: { note: "n" } }] }] }
                """)
        #expect(found?.message.contains(message) == true, "\(String(describing: found))")
    }
}

@Suite struct HTTPHeaderTests {
    @Test func links() {
        #expect(LinkHeader.target("next", in: #"<a>; rel="prev", <b?x=1,2>; title="n;, \"ext\""; rel="NEXT last""#) == "b?x=1,2")
        #expect(LinkHeader.target("next", in: "<a>; rel=next") == "a")
        #expect(LinkHeader.target("next", in: "<a>; rel=prev; rel=next, <") == nil)
        #expect(LinkHeader.target("next", in: "") == nil)
    }

    @Test func dates() {
        #expect(HTTPDate.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        #expect(RetryAfter.seconds("soon", now: 0) == nil)
        #expect(RetryAfter.seconds("-3", now: 0) == 0)
    }

    @Test func addresses() throws {
        var address = try #require(HTTPAddress("http://Host.test:80/a%20b?x=%41&token=s&flag#part"))
        #expect(address.text == "http://Host.test:80/a%20b?x=%41&token=s&flag")
        #expect(address.origin == "http://host.test:80")
        address.set("x", to: "ü&")
        #expect(address.redacted(["token"]) == "http://Host.test:80/a%20b?x=%C3%BC%26&token=[secret]&flag")
        #expect(HTTPAddress("../c?y=1", relativeTo: address)?.text == "http://Host.test:80/c?y=1")
        #expect(HTTPAddress("?y=1", relativeTo: address)?.text == "http://Host.test:80/a%20b?y=1")
        #expect(HTTPAddress("file:///etc/passwd") == nil)
    }

    @Test func charsets() {
        #expect(ContentType("Text/CSV; charset=\"UTF-8\"").charset == "utf-8")
        #expect(Charset.fits("utf8", declared: "utf-8") && Charset.fits("GB2312", declared: "gb18030") && !Charset.fits("gbk", declared: "utf-8"))
    }
}
