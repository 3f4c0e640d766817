import EventLog
import Foundation
import PostgresClient
import PrivateServer
import Testing

@testable import Operations

@Suite struct BackupTests {
    /// A hub with a twin, an analyst and a projector of its own.
    private func hub() throws -> HubClone {
        let clone = try HubClone(adapters: ["osm-buildings", "sf-police"])
        for words in [["migrate"], ["adapter", "run", "osm-buildings"], ["adapter", "run", "sf-police"], ["project"]] { try succeed(clone, words) }
        return clone
    }

    @discardableResult
    private func succeed(_ clone: HubClone, _ words: [String], _ environment: [String: String] = [:]) throws -> HubClone.Outcome {
        let outcome = try clone.run(words, environment: environment)
        #expect(outcome.status == 0, "\(words): \(outcome.output)\(outcome.errors)")
        return outcome
    }

    /// The folder that `backup` printed.
    private func backup(_ clone: HubClone, to folder: String? = nil, _ environment: [String: String] = [:]) throws -> String {
        let outcome = try succeed(clone, ["backup", "--to", folder ?? clone.folder + "/backups"], environment)
        return String(try #require(outcome.output.split(separator: "\n").first))
    }

    private struct Rehearsal: Equatable {
        let backups: Int64?
        let rehearsed: Int64?
    }

    private func rehearsal(_ clone: HubClone) throws -> Rehearsal {
        let (hub, owner) = try clone.connect()
        defer { withExtendedLifetime(hub) {} }
        let rows = try owner.query("SELECT count(*), count(rehearsed_at) FROM hub.backup WHERE rehearsed_at IS NULL OR rehearsal_seconds > 0")
        return Rehearsal(backups: rows.int(0, 0), rehearsed: rows.int(0, 1))
    }

    @Test func aBackupComesBackInAnEmptyHub() throws {
        let clone = try hub()
        try succeed(clone, ["role", "login", "wang", "--as", "analyst"])
        try succeed(clone, ["role", "login", "folder", "--as", "projector"])
        let path = try backup(clone)
        let manifest = try BackupFolder(path).manifest
        #expect(manifest.facts == 2384 && manifest.heads.count == 2 && manifest.keys.count == 3)
        #expect(manifest.tables.contains { $0.schema == "twin_g1" && $0.table == "building_claim" && $0.rows == 1322 }, "\(manifest.tables)")
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o700)
        // No key in it, neither as a file nor as bytes.
        for key in ["pseudonym.key", "quarantine.key", "sealing.key"] {
            let bytes = try #require(FileManager.default.contents(atPath: "\(clone.home.keys)/\(key)"))
            for file in manifest.files { #expect(FileManager.default.contents(atPath: "\(path)/\(file.path)")?.range(of: bytes) == nil) }
            #expect(!manifest.files.contains { $0.path.hasSuffix(key) })
        }

        let other = try HubClone(adapters: ["osm-buildings", "sf-police"])
        let restored = try succeed(other, ["restore", "--from", path])
        #expect(restored.output.contains("2,384 facts restored") && restored.output.contains("pseudonym.key is missing"), "\(restored.output)")
        let (hub, owner) = try other.connect()
        defer { withExtendedLifetime(hub) {} }
        let log = try owner.query("SELECT epoch, place = hub.log_place(), max(position) FROM hub.log, hub.event GROUP BY 1, 2")
        #expect(log.text(0, 0) != manifest.epoch && log.bool(0, 1) && log.int(0, 2) == manifest.lastPosition)
        let pinned = other.folder + "/heads.json"
        try succeed(clone, ["log", "head", "--json"]).output.write(toFile: pinned, atomically: true, encoding: .utf8)
        try succeed(other, ["verify", "--pinned", pinned])
        // Who might what, may it again.
        let analyst = try Connection(hub.conninfo(user: "twinhub_analyst_wang"))
        #expect(try analyst.query("SELECT count(*) FROM twin.building").int(0, 0) == 1322)
        #expect(throws: PostgresError.self) { try analyst.query("SELECT payload FROM hub.event") }
        #expect(throws: PostgresError.self) { try analyst.query("CREATE TEMP TABLE mine (a int)") }
        #expect(try Connection(hub.conninfo(user: "twinhub_projector_folder")).query("SELECT current_user").text(0, 0) == "twinhub_projector")

        // Under other keys nothing goes on; with the right ones nothing is told twice.
        let early = try other.run("adapter", "run", "sf-police")
        #expect(early.status == 3 && early.errors.contains("quarantine.key is missing"), "\(early.errors)")
        for key in ["pseudonym.key", "quarantine.key", "sealing.key"] {
            try FileManager.default.copyItem(atPath: "\(clone.home.keys)/\(key)", toPath: "\(other.home.keys)/\(key)")
        }
        try succeed(other, ["adapter", "run", "sf-police"])
        #expect(try owner.query("SELECT max(position) FROM hub.event").int(0, 0) == manifest.lastPosition)
        try succeed(other, ["project"])

        let again = try other.run("restore", "--from", path)
        #expect(again.status == 3 && again.errors.contains("A restore never overwrites."), "\(again.errors)")
        #expect(try owner.query("SELECT max(position) FROM hub.event").int(0, 0) == manifest.lastPosition)
    }

    @Test func aRehearsalFindsWhatIsWrong() throws {
        let clone = try hub()
        let good = try backup(clone)
        let first = try succeed(clone, ["restore", "--rehearse", "--from", good])
        #expect(first.output.contains("2,384 facts can be restored.") && first.output.contains("twin rebuilt and found the same in"), "\(first.output)")
        #expect(try rehearsal(clone) == Rehearsal(backups: 1, rehearsed: 1))
        #expect(!FileManager.default.fileExists(atPath: clone.home.state + "/rehearsal"))

        func refused(_ path: String, _ reason: String, _ line: SourceLocation = #_sourceLocation) throws {
            let outcome = try clone.run("restore", "--rehearse", "--from", path)
            #expect(outcome.status == 1 && outcome.errors.contains(reason), "\(outcome.errors)", sourceLocation: line)
        }
        // A file that was changed, cut off, lost.
        let file = try #require(BackupFolder(good).manifest.files.max { $0.bytes < $1.bytes }?.path)
        let bytes = try #require(FileManager.default.contents(atPath: "\(good)/\(file)"))
        var flipped = bytes
        flipped[bytes.count / 2] ^= 1
        for damaged in [flipped, bytes.dropLast()] {
            try damaged.write(to: URL(filePath: "\(good)/\(file)"))
            try refused(good, "is not what was written. (\(good)/\(file))")
        }
        try FileManager.default.removeItem(atPath: "\(good)/\(file)")
        try refused(good, "A file of the backup is missing. (\(good)/\(file))")

        // A twin that is not what the facts say, and a log in which a fact was changed: both were backed up as they stood.
        let (hub, owner) = try clone.connect()
        defer { withExtendedLifetime(hub) {} }
        func backupNow() throws -> String {
            try Backup(clone.home, conninfo: hub.conninfo, program: "test").take(to: clone.folder + "/\(UInt32.random(in: 0...UInt32.max))").path
        }
        try owner.execute("CREATE TABLE aside AS SELECT id, name FROM twin_g1.building_claim WHERE name IS NOT NULL LIMIT 1")
        try owner.execute("UPDATE twin_g1.building_claim c SET name = 'other' FROM aside a WHERE a.id = c.id")
        try refused(try backupNow(), "twin_g1.building_claim (1322 rows; now others)")
        try owner.execute("UPDATE twin_g1.building_claim c SET name = a.name FROM aside a WHERE a.id = c.id; DROP TABLE aside")
        try owner.execute("ALTER TABLE hub.event_0 DISABLE TRIGGER refuse; UPDATE hub.event_0 SET subject = 'building/forged' WHERE position = 7")
        try refused(try backupNow(), "The restored log is not the one that was backed up: osm-buildings, batch 1")
        #expect(try rehearsal(clone) == Rehearsal(backups: 3, rehearsed: 1))
    }

    /// One snapshot for the dump, the heads and the digests, while facts come in.
    @Test func amidAppends() throws {
        let ward = try Ward()
        let ended = Flag()
        nonisolated(unsafe) let writer = ward.writer
        let appending = Thread {
            while !ended.isSet { _ = try? writer.commit(Ward.batch(of: 20)) }
            ended.confirm()
        }
        appending.start()
        let before = try ward.owner.query("SELECT hub.settled()").int(0, 0) ?? 0
        #expect(waitUntil(seconds: 20) { (try? ward.owner.query("SELECT hub.settled()").int(0, 0) ?? 0) ?? 0 > before })
        let folder = ward.home.clone + "/backups"
        let backup = Backup(ward.home, conninfo: ward.conninfo, program: "test")
        #expect(throws: OperationsError.self) { try backup.take(to: folder) { true } }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [], "nothing is left of one that was cancelled")
        let taken = try backup.take(to: folder)
        ended.set()
        #expect(waitUntil(seconds: 20) { ended.isConfirmed })
        #expect(taken.manifest.lastPosition > before)
        #expect(try ward.owner.query("SELECT hub.settled()").int(0, 0) ?? 0 > taken.manifest.lastPosition, "appends went on meanwhile")
        let rehearsed = try Restore(BackupFolder(taken.path)).rehearse(in: ward.home.state + "/rehearsal", twinMark: "") { _, _, _ in }
        #expect(rehearsed.note == "There is no twin in the backup.")
    }

    @Test func aServerElsewhere() throws {
        let scratch = try ScratchServer()
        for database in ["city", "street"] { try Connection(scratch.server.conninfo()).execute("CREATE DATABASE \(database)") }
        let clone = try HubClone(adapters: ["sf-police"])
        func at(_ server: ScratchServer, _ database: String, user: String = "twinhub") -> [String: String] {
            ["TWINHUB_DATABASE": server.server.conninfo(user: user, database: database)]
        }
        try succeed(clone, ["migrate"], at(scratch, "city"))
        try succeed(clone, ["adapter", "run", "sf-police"], at(scratch, "city"))
        let path = try backup(clone, at(scratch, "city"))
        let other = try HubClone(adapters: [])
        let misnamed = try other.run("restore", "--from", path, environment: at(scratch, "street"))
        #expect(misnamed.status == 3 && misnamed.errors.contains("Restore into a database of the name city."), "\(misnamed.errors)")
        let next = try ScratchServer()
        for statement in ["CREATE DATABASE city", "CREATE ROLE helper LOGIN"] { try Connection(next.server.conninfo()).execute(statement) }
        let weak = try other.run("restore", "--from", path, environment: at(next, "city", user: "helper"))
        #expect(weak.status == 3 && weak.errors.contains("Only a superuser can restore"), "\(weak.errors)")
        try succeed(other, ["restore", "--from", path], at(next, "city"))
        let facts = try Connection(next.server.conninfo(user: "city_adapter_1", database: "city")).query("SELECT current_user")
        #expect(facts.text(0, 0) == "city_adapter_1")
        try succeed(clone, ["restore", "--rehearse", "--from", path], at(scratch, "city"))
        #expect(try Connection(scratch.server.conninfo(database: "city")).query("SELECT count(rehearsed_at) FROM hub.backup").int(0, 0) == 1)
    }

    @Test func keysStayApart() throws {
        let clone = try HubClone(adapters: ["sf-police"])
        for words in [["migrate"], ["adapter", "run", "sf-police"]] { try succeed(clone, words) }
        let keys = clone.folder + "/other"
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: clone.home.keys + "/pseudonym.key", toPath: keys + "/pseudonym.key")
        for folder in [clone.home.keys, clone.home.keys + "/below", clone.home.state, keys] {
            let refused = try clone.run("backup", "--to", folder)
            #expect(refused.status == 3 && refused.errors.contains("must not lie in the same folder"), "\(folder): \(refused.errors)")
        }
        let taken = try succeed(clone, ["backup", "--to", clone.folder + "/backups"])
        #expect(taken.errors.contains("The keys are not in it.") && taken.errors.contains(clone.home.keys))
        let none = try clone.run("restore", "--rehearse", "--from", clone.folder + "/backups")
        #expect(none.status == 3 && none.errors.contains("Did you mean \(taken.output.trimmingCharacters(in: .newlines))?"), "\(none.errors)")
    }
}

/// Set by one thread, seen by another.
private final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var state = 0
    func set() { lock.withLock { state = 1 } }
    func confirm() { lock.withLock { state = 2 } }
    var isSet: Bool { lock.withLock { state > 0 } }
    var isConfirmed: Bool { lock.withLock { state == 2 } }
}
