import Foundation
import PostgresClient
import Testing

@testable import Operations

@Suite struct ScratchServerTests {
    @Test func nothingIsLeftOfIt() throws {
        var scratch: ScratchServer? = try ScratchServer()
        let server = try #require(scratch?.server)
        #expect(try Connection(server.conninfo()).query("show fsync").text(0, 0) == "off")
        scratch = nil
        #expect(server.state == .stopped)
        for path in [server.folder, server.sockets] { #expect(!FileManager.default.fileExists(atPath: path)) }
    }

    /// The server's log is read by people who may not see the data.
    @Test func itsLogHoldsNoValues() throws {
        let scratch = try ScratchServer()
        let connection = try Connection(scratch.server.conninfo())
        try connection.execute("CREATE TABLE person (id text PRIMARY KEY, age integer)")
        try connection.execute("INSERT INTO person VALUES ('310115199001011234', 1)")
        for statement in [
            "INSERT INTO person VALUES ('310115199001011234', 2)", "INSERT INTO person VALUES ('x', 'plánted')",
            "SELECT 'plánted'::int", "DO $$ BEGIN RAISE EXCEPTION 'plánted'; END $$", "DO $$ BEGIN RAISE WARNING 'plánted'; END $$",
        ] { _ = try? connection.execute(statement) }
        let log = try #require(readText(scratch.server.log))
        #expect(log.contains("database system is ready"))
        #expect(!log.contains("310115199001011234") && !log.contains("plánted"))
    }
}
