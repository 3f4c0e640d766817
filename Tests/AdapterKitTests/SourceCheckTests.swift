import Foundation
import Testing
@testable import AdapterKit

/// `adapter check` without `--offline`.
@Suite struct SourceCheckTests {
    private func findings(_ input: String, environment: [String: String] = [:], in folder: SourceFolder? = nil) throws -> [String] {
        let stream = "{ name: 's', mode: 'snapshot', key: ['id'], facts: [{ event: 'case.received', subject: 'case/{id}' }] }"
        let text = "{ adapter: 'a', version: '1', department: 'd', source: 'urn:a', input: \(input), streams: [\(stream)] }"
        let manifest = try Manifest.parse(text, file: "adapter.json5", folder: folder?.path ?? "/nonexistent")
        return AdapterCheck.source(manifest, environment: environment).map(\.description)
    }

    @Test func filesAreOpened() throws {
        let folder = try SourceFolder()
        let input = "{ kind: 'file', path: 'in/*.csv', format: 'csv' }"
        #expect(try findings(input, in: folder).count == 1)
        try folder.write("id\n1\n", to: "in/a.csv")
        #expect(try findings(input, in: folder) == [])
    }

    @Test func secretsAndProgramsAreLookedFor() throws {
        let folder = try SourceFolder()
        let command = "{ kind: 'command', run: ['./pull.sh'], format: 'csv', environment: { TOKEN: { secret: 'env:PULL_TOKEN' } } }"
        #expect(try findings(command, in: folder).first?.contains("PULL_TOKEN is not set") == true)
        let set = ["PULL_TOKEN": "hush-hush"]
        #expect(try findings(command, environment: set, in: folder).first?.contains("There is no program \"./pull.sh\"") == true)
        try folder.write("#!/bin/sh\ntouch ran\n", to: "pull.sh")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path + "/pull.sh")
        #expect(try findings(command, environment: set, in: folder) == [])
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/ran"), "it is not run")
        let tap = "{ kind: 'singer', run: ['no-such-tap'], config: { password: { secret: 'env:TAP_PASSWORD' } } }"
        #expect(try findings(tap, in: folder).first?.contains("TAP_PASSWORD is not set") == true)
        #expect(try findings(tap, environment: ["TAP_PASSWORD": "hush-hush"], in: folder).first?.contains("\"no-such-tap\"") == true)
        #expect(try findings("{ kind: 'command', run: ['cat', 'a'], format: 'csv' }", environment: ["PATH": "/usr/bin:/bin"], in: folder) == [])
        let table = "{ kind: 'postgres', connection: { secret: 'env:DB' }, table: 't' }"
        #expect(try findings(table).first?.contains("DB is not set") == true)
        let away = try findings(table, environment: ["DB": "host=/nonexistent password=hush-hush"])
        #expect(away.count == 1 && !away[0].contains("hush"), "\(away)")
    }

    @Test func aServerIsAskedForOnePage() throws {
        let server = try HTTPTestServer { request in request.path == "/gone" ? .status(404) : .ok("[{\"id\":1}]") }
        func input(_ path: String) -> String { "{ kind: 'http', url: '\(server.address)\(path)', format: 'json', pages: { by: 'page', parameter: 'p' } }" }
        #expect(try findings(input("/list")) == [])
        #expect(server.requests.count == 1)
        #expect(try findings(input("/gone")).first?.contains("404") == true)
    }
}
