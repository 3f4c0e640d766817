import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Subprocess
import Testing

@testable import Operations

@Suite struct RoleLoginTests {
    private struct Login: Decodable, Equatable {
        let role: String
        let kind: String
        let name: String
    }

    private func logins(_ clone: HubClone, _ environment: [String: String] = [:]) throws -> [Login] {
        let listed = try clone.run("role", "list", "--json", environment: environment)
        return try JSONDecoder().decode([Login].self, from: Data(listed.output.utf8))
    }

    /// The connection string that the command printed for psql.
    private func printed(_ output: String) throws -> String {
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("psql \"") })
        return String(line.dropFirst(6).dropLast())
    }

    private func psql(_ conninfo: String, _ statement: String, _ clone: HubClone, password: String? = nil) throws -> (status: Int32, output: String) {
        var environment = ["PATH": "/usr/bin:/bin", "HOME": clone.folder]
        environment["PGPASSWORD"] = password
        return try ChildProcess.run("psql", ["-wXAt", "-d", conninfo, "-c", statement], environment: environment)
    }

    @Test func ownServer() throws {
        let clone = try HubClone(adapters: [])
        #expect(try clone.run("migrate").status == 0)
        let (hub, _) = try clone.connect()
        defer { withExtendedLifetime(hub) {} }
        let made = try clone.run("role", "login", "wang", "--as", "analyst")
        #expect(made.status == 0, "\(made.errors)")
        let conninfo = try printed(made.output)
        #expect(try psql(conninfo, "SELECT session_user, name FROM hub.event_type ORDER BY id LIMIT 1", clone).output.hasPrefix("twinhub_analyst_wang|"))
        let refused = try psql(conninfo, "SELECT payload FROM hub.event", clone)
        #expect(refused.status == 1 && refused.output.contains("permission denied"), "\(refused.output)")

        #expect(try clone.run("role", "login", "wang", "--as", "analyst").status == 0, "safe to repeat")
        #expect(try clone.run("role", "login", "flow", "--as", "consumer").status == 0)
        #expect(
            try logins(clone) == [
                Login(role: "twinhub_analyst_wang", kind: "analyst", name: "wang"),
                Login(role: "twinhub_consumer_flow", kind: "consumer", name: "flow"),
            ])
        // Its open session ends with it.
        let session = try Connection(conninfo)
        #expect(try clone.run("role", "drop", "twinhub_analyst_wang").status == 0)
        #expect(throws: PostgresError.self) { try session.execute("SELECT 1") }
        #expect(try psql(conninfo, "SELECT 1", clone).status == 2)
        #expect(try logins(clone).map(\.name) == ["flow"])
    }

    /// A server that asks everyone but its superuser for a password.
    private func serverElsewhere() throws -> ScratchServer {
        let scratch = try ScratchServer()
        let server = scratch.server
        let owner = try Connection(server.conninfo())
        try "local all twinhub trust\nlocal all all scram-sha-256\n".write(toFile: server.data + "/pg_hba.conf", atomically: false, encoding: .utf8)
        try owner.execute("CREATE ROLE stranger LOGIN; SELECT pg_reload_conf()")
        // The new rules hold when a role without a password is refused.
        #expect(waitUntil(seconds: 20) { (try? Connection(server.conninfo(user: "stranger"))) == nil })
        return scratch
    }

    @Test func serverElsewhereAsksForThePassword() throws {
        let scratch = try serverElsewhere()
        let clone = try HubClone(adapters: [])
        let environment = ["TWINHUB_DATABASE": scratch.server.conninfo()]
        #expect(try clone.run("migrate", environment: environment).status == 0)
        let made = try clone.run("role", "login", "chen", "--as", "steward", environment: environment)
        #expect(made.status == 0, "\(made.errors)")
        let conninfo = try printed(made.output)
        #expect(try psql(conninfo, "SELECT session_user", clone).output == "twinhub_steward_chen\n")

        var string = try ConnectionString(parsing: conninfo)
        let passfile = string.settings.removeValue(forKey: "passfile")
        let file = try #require(passfile)
        #expect(try psql(string.text, "SELECT 1", clone).status == 2, "not without the file")
        #expect(try psql(string.text, "SELECT 1", clone, password: "wrong").status == 2)
        var facts = stat()
        #expect(stat(file, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
        let password = try #require(readText(file)).trimmingCharacters(in: .newlines).split(separator: ":").last.map(String.init) ?? ""
        #expect(password.count == 32)
        #expect(try psql(string.text, "SELECT 1", clone, password: password).output == "1\n")

        // Nowhere but in that file; the server keeps the verifier alone.
        let again = try clone.run("role", "login", "chen", "--as", "steward", environment: environment)
        #expect(try printed(again.output) == conninfo)
        for text in [made.output, made.errors, again.output, again.errors, try #require(readText(scratch.server.log))] {
            #expect(!text.contains(password))
        }
        let stored = try Connection(scratch.server.conninfo()).query("SELECT rolpassword FROM pg_authid WHERE rolname = 'twinhub_steward_chen'")
        #expect(stored.text(0, 0)?.hasPrefix("SCRAM-SHA-256$") == true)
        #expect(try psql(conninfo, "SELECT 1", clone).output == "1\n", "the password stayed")

        #expect(try clone.run("role", "drop", "twinhub_steward_chen", environment: environment).status == 0)
        #expect(readText(file) == nil)
        #expect(try psql(string.text, "SELECT 1", clone, password: password).status == 2)
    }

    @Test func whatCannotBeMade() throws {
        let clone = try HubClone(adapters: [])
        let adapter = try clone.run("role", "login", "x", "--as", "adapter")
        #expect(adapter.status == 2 && adapter.errors.contains("An adapter gets its role with its first run."))
        let early = try clone.run("role", "login", "x", "--as", "analyst")
        #expect(early.status == 3 && early.errors.contains("twinhub migrate"))
        #expect(try clone.run("migrate").status == 0)
        let (hub, owner) = try clone.connect()
        defer { withExtendedLifetime(hub) {} }
        let name = try clone.run("role", "login", "Wang", "--as", "analyst")
        #expect(name.status == 3 && name.errors.contains("lower-case letters and digits"))
        let unknown = try clone.run("role", "drop", "twinhub")
        #expect(unknown.status == 3 && unknown.errors.contains("no login role twinhub"))
        let source = try Sources.register(.init(name: "a", uri: "urn:a", department: "test"), on: owner)
        let kept = try clone.run("role", "drop", source.role)
        #expect(kept.status == 3 && kept.errors.contains("role of the source a"))

        let role = try Roles.makeLogin("li", .analyst, on: owner)
        try owner.execute("CREATE TABLE public.mine (a int); ALTER TABLE public.mine OWNER TO \(role); GRANT SELECT ON hub.batch TO \(role)")
        let owning = try clone.run("role", "drop", role)
        #expect(owning.status == 3 && owning.errors.contains("table mine"), "\(owning.errors)")
        #expect(try Connection(hub.conninfo(user: role)).query("SELECT 1").int(0, 0) == 1, "it is as it was")
        try owner.execute("DROP TABLE public.mine")
        #expect(try clone.run("role", "drop", role).status == 0)
    }
}
