import Foundation
import PostgresClient
import Projections

/// Which reports are of one incident: kept in tables, and brought up to date after the links to buildings are.
///
/// What is found depends on the cases, their buildings and the stewards' decisions as they are now, never on the order of arrival: a pair's
/// judgement on its two reports alone, and the incidents of a component of links on its links alone. So it is enough to compare anew what changed
/// (and the members of blocks that became too large to count, or small enough), and to gather the components that it is or was in.
enum IncidentLinks {
    private static let pairColumns = ["left_id", "right_id", "band", "probability", "evidence"]

    // MARK: All

    /// All of a rebuild's, when cases and buildings are linked.
    static var everything: [[Work]] {
        [
            [Work { try rebuild(on: $0) }],
            TwinSQL.incidentIndexes.map { statement in Work { try $0.execute(statement) } },
        ]
    }

    private static func rebuild(on connection: Connection) throws {
        var pairs = IncidentPairs(try decisions(on: connection))
        try writePlaces(of: "SELECT c.id FROM case_claim c", into: "incident_place", on: connection)
        let known = TwinSQL.derive("incident_known_places").replacing("{places}", with: "incident_place")
        for statement in ["INSERT INTO place_building \(known)"] + TwinSQL.placeIndexes + ["ANALYZE incident_place", "ANALYZE place_building"] { try connection.execute(statement) }
        try load("SELECT c.id FROM case_claim c", into: &pairs, on: connection)
        try writeBlocks(of: pairs, into: "incident_block", on: connection)
        var judged: [IncidentPairs.Judged] = []
        var copy = pairs
        pairs.forEachCandidate { left, right in
            let decision = pairs.resolver.decisions.decision(pairs.reports[left].id, pairs.reports[right].id)
            if decision == nil, let found = copy.judge(rows: left, right) { judged.append(found) }
        }
        for pair in pairs.resolver.decisions.pairs {
            if let found = copy.judge(pair.left.text, pair.right.text) { judged.append(found) }
        }
        try write(judged, on: connection)
        try write(pairs.gather(Set(judged.filter { $0.strength != nil }.flatMap { [$0.left, $0.right] }), judged), on: connection)
        try connection.execute("ANALYZE incident_block; ANALYZE incident_pair; ANALYZE incident_member")
    }

    // MARK: What a batch touched

    /// - Parameter isDecided: whether a steward decided something in the batch. The temporary table `affected` says which cases are touched.
    static func update(isDecided: Bool, on connection: Connection) throws {
        try connection.execute(TwinSQL.derive("incident_touched"))
        if isDecided { try connection.execute(TwinSQL.derive("incident_decided")) }
        guard try connection.query("SELECT EXISTS (SELECT FROM touched_report)").bool(0, 0) else { return }
        let decisions = try decisions(on: connection)
        try writePlaces(of: "SELECT t.id FROM touched_report t", into: "new_place", on: connection)
        let told = "(SELECT p.* FROM told_place t JOIN incident_place p USING (place))"
        try connection.execute(
            TwinSQL.derive("incident_places").replacing("{known}", with: TwinSQL.derive("incident_known_places").replacing("{places}", with: told)))
        // Blocks first: whose block grew beyond the limit, or back below it, is compared anew as well.
        var changed = IncidentPairs(decisions)
        try load("SELECT t.id FROM touched_report t", into: &changed, on: connection)
        try writeBlocks(of: changed, into: "new_block", on: connection)
        try connection.execute(TwinSQL.derive("incident_blocks").replacing("{limit}", with: "\(IncidentRules.largestBlock)"))
        try compare(decisions, on: connection)
        try gather(decisions, on: connection)
    }

    /// Judges the touched reports and their partners anew.
    private static func compare(_ decisions: StewardDecisions, on connection: Connection) throws {
        let rows = try connection.query(TwinSQL.derive("incident_candidates").replacing("{limit}", with: "\(IncidentRules.largestBlock)"))
        var candidates: [(String, String)] = (0..<rows.count).compactMap { row in
            guard let a = rows.text(row, 0), let b = rows.text(row, 1) else { return nil }
            return (a, b)
        }
        var pairs = IncidentPairs(decisions)
        try load("SELECT t.id FROM touched_report t UNION SELECT t.partner FROM candidate t", into: &pairs, on: connection)
        let touched = Set(try texts("SELECT id FROM touched_report", on: connection).map(ClaimID.init))
        candidates.removeAll { decisions.decision($0.0, $0.1) != nil }
        let decided = decisions.pairs.filter { touched.contains($0.left) || touched.contains($0.right) }.map { ($0.left.text, $0.right.text) }
        // The other side of a decision may share no block.
        let missing = decided.flatMap { [$0.0, $0.1] }.filter { !pairs.contains($0) }
        if !missing.isEmpty {
            try connection.copyRows(into: "candidate", ["id", "partner"]) { rows, sent in
                for id in missing {
                    rows.row(columns: 2)
                    rows.text(id)
                    rows.text(id)
                    try sent(&rows)
                }
            }
            try load("SELECT DISTINCT t.partner FROM candidate t", into: &pairs, on: connection)
        }
        var judged: [IncidentPairs.Judged] = []
        for (a, b) in candidates + decided {
            if let found = pairs.judge(a, b) { judged.append(found) }
        }
        try write(judged, on: connection)
    }

    /// Gathers the components anew that the touched reports are in, or were.
    private static func gather(_ decisions: StewardDecisions, on connection: Connection) throws {
        try connection.execute(TwinSQL.derive("incident_components"))
        var pairs = IncidentPairs(decisions)
        try load("SELECT m.id FROM component m", into: &pairs, on: connection)
        let rows = try connection.query(
            """
            SELECT p.left_id, p.right_id, p.band, p.probability FROM component m JOIN incident_pair p ON p.left_id = m.id
             WHERE p.band IN ('link', 'merged')
            """)
        let linked: [IncidentPairs.Judged] = (0..<rows.count).compactMap { row in
            guard let left = rows.text(row, 0), let right = rows.text(row, 1), let band = rows.text(row, 2).flatMap(IncidentPairs.Judged.Band.init),
                let probability = rows.text(row, 3).flatMap(Double.init)
            else { return nil }
            return .init(left: left, right: right, band: band, probability: probability, evidence: "")
        }
        try write(pairs.gather(pairs.reports.map(\.id), linked), on: connection)
    }

    // MARK: Tables

    /// Adds the reports among some cases: those that are there, described, and dated.
    static func load(_ ids: String, into pairs: inout IncidentPairs, on connection: Connection) throws {
        var reader = ReportReader()
        try connection.copyOut("COPY (\(TwinSQL.derive("incident_reports").replacing("{ids}", with: ids))) TO STDOUT (FORMAT binary)") { message in
            var row = BinaryRow(message)
            guard row.columns == 9, let id = row.text(), let received = row.int8() else { return }
            let category = row.text(), subcategory = row.text(), description = row.text(), address = row.text(), building = row.text()
            let longitude = row.double(), latitude = row.double()
            pairs.add(
                IncidentReport(
                    .init(
                        id: id, received_us: received, category: category, subcategory: subcategory, description: description, address: address, building: building,
                        longitude: longitude, latitude: latitude), &reader))
        }
    }

    /// The places that the addresses of some cases name.
    private static func writePlaces(of ids: String, into table: String, on connection: Connection) throws {
        var reader = ReportReader(), places: [(id: String, rank: Int16, place: Int64)] = []
        try connection.copyOut(
            """
            COPY (SELECT c.id, c.address FROM (\(ids)) i (id)
                    JOIN case_claim c ON c.id = i.id AND NOT c.removed AND c.position > 0 AND c.occurred_at IS NOT NULL AND c.address IS NOT NULL)
              TO STDOUT (FORMAT binary)
            """
        ) { message in
            var row = BinaryRow(message)
            guard row.columns == 2, let id = row.text() else { return }
            places += reader.places(row.text()).map { (id, $0.rank, $0.place) }
        }
        try connection.copyRows(into: table, ["place", "rank", "case_id"]) { rows, sent in
            for place in places {
                rows.row(columns: 3)
                rows.int8(place.place)
                rows.int2(place.rank)
                rows.text(place.id)
                try sent(&rows)
            }
        }
    }

    /// All reports of the twin that is read, as if no steward had decided anything.
    static func allReports(on connection: Connection) throws -> IncidentPairs {
        var pairs = IncidentPairs(StewardDecisions())
        try connection.transaction { connection in
            guard let number = try connection.query("SELECT number FROM twin.generation").int(0, 0) else { return }
            try connection.execute("SET LOCAL search_path = twin_g\(number), public")
            try load("SELECT c.id FROM case_claim c", into: &pairs, on: connection)
        }
        return pairs
    }

    private static func writeBlocks(of pairs: IncidentPairs, into table: String, on connection: Connection) throws {
        try connection.copyRows(into: table, ["block", "case_id"]) { rows, sent in
            for report in pairs.reports {
                for block in report.blocks {
                    rows.row(columns: 2)
                    rows.int8(block)
                    rows.text(report.id)
                    try sent(&rows)
                }
            }
        }
    }

    private static func write(_ judged: [IncidentPairs.Judged], on connection: Connection) throws {
        try connection.copyRows(into: "incident_pair", pairColumns) { rows, sent in
            for pair in judged {
                rows.row(columns: Int16(pairColumns.count))
                rows.text(pair.left)
                rows.text(pair.right)
                rows.text(pair.band.rawValue)
                rows.double(pair.probability)
                rows.text(pair.evidence)
                try sent(&rows)
            }
        }
    }

    private static func write(_ members: [(report: String, incident: String)], on connection: Connection) throws {
        try connection.copyRows(into: "incident_member", ["case_id", "incident_id"]) { rows, sent in
            for member in members {
                rows.row(columns: 2)
                rows.text(member.report)
                rows.text(member.incident)
                try sent(&rows)
            }
        }
    }

    private static func texts(_ sql: String, on connection: Connection) throws -> [String] {
        let rows = try connection.query(sql)
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }

    /// The stewards' last word on each pair.
    static func decisions(on connection: Connection) throws -> StewardDecisions {
        let rows = try connection.query("SELECT first_case, second_case, verdict FROM incident_decision")
        var decisions = StewardDecisions()
        for row in 0..<rows.count {
            guard let first = rows.text(row, 0), let second = rows.text(row, 1) else { continue }
            if rows.text(row, 2) == "merged" { decisions.merge(first, second) } else { decisions.split(first, second) }
        }
        return decisions
    }
}

/// What the weights would be by the reports of one twin of which it is known which are of one incident: how the shipped ones were made.
package enum IncidentWeights {
    /// - Parameter same: pairs of cases that are reports of one incident.
    /// - Returns: JSON as `Schemas/incidents/weights.json` has it; and how pairs agree, the surest first.
    package static func learned(
        from same: [(String, String)], on connection: Connection
    ) throws -> (json: String, patterns: [(levels: [Int], probability: Double, pairs: Int, same: Int)]) {
        let pairs = try IncidentLinks.allReports(on: connection)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let learned = pairs.learned(from: same)
        return (String(decoding: try encoder.encode(learned), as: UTF8.self), pairs.patterns(learned, same))
    }
}
