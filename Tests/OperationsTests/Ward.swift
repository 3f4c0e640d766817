import EventLog
import Foundation
import PostgresClient

@testable import Operations

/// A small, healthy hub on a durable server of its own.
final class Ward {
    let scratch: ScratchServer
    let home: HubHome
    let conninfo: String
    let owner: Connection
    let source: Sources.Registered
    let writer: BatchWriter
    /// Under the source's role; the writer's.
    let sourceConnection: Connection
    private let folder: String

    init() throws {
        folder = "/tmp/twinhub-ward-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        home = try HubHome(clone: folder)
        scratch = try ScratchServer(isDurable: true)
        conninfo = scratch.server.conninfo()
        owner = try Connection(conninfo)
        try Migrations.apply(on: owner, leafSize: 100)
        source = try Sources.register(.init(name: "a", uri: "urn:a", department: "test"), on: owner)
        sourceConnection = try Connection(scratch.server.conninfo(user: source.role))
        writer = try BatchWriter(sourceConnection)
        try writer.acquireLease(holder: "test")
        for _ in 0..<5 { _ = try writer.commit(Self.batch(of: 90)) }
        try run(.done)
        _ = try Leaves(owner).sealDue()
        try LastVerification.note(ChainVerifier(owner).heads(), home, on: owner)
        try writePrivateText(String(repeating: "k", count: 32), to: keyFile)
        try KeyFiles(home).note(on: owner)
        try owner.execute(
            """
            INSERT INTO hub.checkpoint (projector, position) SELECT 'twin', hub.settled();
            INSERT INTO hub.backup (name, taken_at, position, bytes, folder, rehearsed_at, rehearsal_seconds) VALUES ('first', now(), 450, 1, '/', now(), 2)
            """)
    }

    deinit {
        for path in [folder, home.state, home.server.sockets] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// A run of the source, as far as it is noted.
    func run(_ outcome: Runs.End.Outcome) throws {
        try Runs.finish(Runs.begin(adapterVersion: "1", on: sourceConnection), Runs.End(outcome), on: sourceConnection)
    }

    var keyFile: String { home.keys + "/pseudonym.key" }

    var examination: Doctor.Examination { Doctor.Examination(home, connection: owner, isEmbedded: true, environment: [:]) }

    func look(at condition: String, _ examination: Doctor.Examination) -> Doctor.Finding? {
        Doctor.examine(examination, conditions: Doctor.conditions.filter { $0.name == condition }).first
    }

    static func batch(of count: Int, read: Int = 0, refused: Int = 0) -> Batch {
        var batch = Batch(adapterVersion: "1", input: "test")
        batch.events = (0..<count).map { NewEvent(type: "building.described", subject: "building/\($0)", occurredAt: nil, payload: Array("{}".utf8)) }
        batch.counters.read = read
        batch.counters.refused = refused
        return batch
    }
}
