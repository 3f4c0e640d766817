import EventLog
import Foundation
import PostgresClient
import Testing

@testable import Operations

@Suite struct KeyFileTests {
    private func key(_ letter: String) -> String { String(repeating: letter, count: 32) }

    /// Cut off before it counted, and after.
    @Test func aChangeOfTheSealingKeyThatWasCutOffIsSettledByTheDatabase() throws {
        let ward = try Ward()
        let files = KeyFiles(ward.home)
        let path = ward.home.keys + "/sealing.key"
        try writePrivateText(key("a"), to: path)
        try files.note(on: ward.owner)
        try writePrivateText(key("b"), to: path + ".next")
        try files.confirm(on: ward.owner)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == key("a"))
        try ward.owner.query("UPDATE hub.key_check SET digest = $1 WHERE name = 'sealing.key'", [.bytes(KeyCheck.digest("sealing.key", Array(key("b").utf8)))])
        try files.confirm(on: ward.owner)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == key("b"))
        #expect(!FileManager.default.fileExists(atPath: path + ".next"))
    }

    @Test func copiesOfKeysNeverLieBesideData() throws {
        let ward = try Ward()
        let copies = KeyBackup(ward.home, ward.owner)
        let data = ward.home.state + "/elsewhere"
        try FileManager.default.createDirectory(atPath: data + "/twinhub-1", withIntermediateDirectories: true)
        try "{}".write(toFile: data + "/twinhub-1/manifest.json", atomically: true, encoding: .utf8)
        let error = #expect(throws: OperationsError.self) { try copies.take(to: data, days: 30) }
        #expect(error?.what.contains("Backups of the data lie there") == true)
        let taken = try copies.take(to: ward.home.state + "/safe", days: 30)
        #expect(try copies.check(taken.path) == [])
        #expect(try copies.known().map(\.isExpired) == [false])
        // A copy that was changed is no copy.
        try writePrivateText(key("x"), to: taken.path + "/pseudonym.key")
        #expect(try copies.check(taken.path) == ["pseudonym.key was changed since it was copied"])
        try copies.destroy(taken.path)
        #expect(try copies.known() == [] && !FileManager.default.fileExists(atPath: taken.path))
    }
}
