import Foundation
import Testing
@testable import AdapterKit

/// `adapter new --from URL`.
@Suite struct WebDraftTests {
    private static func items(_ numbers: ClosedRange<Int>) -> String {
        numbers.map { #"{"id":\#($0),"name":"B\#($0)","numberOfFloors":\#($0 % 50 + 1)}"# }.joined(separator: ",")
    }

    /// The manifest, after what it says was pulled from the server once more.
    private func draft(_ path: String, expecting records: Int, _ answer: @escaping @Sendable (HTTPTestServer.Request) -> HTTPTestServer.Answer) throws -> String {
        let server = try HTTPTestServer(answer)
        let root = try SourceFolder()
        let made = try AdapterDraft.make("web", from: .url(server.address + path), root: root.path)
        #expect(made.findings.filter { $0.severity == .error }.isEmpty, "\(made.findings)")
        let pulled = try AdapterPreview.run(try Manifest.read(folder: root.path + "/web"), limit: 100_000)
        #expect(pulled.facts.count == records)
        return try String(contentsOfFile: root.path + "/web/adapter.json5", encoding: .utf8)
    }

    @Test func aTotalIsExpected() throws {
        let text = try draft("/list?q=a", expecting: 5) { _ in .ok(#"{"meta":{"total":5},"items":[\#(Self.items(1...5))]}"#) }
        #expect(text.contains(#"format: { kind: "json", records: "/items" }, expect_total: "/meta/total""#), "\(text)")
    }

    @Test func pagesAreFollowed() throws {
        let linked = try draft("/list", expecting: 6) { request in
            request["p"] == nil ? .ok("[\(Self.items(1...3))]", ["Link: <?p=2>; rel=\"next\""]) : .ok("[\(Self.items(4...6))]")
        }
        #expect(linked.contains(#"pages: { by: "link" }"#), "\(linked)")
        let named = try draft("/list", expecting: 6) { request in
            request["p"] == nil ? .ok(#"{"next":"/list?p=2","items":[\#(Self.items(1...3))]}"#) : .ok(#"{"next":null,"items":[\#(Self.items(4...6))]}"#)
        }
        #expect(named.contains(#"pages: { by: "next_url", from: "/next" }"#), "\(named)")
    }

    @Test func aLongLineIsNoObstacle() throws {
        _ = try draft("/all", expecting: 40_000) { _ in .ok("[\(Self.items(1...40_000))]") }
    }

    @Test(arguments: [
        ("/list", #"{"total":90,"items":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}"#, "how its list goes on does not show"),
        ("/list", #"{"next_cursor":"abc","items":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}"#, "which parameter asks for it does not show"),
        ("/list?api_key=hush", "[]", "looks like a secret"), ("/list", "", "empty"),
    ]) func whatCannotBeKeptRightIsRefused(_ path: String, _ body: String, _ word: String) throws {
        let server = try HTTPTestServer { _ in .ok(body) }
        let root = try SourceFolder()
        do {
            _ = try AdapterDraft.make("web", from: .url(server.address + path), root: root.path)
            Issue.record("it was drafted")
        } catch {
            #expect("\(error)".contains(word), "\(error)")
            #expect(!"\(error)".contains("hush"))
        }
        #expect(!FileManager.default.fileExists(atPath: root.path + "/web"))
        #expect(!path.contains("hush") || server.requests.isEmpty)
    }
}
