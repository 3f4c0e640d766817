import EventLog
import PostgresClient

@testable import DigitalTwin
@testable import Projections
@testable import TwinReference

/// Looks at a hub, at any moment when no adapter runs, and says which invariants do not hold.
final class Examination {
    private let sources: [any GeneratedSource]
    /// Heads of the chain as they were: what was committed stays.
    private var heads: [ChainVerifier.Head] = []

    init(_ sources: [any GeneratedSource]) { self.sources = sources }

    /// - Parameters:
    ///   - connection: of the hub's owner, READ COMMITTED.
    ///   - follower: has read along.
    func violations(on connection: Connection, follower: Follower?) throws -> [Violation] {
        let log = try LogFacts(on: connection)
        return try recordsOnce(log, on: connection) + order(on: connection) + (follower?.violations(log: log) ?? []) + chain(on: connection)
            + twin(on: connection)
    }

    // MARK: Every accepted record once

    private func recordsOnce(_ log: LogFacts, on connection: Connection) throws -> [Violation] {
        // News of columns are facts about the source, not about a record.
        let facts = Dictionary(grouping: log.facts.filter { $0.type != "source.drifted" }) { log.names[$0.source] ?? "" }
        let unknown = facts.keys.filter { name in !sources.contains { $0.name == name } }.map {
            Violation(.everyRecordOnce, "facts of a source that nobody delivers: \($0)")
        }
        return unknown + sources.flatMap { $0.violations(of: (facts[$0.name] ?? []).map(TellableFact.init)) } + (try refused(on: connection))
    }

    /// Refused rows stand in the quarantine, once each.
    private func refused(on connection: Connection) throws -> [Violation] {
        try sources.compactMap { source in
            let rows = try connection.query(
                "SELECT count(*) FROM hub.quarantine q JOIN hub.source s ON s.id = q.source_id WHERE s.name = $1", [.text(source.name)])
            let found = Int(rows.int(0, 0) ?? -1)
            if source.isConfirmed ? found == source.refusedRows : found <= source.refusedRows { return nil }
            return Violation(.everyRecordOnce, "\(source.name): \(found) refused rows in the quarantine, \(source.refusedRows) were delivered")
        }
    }

    // MARK: Positions in order

    /// A source's later batches stand above its earlier ones.
    private func order(on connection: Connection) throws -> [Violation] {
        let rows = try connection.query(
            """
            SELECT s.name, f.position, f.batch_id, f.before
              FROM (SELECT source_id, position, batch_id, lag(batch_id) OVER (PARTITION BY source_id ORDER BY position) AS before FROM hub.event) f
              JOIN hub.source s ON s.id = f.source_id WHERE f.batch_id < f.before ORDER BY f.position LIMIT 3
            """)
        return (0..<rows.count).map { row in
            Violation(
                .positionsInOrder,
                "\(rows.text(row, 0) ?? ""): position \(rows.text(row, 1) ?? "") is of batch \(rows.text(row, 2) ?? ""), the fact before of batch \(rows.text(row, 3) ?? "")")
        }
    }

    // MARK: The chain

    private func chain(on connection: Connection) throws -> [Violation] {
        let verifier = ChainVerifier(connection)
        let findings = try verifier.verify(pinned: heads).findings
        heads = try verifier.heads()
        return findings.prefix(3).map { Violation(.chainValid, "\($0)") }
    }

    // MARK: The twin

    /// What can be read is what the reference fold and a rebuild make of the facts up to the checkpoint.
    private func twin(on connection: Connection) throws -> [Violation] {
        // Checkpoint and views of one moment: a projector may be at work.
        let read = try connection.transaction { _ -> (position: Int64, rows: [String], told: [String])? in
            try connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            guard let position = try connection.query("SELECT position FROM hub.checkpoint WHERE projector = 'twin'").int(0, 0) else { return nil }
            let told = try ToldChanges.differences(ToldKind.all.map { ($0.name, $0.rows(of: "twin")) }, isComplete: false, on: connection)
            return (position, try TwinRows.read("twin", on: connection).sorted(), told)
        }
        guard let read else { return [] }
        let expected = try LogFacts(on: connection, upTo: read.position).twinRows()
        let found = Self.difference("the twin up to \(read.position)", read.rows, expected)
            + read.told.prefix(1).map { Violation(.twinEqual, "what was told of the twin up to \(read.position): \($0)") }
        let projector = Projector(connection) { TwinProjection() }
        // A server that fell during an earlier look left it behind.
        try projector.dropBuilt(schema: "examined")
        do {
            try projector.build(asOf: read.position, schema: "examined")
        } catch let error as ProjectionError {
            return found + [Violation(.twinEqual, "no rebuild up to \(read.position): \(error.message)")]
        }
        let rebuilt = try TwinRows.read("examined", on: connection).sorted()
        try projector.dropBuilt(schema: "examined")
        return found + Self.difference("a rebuild up to \(read.position)", rebuilt, expected)
    }

    static func difference(_ what: String, _ rows: [String], _ expected: [String]) -> [Violation] {
        guard rows != expected else { return [] }
        let missing = Set(expected).subtracting(rows), surplus = Set(rows).subtracting(expected)
        return [
            Violation(
                .twinEqual,
                """
                \(what): \(missing.count) rows of the reference are missing, \(surplus.count) are not the reference's, such as
                \((missing.sorted().prefix(2).map { "- " + $0 } + surplus.sorted().prefix(2).map { "+ " + $0 }).joined(separator: "\n"))
                """)
        ]
    }
}
