import Foundation

/// A server that delivers lines of JSON: in one answer, or in pages of 16 that the header `Link` joins.
final class HTTPSource: ConformingSource, @unchecked Sendable {
    let folder: SourceFolder
    private let isPaged: Bool
    private let port: Int
    private let lock = NSLock()
    private var server: HTTPTestServer?
    private var pages: [String] = [""]
    private var hangs = false

    private static let pageSize = 16

    init(isPaged: Bool) throws {
        self.isPaged = isPaged
        let server = try HTTPTestServer { _ in .ok("") }
        port = server.port
        self.server = server
        let pages = isPaged ? "pages: { by: 'link' }," : ""
        folder = try SourceFolder(
            ConformanceKind.manifest(
                input: "{ kind: 'http', url: '\(server.address)/cases', format: 'ndjson', \(pages) attempts: 1 }", mode: "snapshot", guarded: ", max_ratio: 1"))
        server.reply { [weak self] in self?.answer($0) ?? .status(500) }
    }

    deinit { server?.end() }

    private func answer(_ request: HTTPTestServer.Request) -> HTTPTestServer.Answer {
        let (pages, hangs) = lock.withLock { (self.pages, self.hangs) }
        if hangs { return HTTPTestServer.Answer(pieces: [Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".utf8)], hangs: true) }
        let page = Int(request["page"] ?? "") ?? 0
        guard pages.indices.contains(page) else { return .status(404) }
        let tag = "ETag: \"\(pages.joined().hashValue)\""
        if request.headers["if-none-match"].map({ "ETag: " + $0 }) == tag { return .raw("HTTP/1.1 304 Not Modified\nConnection: close\n\n") }
        return .ok(pages[page], [tag] + (page + 1 < pages.count ? ["Link: <?page=\(page + 1)>; rel=\"next\""] : []))
    }

    func deliver(_ delivery: Delivery) throws {
        let lines = TextSource.Form.ndjson.pieces(delivery)
        let size = isPaged ? Self.pageSize : max(1, lines.count)
        let pages = stride(from: 0, to: lines.count, by: size).map { lines[$0..<min($0 + size, lines.count)].joined() }
        lock.withLock { self.pages = pages.isEmpty ? [""] : pages }
    }

    func takeDown() throws {
        server?.end()
        server = nil
    }

    func bringBack() throws { server = try HTTPTestServer(port: port) { [weak self] in self?.answer($0) ?? .status(500) } }
    func refusal(ofRecord index: Int) -> String { "\((isPaged ? index % Self.pageSize : index) + 1) syntax" }

    func hang() throws -> Bool {
        lock.withLock { hangs = true }
        return true
    }
}
