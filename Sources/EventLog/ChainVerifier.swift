import PostgresClient

/// Recomputes the chain of digests from the facts as they stand, and names what does not fit.
///
/// Against the database's owner, who could compute a new chain, only a head that was pinned elsewhere proves anything: see `heads`.
package struct ChainVerifier {
    /// Something that does not fit.
    package struct Finding: Sendable, Hashable, CustomStringConvertible {
        package enum Rule: String, Sendable {
            /// The facts of the batch, as they stand, do not give the recorded digest.
            case digest
            /// The number of facts is not the recorded one.
            case count
            /// First or last position differ from the recorded ones.
            case positions
            /// The batch does not follow on the one before: one was removed, added or moved.
            case link
            /// Facts that belong to no recorded batch.
            case orphans
            /// The head differs from the one that was pinned.
            case head
        }

        package let rule: Rule
        package let source: String
        package let batch: Int64?
        package let message: String

        package var description: String {
            "\(source)\(batch.map { ", batch \($0)" } ?? ""): \(message)"
        }
    }

    /// What was checked, and what was found.
    package struct Report: Sendable {
        package var batches = 0
        package var events = 0
        /// Bytes of subjects and payloads.
        package var bytes = 0
        /// Batches whose facts could not be read, since they lie in archived partitions: only their place in the chain was checked.
        package var unread = 0
        /// The archived partitions that were not read.
        package var unreadLeaves: [String] = []
        package var findings: [Finding] = []
    }

    /// The last batch of a source: pin it elsewhere.
    package struct Head: Sendable, Hashable, Codable {
        package let source: String
        package let batch: Int64
        package let lastPosition: Int64?
        /// Hexadecimal.
        package let digest: String
    }

    private struct Recorded {
        let id: Int64
        let source: Int32
        let digest: [UInt8]
        let header: BatchDigest.Header
    }

    private let connection: Connection

    /// - Parameter connection: with SELECT on the log.
    package init(_ connection: Connection) { self.connection = connection }

    /// The head of each source's chain.
    package func heads() throws(PostgresError) -> [Head] {
        let rows = try connection.query(
            """
            SELECT DISTINCT ON (s.name) s.name, b.id, b.last_position, encode(b.digest, 'hex')
              FROM hub.batch b JOIN hub.source s ON s.id = b.source_id ORDER BY s.name, b.id DESC
            """)
        return (0..<rows.count).map {
            Head(source: rows.text($0, 0) ?? "", batch: rows.int($0, 1) ?? 0, lastPosition: rows.int($0, 2), digest: rows.text($0, 3) ?? "")
        }
    }

    /// Checks batches and the facts in them.
    /// - Parameters:
    ///   - source: only this source's; nil for all.
    ///   - from: only batches with facts at or above this position; the link to the batch before is checked all the same.
    ///   - pinned: heads that were noted earlier: each must still stand in its source's chain.
    ///   - archives: a folder with files of archived partitions, which are then read too.
    ///   - progress: called now and then.
    package func verify(
        source: String? = nil, from: Int64 = 0, pinned: [Head] = [], archives: String? = nil, progress: (Report) throws -> Void = { _ in }
    ) throws -> Report {
        var report = Report()
        let horizon = try SettledReader(connection).horizon()
        let recorded = try readBatches(source: source, upTo: horizon)
        checkLinks(recorded, &report)
        checkPins(pinned, recorded, source: source, &report)
        let archived = try archivedLeaves()
        var wanted = recorded.filter { ($0.header.lastPosition ?? -1) >= from || from == 0 }
        let missing = archived.filter { !$0.isHere && archives == nil && $0.lastPosition >= from }
        // What is left of them can be read and counted by nobody; it must stand where they do.
        var unread: [Int64: ClosedRange<Int64>] = [:]
        wanted.removeAll { batch in
            guard let first = batch.header.firstPosition, let last = batch.header.lastPosition, first <= last,
                missing.contains(where: { $0.firstPosition <= last && $0.lastPosition >= first })
            else { return false }
            unread[batch.id] = first...last
            return true
        }
        report.unread = unread.count
        report.unreadLeaves = missing.map(\.name)
        let walk = FactWalk(connection, archived: archived, missing: Set(missing.map(\.name)), folder: archives)
        try checkFacts(wanted, unread: unread, source: source, from: from, upTo: horizon, walk, &report, progress)
        guard try archivedLeaves().map(\.name) == archived.map(\.name) else {
            throw LogError(.archived, "A partition was archived or restored meanwhile. Verify again.")
        }
        return report
    }

    private func archivedLeaves() throws(PostgresError) -> [Leaf] {
        try Leaves(connection).list().filter { $0.isArchived && !$0.isAttached }
    }

    private func readBatches(source: String?, upTo horizon: Int64) throws(PostgresError) -> [Recorded] {
        let rows = try connection.query(
            """
            SELECT b.id, b.source_id, b.digest, b.previous_digest, s.name, b.adapter_version, b.input_digest, b.first_position, b.last_position,
                   b.events, b.recorded_at
              FROM hub.batch b JOIN hub.source s ON s.id = b.source_id
             WHERE ($1::text IS NULL OR s.name = $1) AND coalesce(b.last_position, 0) <= $2
             ORDER BY b.source_id, b.id
            """, [.text(source), .int(horizon)])
        return (0..<rows.count).map { row in
            Recorded(
                id: rows.int(row, 0) ?? 0, source: Int32(rows.int(row, 1) ?? 0), digest: rows.bytes(row, 2) ?? [],
                header: BatchDigest.Header(
                    previous: rows.bytes(row, 3) ?? [], source: rows.text(row, 4) ?? "", adapterVersion: rows.text(row, 5) ?? "",
                    inputDigest: rows.bytes(row, 6), firstPosition: rows.int(row, 7), lastPosition: rows.int(row, 8),
                    events: Int(rows.int(row, 9) ?? 0), recordedAt: rows.timestamp(row, 10) ?? Timestamp(microseconds: 0)))
        }
    }

    private func checkLinks(_ batches: [Recorded], _ report: inout Report) {
        var heads: [Int32: [UInt8]] = [:]
        for batch in batches {
            if batch.header.previous != heads[batch.source] ?? BatchDigest.genesis {
                report.findings.append(
                    Finding(
                        rule: .link, source: batch.header.source, batch: batch.id,
                        message: "does not follow on the batch before it: one was removed, added or changed."))
            }
            heads[batch.source] = batch.digest
        }
    }

    private func checkPins(_ pinned: [Head], _ batches: [Recorded], source: String?, _ report: inout Report) {
        for head in pinned where source == nil || head.source == source {
            let stands = batches.contains { $0.id == head.batch && $0.header.source == head.source && $0.digest.hexadecimal == head.digest }
            if !stands {
                report.findings.append(
                    Finding(rule: .head, source: head.source, batch: head.batch, message: "the head that was pinned no longer stands in the chain."))
            }
        }
    }

    /// The facts lie in the order of positions, several sources' batches between each other: one open digest a batch.
    /// - Parameter unread: batches whose facts are not all read, and where they stand.
    private func checkFacts(
        _ batches: [Recorded], unread: [Int64: ClosedRange<Int64>], source: String?, from: Int64, upTo horizon: Int64, _ walk: FactWalk, _ report: inout Report,
        _ progress: (Report) throws -> Void
    ) throws {
        let types = try Catalog.types(on: connection)
        let open = Dictionary(uniqueKeysWithValues: batches.map { ($0.id, OpenDigest($0)) })
        var orphans: [Int32: (count: Int, position: Int64)] = [:]
        let catalog = try Catalog(on: connection)
        let wanted = source.map { name in Set(catalog.sources.values.filter { $0.name == name }.map(\.id)) }
        let first = batches.compactMap(\.header.firstPosition).min().map { from == 0 ? 1 : min(from, $0) } ?? max(from, 1)
        // A batch's facts mostly stand together.
        var last: OpenDigest?
        try walk.read(after: first - 1, upTo: horizon) { event in
            if let wanted, !wanted.contains(event.sourceID) { return }
            if last?.batch.id != event.batchID { last = open[event.batchID] }
            guard let digest = last, digest.batch.source == event.sourceID else {
                if event.position >= from, unread[event.batchID]?.contains(event.position) != true { orphans[event.sourceID, default: (0, event.position)].count += 1 }
                return
            }
            digest.add(event, type: types[event.typeID] ?? EventType(name: "unknown", version: 0))
            report.events += 1
            report.bytes += event.subject.count + event.payload.count
            if report.events % 100_000 == 0 { try progress(report) }
        }
        for batch in batches {
            report.batches += 1
            open[batch.id].map { report.findings += $0.findings() }
        }
        for (id, orphan) in orphans.sorted(by: { $0.key < $1.key }) {
            report.findings.append(
                Finding(
                    rule: .orphans, source: catalog.sources[id]?.name ?? "source \(id)", batch: nil,
                    message: "\(orphan.count) facts from position \(orphan.position) on belong to no recorded batch."))
        }
    }

    /// A batch whose facts are being read. Holds a hash's memory only from its first fact to its last: a log has many batches, of which few
    /// lie between each other.
    private final class OpenDigest {
        let batch: Recorded
        private var digest: BatchDigest?
        private var computed: [UInt8]?
        private var events = 0
        private var first: Int64?
        private var last: Int64?

        init(_ batch: Recorded) { self.batch = batch }

        func add(_ event: StoredEvent, type: EventType) {
            if events == 0 { digest = BatchDigest() }
            digest?.add(type: type, occurredAt: event.occurredAt, causedBy: event.causedBy, subject: event.subject, payload: event.payload)
            digest?.add(position: event.position)
            events += 1
            first = first ?? event.position
            last = event.position
            // One that follows nevertheless is one too many, or in the place of another: number and positions tell.
            if let end = batch.header.lastPosition, event.position >= end { close() }
        }

        private func close() {
            computed = computed ?? digest?.finish(batch.header)
            digest = nil
        }

        func findings() -> [Finding] {
            func finding(_ rule: Finding.Rule, _ message: String) -> Finding {
                Finding(rule: rule, source: batch.header.source, batch: batch.id, message: message)
            }
            let header = batch.header
            if events != header.events { return [finding(.count, "\(events) facts stand where \(header.events) were recorded.")] }
            if first != header.firstPosition || last != header.lastPosition {
                return [finding(.positions, "its facts stand at other positions than recorded.")]
            }
            if events == 0 { digest = BatchDigest() }
            close()
            if computed != batch.digest { return [finding(.digest, "its facts, or what is recorded of it, were changed.")] }
            return []
        }
    }
}
