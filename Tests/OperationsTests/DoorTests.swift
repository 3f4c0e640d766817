import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Subprocess
import Testing

@testable import Operations

/// The hub's own server, reached over TCP as from another machine: the loopback is the only network that tests have.
@Suite("The door for other machines", .serialized)
struct DoorTests {
    @Test("Closed it is not there; open it lets analysts and consumers in, by TLS and password, and nobody else")
    func door() throws {
        let clone = try HubClone(adapters: ["sf-police"])
        #expect(try clone.run("migrate").status == 0)
        #expect(try clone.run("adapter", "run", "sf-police").status == 0)
        #expect(try clone.run("project").status == 0)
        let port = try Self.freePort()
        let made = try clone.run("server", "expose", "--address", "localhost", "--port", "\(port)", "--from", "127.0.0.1/32", "--from", "::1/128", "--force")
        #expect(made.status == 0, "\(made.errors)")
        let wang = try clone.run("user", "add", "wang", "--role", "analyst", "--statement-timeout", "60", "--connections", "2")
        let map = try clone.run("user", "add", "map", "--role", "consumer")
        #expect(wang.status == 0 && map.status == 0, "\(wang.errors)\(map.errors)")
        let analyst = try #require(Self.conninfo(in: wang.output)), consumer = try #require(Self.conninfo(in: map.output))
        #expect(analyst.contains("sslmode='verify-full'") && !analyst.contains("password="))

        let visitor = try Connection(analyst)
        #expect(try visitor.query("SELECT count(*) FROM twin.\"case\"").int(0, 0) == 600)
        #expect(try visitor.query("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").bool(0, 0))
        #expect(try visitor.query("SHOW statement_timeout").text(0, 0) == "1min")
        #expect(throws: PostgresError.self) { try visitor.query("SELECT * FROM hub.event LIMIT 1") }
        #expect(throws: PostgresError.self) { try visitor.execute("CREATE TEMPORARY TABLE t (a int)") }
        let second = try Connection(analyst)
        #expect(throws: PostgresError.self) { try Connection(analyst) }
        withExtendedLifetime(second) {}
        let service = try Connection(consumer)
        try service.execute("SELECT hub.subscribe('map')")
        #expect(try service.query("SELECT count(*) FROM hub.poll('map', 10)").int(0, 0) == 10)

        // Without TLS, without the certificate, with another password, as anybody else: no.
        var string = try ConnectionString(parsing: analyst)
        func refused(_ change: (inout ConnectionString) -> Void) throws -> Bool {
            string = try ConnectionString(parsing: consumer)
            change(&string)
            return (try? Connection(string.text)) == nil
        }
        #expect(try refused { $0.settings["sslmode"] = "disable" })
        #expect(try refused { $0.settings["sslrootcert"] = "/etc/hostname" })
        #expect(try refused { $0.settings["passfile"] = nil; $0.settings["password"] = "guess" })
        #expect(try refused { $0.settings["user"] = "twinhub" })
        #expect(try refused { $0.settings["user"] = "twinhub_adapter_1"; $0.settings["password"] = "x" })
        #expect(try refused { $0.settings["dbname"] = "postgres" })
        let steward = try clone.run("role", "login", "li", "--as", "steward")
        #expect(steward.status == 0)
        #expect(try refused { $0.settings["user"] = "twinhub_steward_li" })
        #expect(try !refused { _ in })
        let (hub, owner) = try clone.connect()
        let seen = Doctor.examine(Doctor.Examination(clone.home, connection: owner, isEmbedded: true, environment: [:])).first { $0.condition == "door" }
        #expect(seen?.state == .ok && seen?.seen.contains("twinhub_analyst_wang, twinhub_consumer_map") == true, "\(seen?.seen ?? "")")
        withExtendedLifetime(hub) {}

        #expect(try clone.run("server", "expose", "--off", "--force").status == 0)
        #expect(throws: PostgresError.self) { try Connection(consumer) }
        #expect(try clone.run("psql", "-Atc", "SHOW listen_addresses").output == "\n")
    }

    @Test("Networks and addresses that are none are refused; a door that cannot be opened is closed again")
    func mistakes() throws {
        for network in ["10.1.0.0", "10.1.0.0/33", "10.1/16", "all", "2001:db8::/129"] {
            #expect(throws: OperationsError.self) { try ServerDoor(address: "10.1.2.3", port: 5432, networks: [network]) }
        }
        #expect(throws: OperationsError.self) { try ServerDoor(address: "a' b", port: 5432, networks: ["10.1.0.0/16"]) }
        #expect(try ServerDoor(address: "*", port: 5432, networks: ["0.0.0.0/0"]).isForEveryone)
        let clone = try HubClone(adapters: [])
        #expect(try clone.run("migrate").status == 0)
        let nowhere = try clone.run("server", "expose", "--address", "203.0.113.7", "--from", "10.1.0.0/16", "--force")
        #expect(nowhere.status == 3 && nowhere.errors.contains("The door is closed again"), "\(nowhere.errors)")
        #expect(try clone.run("psql", "-Atc", "SELECT 1").output == "1\n")
        #expect(try clone.run("server", "stop", "--force").status == 0)
        #expect(try clone.run("user", "add", "li", "--role", "steward").status == 2)
    }

    private static func conninfo(in output: String) -> String? {
        output.split(separator: "\n").first { $0.hasPrefix("psql \"") }.map { String($0.dropFirst(6).dropLast()) }
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> UInt16 {
        let receiver = try WebhookReceiver()
        receiver.close()
        return receiver.port
    }
}
