import Foundation
import Subprocess
import Testing
@testable import AdapterKit

@Suite("HTTP: secrets and certificates") struct HTTPSecretTests {
    private typealias Answering = @Sendable (HTTPTestServer.Request) -> HTTPTestServer.Answer

    /// Every way in which a run can fail, with a server that says what it was sent.
    @Test("No secret reaches an error, a log, a reflection, the process list or the database") func secretsStaySecret() throws {
        let secrets = ["Q": "gehe1m-query&x=/1", "H": "gehe1m-header", "S": "gehe1m-client", "P": "gehe1m-password"]
        let world = try HTTPWorld("format: 'json'") { _ in .ok("[]") }
        let manifest = try String(contentsOfFile: world.folder.path + "/adapter.json5", encoding: .utf8)
        try world.folder.write(
            manifest.replacingOccurrences(
                of: "format: 'json'",
                with: """
                    format: { kind: 'json', records: '/items' }, attempts: 2, pages: { by: 'next_url', from: '/next' },
                    query: { key: { secret: 'env:Q' } }, headers: { 'X-Key': { secret: 'env:H' } },
                    auth: { oauth2: { token_url: '\(world.server.address)/token', client_id: 'me', client_secret: { secret: 'env:S' }, client_auth: 'body' } }
                    """), to: "adapter.json5")
        world.environment = secrets
        let said = Output()
        let echo: @Sendable (HTTPTestServer.Request) -> String = { "\($0.target) \($0.headers) \($0.body)" }
        let token = #"{"access_token":"gehe1m-token","expires_in":3600}"#
        let cut = HTTPTestServer.Answer.raw("HTTP/1.1 200 OK\nContent-Length: 900\n\n[")
        let keyless = #""items":[{"no":1,"n":"x"},{"n":"no key"}]"#
        let answers: [Answering] = [
            { .status(500, echo($0)) },
            { .status(401, echo($0)) },
            { _ in cut },
            { .status(302, "", ["Location: ftp://x/" + ($0["key"] ?? "")]) },
            { .ok("{\"items\":[{\"no\":1," + echo($0)) },
            { .ok("<html>" + echo($0), ["Content-Type: text/html"]) },
            { .ok("{\"items\":[{\"no\":1}],\"next\":\"" + $0.target + "\"}") },
            { .ok("no JSON " + echo($0)) },
            { .ok("{" + keyless + ",\"next\":\"/list?page=2&key=" + ($0["key"] ?? "") + "\"}") },
            { _ in .ok("{" + keyless + "}") },
        ]
        for answer in answers {
            world.server.reply { $0.path == "/token" ? .ok(token) : answer($0) }
            do {
                said.add("\(try world.run())")
            } catch {
                said.add("\(error) \(String(reflecting: error))")
                var dumped = ""
                dump(error, to: &dumped)
                said.add(dumped)
            }
            let processes = try ChildProcess.run("ps", ["axww", "-o", "args"]).output
            said.add(processes)
        }
        world.server.reply { .status($0.path == "/token" ? 403 : 200, echo($0)) }
        said.add("\(String(describing: world.failure()))")
        world.said.forEach(said.add)
        #expect(world.said.contains { $0.contains("key=[secret]") })
        #expect(said.text.contains("The server refused the credentials (401)."))
        let credentials = try HTTPCredentials(
            try #require(Self.http(try world.folder.manifest())), Placeholders(), environment: secrets, folder: world.folder.path)
        said.add("\(credentials.authentication.map { "\($0)" } ?? "") \(SecretText(revealed: "gehe1m")) \(String(reflecting: SecretText(revealed: "gehe1m")))")
        var dumped = ""
        dump(credentials.authentication, to: &dumped)
        said.add(dumped)
        for table in try world.hub.column("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname = 'hub'") {
            try world.hub.column("SELECT to_jsonb(t)::text FROM \(table) t").forEach(said.add)
            // Bytes too: a row of quarantine, encrypted or not.
            try world.hub.column("SELECT t::text FROM \(table) t").forEach(said.add)
        }
        try world.hub.column("SELECT encode(raw, 'escape') FROM hub.quarantine").forEach(said.add)
        #expect(try world.hub.column("SELECT count(*) > 0 FROM hub.quarantine") == ["t"])
        for secret in ["gehe1m", Data("me:gehe1m-client".utf8).base64EncodedString()] {
            #expect(!said.text.contains(secret), "\(said.lines.first { $0.contains(secret) }?.prefix(600) ?? "")")
        }
    }

    private static func http(_ manifest: Manifest) -> Input.HTTP? {
        if case .http(let http) = manifest.streams[0].input { http } else { nil }
    }

    @Test("A secret's file that everybody can read is refused") func secretFiles() throws {
        let folder = try SourceFolder()
        try folder.write("gehe1m\n", to: "key")
        chmod(folder.path + "/key", 0o644)
        #expect { try Secret.file("key").value("the key", environment: [:], folder: folder.path) } throws: {
            ($0 as? AdapterError)?.message == "The file with the key can be read by everybody on this machine."
        }
        chmod(folder.path + "/key", 0o640)
        #expect(try Secret.file("key").value("the key", environment: [:], folder: folder.path) == "gehe1m")
    }

    @Test("Bad TLS: a certificate that nobody vouches for is not trusted, and nothing is sent") func badTLS() throws {
        guard (try? ChildProcess.run("openssl", ["version"]).status) == 0 else {
            print("openssl is not installed: TLS is not tested.")
            return
        }
        let folder = try SourceFolder()
        let (key, certificate) = (folder.path + "/key.pem", folder.path + "/certificate.pem")
        let made = try ChildProcess.run(
            "openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"])
        try #require(made.status == 0)
        let port = try Self.freePort()
        let ends = try ChildProcess.pipeEnds()
        let child = try ChildProcess.start(
            "openssl", ["s_server", "-accept", "127.0.0.1:\(port)", "-key", key, "-cert", certificate, "-www"], output: .descriptor(ends.writing), errors: .none)
        close(ends.writing)
        defer {
            child.send(signal: SIGKILL)
            child.wait()
            close(ends.reading)
        }
        // It says ACCEPT once it listens.
        var said = ""
        var chunk = [UInt8](repeating: 0, count: 256)
        while !said.contains("ACCEPT") {
            let got = read(ends.reading, &chunk, chunk.count)
            guard got > 0 else { break }
            said += String(decoding: chunk[..<got], as: UTF8.self)
        }
        let world = try HTTPWorld("format: 'json', auth: { bearer: { secret: 'env:T' } }", url: "https://localhost:\(port)/") { _ in .ok("[]") }
        world.environment = ["T": "gehe1m"]
        let error = world.failure()
        #expect(error?.kind == .configuration)
        #expect(error?.message.hasPrefix("The server's certificate is not trusted") == true, "\(String(describing: error))")
        #expect(world.time.waited.isEmpty)
    }

    private static func freePort() throws -> Int {
        let server = try HTTPTestServer { _ in .ok("") }
        defer { server.end() }
        return server.port
    }
}

/// What was said, from whatever thread.
private final class Output: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [String] = []

    var lines: [String] { lock.withLock { all } }
    var text: String { lines.joined(separator: "\n") }
    func add(_ line: String) { lock.withLock { all.append(line) } }
}
