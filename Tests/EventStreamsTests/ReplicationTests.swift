import DigitalTwin
import EventLog
import Foundation
import Operations
import PostgresClient
import PrivateServer
import Projections
import Subprocess
import Testing

@testable import TwinReference

/// The log by logical replication, with PostgreSQL's own client and two of its plugins.
@Suite("Logical replication")
struct ReplicationTests {
    private let hub: StreamHub
    private let programs: PostgresInstallation

    init() throws {
        hub = try StreamHub()
        programs = try PostgresInstallation.find()
        try hub.append("map", (0..<40).map { "building/\($0)" }, payload: #"{"name":"Tower","footprint":[{"type":"Polygon","coordinates":[[[121,31],[121.001,31],[121.001,31.001],[121,31.001],[121,31]]]}]}"#)
    }

    /// What pg_recvlogical prints from a slot up to now.
    private func receive(_ slot: String, _ options: [String]) throws -> [UInt8] {
        let end = try #require(try hub.owner.query("SELECT pg_current_wal_insert_lsn()").text(0, 0))
        // A slot ends at the first record beyond.
        try hub.owner.execute("SELECT pg_logical_emit_message(true, 'end', '')")
        let file = FileManager.default.temporaryDirectory.path + "/twinhub-slot-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let words = ["--dbname", hub.conninfo, "--slot", slot, "--start", "--no-loop", "--endpos", end, "--file", file] + options.flatMap { ["--option", $0] }
        let outcome = try ChildProcess.run(programs.path("pg_recvlogical"), words)
        #expect(outcome.status == 0, "\(outcome.output)")
        return FileManager.default.contents(atPath: file).map { Array($0) } ?? []
    }

    private func makeSlot(_ slot: String, _ plugin: String) throws {
        try hub.owner.query("SELECT pg_create_logical_replication_slot($1, $2)", [.text(slot), .text(plugin)])
    }

    @Test("pgoutput tells every fact once, as rows of one table")
    func pgoutput() throws {
        let slot = "\(Int.random(in: 0..<1 << 40))_pgoutput"
        try makeSlot(slot, "pgoutput")
        defer { _ = try? hub.owner.query("SELECT pg_drop_replication_slot($1)", [.text(slot)]) }
        try hub.append("police", (0..<300).map { "case/\($0)" }, type: "case.received")
        let undone = try hub.connect(as: hub.role(of: "police"))
        try undone.execute("BEGIN; INSERT INTO hub.event (type_id, subject, batch_id, payload) VALUES (1, 'building/undone', 0, '{}'); ROLLBACK")
        try hub.append("police", (300..<500).map { "case/\($0)" }, type: "case.received")
        let stream = PgOutput(try receive(slot, ["proto_version=1", "publication_names=twinhub_log"]))
        #expect(stream.tables == ["hub.event"])
        #expect(stream.rows.map { $0["subject"] } == (0..<500).map { "case/\($0)" })
        #expect(stream.rows.compactMap { $0["position"].flatMap { Int($0) } } == Array(41...541).filter { $0 != 341 })
    }

    @Test("A twin that is built from what wal2json tells, and from nothing else, is ours")
    func wal2json() throws {
        let library = programs.programs.replacingOccurrences(of: "/bin", with: "/lib") + "/wal2json.so"
        guard FileManager.default.fileExists(atPath: library) else {
            return print("wal2json is not installed (Debian: postgresql-\(programs.majorVersion)-wal2json): its test is left out")
        }
        let slot = "\(Int.random(in: 0..<1 << 40))_wal2json"
        try makeSlot(slot, "wal2json")
        defer { _ = try? hub.owner.query("SELECT pg_drop_replication_slot($1)", [.text(slot)]) }
        try tellTown()
        let text = String(decoding: try receive(slot, ["format-version=2", "add-tables=hub.*", "actions=insert"]), as: UTF8.self)
        try expectTwin(
            from: text.split(separator: "\n").compactMap { line in
                let change = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                guard change["action"] as? String == "I", (change["table"] as? String)?.wholeMatch(of: /event_\d+/) != nil else { return nil }
                var row: [String: String] = [:]
                for column in change["columns"] as? [[String: Any]] ?? [] {
                    guard let name = column["name"] as? String, let value = column["value"], !(value is NSNull) else { continue }
                    row[name] = "\(value)"
                }
                return row
            })
    }

    @Test("A twin that is built from what pgoutput tells, and from nothing else, is ours")
    func pgoutputTwin() throws {
        let slot = "\(Int.random(in: 0..<1 << 40))_pgoutput"
        try makeSlot(slot, "pgoutput")
        defer { _ = try? hub.owner.query("SELECT pg_drop_replication_slot($1)", [.text(slot)]) }
        try tellTown()
        try expectTwin(from: PgOutput(try receive(slot, ["proto_version=1", "publication_names=twinhub_log"])).rows)
    }

    private func tellTown() throws {
        try hub.append("police", (0..<100).map { "case/\($0)" }, type: "case.received", payload: #"{"category":"noise","building":"map:7"}"#)
        try hub.append("police", (0..<50).map { "case/\($0)" }, type: "case.closed")
        try hub.append("map", (0..<20).map { "building/\($0)" }, payload: #"{"name":"Tower, renamed","height_m":1.10}"#)
    }

    /// Makes another hub's log of these rows of `hub.event`, beside those that were there before the slot, and compares the twins.
    private func expectTwin(from told: [[String: String]]) throws {
        let other = try Connection(PrivateServer.shared().freshDatabase())
        for row in try hubSources() {
            try other.query(
                "INSERT INTO hub.source (id, name, uri, department) OVERRIDING SYSTEM VALUE VALUES ($1::int, $2, $3, $4)", row.map { .text($0) })
        }
        try other.execute("SELECT hub.ensure_leaves()")
        // What was there before the slot comes from the log itself, as every follower begins.
        try hub.owner.copyOut("COPY (SELECT \(Self.columns) FROM hub.event WHERE position <= 40) TO STDOUT") { row in
            let copy = try other.copyIn("COPY hub.event (\(Self.columns)) FROM STDIN")
            try copy.write(row)
            try copy.finish()
        }
        for row in told {
            let columns = row.sorted { $0.key < $1.key }
            let marks = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            try other.query("INSERT INTO hub.event (\(columns.map(\.key).joined(separator: ", "))) VALUES (\(marks))", columns.map { .text($0.value) })
        }
        #expect(told.count == 170)
        try other.execute("SELECT setval('hub.event_position', (SELECT max(position) FROM hub.event))")
        try Projector(other, make: { TwinProjection() }).once()
        try Projector(Connection(hub.conninfo), make: { TwinProjection() }).once()
        let ours = try TwinRows.read("twin", on: hub.owner).sorted(), theirs = try TwinRows.read("twin", on: other).sorted()
        #expect(ours.count > 250)
        #expect(ours == theirs)
    }

    private static let columns = "position, source_id, type_id, subject, occurred_at, recorded_at, batch_id, caused_by, payload"

    private func hubSources() throws -> [[String]] {
        let rows = try hub.owner.query("SELECT id, name, uri, department FROM hub.source ORDER BY id")
        return (0..<rows.count).map { row in (0..<4).map { rows.text(row, $0) ?? "" } }
    }

    @Test("A published table of the twin stays published when a rebuild replaces it")
    func generations() throws {
        let projector = try Projector(Connection(hub.conninfo), make: { TwinProjection() })
        try projector.once()
        try Replication.publish(["building_claim"], on: hub.owner)
        func tables() throws -> [String] {
            let rows = try hub.owner.query("SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = 'twinhub_twin' ORDER BY 1")
            return (0..<rows.count).compactMap { rows.text($0, 0) }
        }
        #expect(try tables() == ["hub.twin_change", "twin_g1.building_claim"])
        try projector.rebuild()
        #expect(try tables() == ["hub.twin_change", "twin_g2.building_claim"])
        // Changes of a published table need an identity.
        try hub.append("map", ["building/1"], payload: #"{"name":"Renamed"}"#)
        try projector.once()
        let error = #expect(throws: OperationsError.self) { try Replication.publish(["building"], on: hub.owner) }
        #expect(error?.description.contains("building_claim") == true)
        try Replication.unpublish(["building_claim"], on: hub.owner)
        #expect(try tables() == ["hub.twin_change"])
    }
}

/// Reads what pg_recvlogical writes of pgoutput's protocol, version 1 (PostgreSQL documentation, "Logical Replication Message Formats"):
/// each message and a line's end.
private struct PgOutput {
    /// Those that rows were told of; of a partition the relation alone is told.
    private(set) var tables: Set<String> = []
    private(set) var rows: [[String: String]] = []

    init(_ bytes: [UInt8]) {
        var at = 0
        var columns: [UInt32: [String]] = [:]
        var names: [UInt32: String] = [:]
        func integer(_ count: Int) -> UInt64 {
            defer { at += count }
            return bytes[at..<at + count].reduce(0) { $0 << 8 | UInt64($1) }
        }
        func string() -> String {
            let end = bytes[at...].firstIndex(of: 0) ?? bytes.count
            defer { at = end + 1 }
            return String(decoding: bytes[at..<end], as: UTF8.self)
        }
        while at < bytes.count {
            let kind = UInt8(integer(1))
            switch kind {
            case UInt8(ascii: "B"): at += 20
            case UInt8(ascii: "C"): at += 25
            case UInt8(ascii: "R"):
                let id = UInt32(integer(4))
                names[id] = string() + "." + string()
                at += 1
                columns[id] = (0..<integer(2)).map { _ in
                    at += 1
                    let name = string()
                    at += 8
                    return name
                }
            case UInt8(ascii: "I"):
                let id = UInt32(integer(4))
                at += 1
                let count = Int(integer(2))
                var row: [String: String] = [:]
                for index in 0..<count where UInt8(integer(1)) == UInt8(ascii: "t") {
                    let length = Int(integer(4))
                    row[columns[id]?[index] ?? ""] = String(decoding: bytes[at..<at + length], as: UTF8.self)
                    at += length
                }
                rows.append(row)
                tables.insert(names[id] ?? "")
            default: return
            }
            at += 1
        }
    }
}
