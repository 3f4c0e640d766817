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

    /// All of a rebuild's, when cases and buildings are linked: places and blocks of all reports, and then works that may run at the same time.
    static var everything: (reports: Work, comparison: [Work]) {
        let found = Found()
        let blocks = (TwinSQL.blockIndexes + TwinSQL.analysis(of: ["incident_block", "incident_case"])).joined(separator: ";")
        return (Work { found.pairs = try writeReports(on: $0) }, [Work { try compareAll(found, on: $0) }, Work { try $0.execute(blocks) }])
    }

    /// What one step of a rebuild leaves to the next.
    private final class Found {
        var pairs: IncidentPairs?
    }

    /// Places and blocks of all reports.
    private static func writeReports(on connection: Connection) throws -> IncidentPairs {
        var pairs = IncidentPairs(try decisions(on: connection))
        try writePlaces(of: .all, read: &pairs.reader, into: "incident_place", on: connection)
        try writeClaimPlaces(of: "SELECT b.id FROM building_claim b", read: &pairs.reader, into: "claim_place", on: connection)
        let known = knownPlaces(claims: "claim_place", reports: "incident_place")
        let analysis = TwinSQL.analysis(of: ["incident_place", "claim_place", "place_building"])
        try connection.execute((["INSERT INTO place_building \(known)"] + TwinSQL.placeIndexes + analysis).joined(separator: ";"))
        try load(.all, into: &pairs, on: connection)
        try writeBlocks(of: pairs, on: connection)
        return pairs
    }

    private static func compareAll(_ found: Found, on connection: Connection) throws {
        guard let pairs = found.pairs else { return }
        found.pairs = nil
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
        try connection.execute((TwinSQL.incidentIndexes + TwinSQL.analysis(of: ["incident_pair", "incident_member"])).joined(separator: ";"))
    }

    // MARK: What a batch touched

    /// - Parameter isDecided: whether a steward decided something in the batch. The temporary table `affected` says which cases are touched.
    static func update(isDecided: Bool, on connection: Connection) throws {
        try connection.execute(TwinSQL.derive("incident_touched"))
        if isDecided { try connection.execute(TwinSQL.derive("incident_decided")) }
        guard try connection.query("SELECT EXISTS (SELECT FROM touched_report) OR EXISTS (SELECT FROM touched_claim)").bool(0, 0) else { return }
        var pairs = IncidentPairs(try decisions(on: connection))
        try writePlaces(of: .few("SELECT t.id FROM touched_report t"), read: &pairs.reader, into: "new_place", on: connection)
        try writeClaimPlaces(of: "SELECT t.id FROM touched_claim t", read: &pairs.reader, into: "new_claim_place", on: connection)
        func told(_ table: String) -> String { "(SELECT p.* FROM told_place t JOIN \(table) p USING (place))" }
        let known = knownPlaces(claims: told("claim_place"), reports: told("incident_place"))
        try connection.execute(TwinSQL.derive("incident_places").replacing("{known}", with: known))
        guard try connection.query("SELECT EXISTS (SELECT FROM touched_report)").bool(0, 0) else { return }
        try loadFew("SELECT t.id FROM touched_report t", into: &pairs, on: connection)
        // Blocks first: whose block grew beyond the limit, or back below it, is compared anew as well.
        try connection.execute(TwinSQL.derive("incident_blocks"))
        try writeBlocks(of: pairs, on: connection)
        let (touched, candidates) = try candidates(on: connection)
        try compare(&pairs, touched, candidates, on: connection)
        try gather(&pairs, on: connection)
    }

    /// Forgets what was said of all who are touched, now that blocks are other ones.
    /// - Returns: who is touched, and who is to be compared.
    private static func candidates(on connection: Connection) throws -> (touched: Set<ClaimID>, candidates: Set<ClaimPair>) {
        let touched = Set(try texts("SELECT id FROM touched_report", on: connection).map(ClaimID.init))
        var blocks: [Int64: [ClaimID]] = [:], resized: Set<ClaimID> = []
        try connection.copyOut("COPY (\(limited("incident_members"))) TO STDOUT (FORMAT binary)") { message in
            var row = BinaryRow(message)
            guard row.columns == 4, let block = row.int8(), let isLarge = row.cell()?.first, let isResized = row.cell()?.first, let id = row.text().map(ClaimID.init)
            else { return }
            if isResized == 1 { resized.insert(id) }
            if isLarge == 0 { blocks[block, default: []].append(id) }
        }
        var candidates: Set<ClaimPair> = []
        for members in blocks.values {
            for (place, id) in members.enumerated() where touched.contains(id) {
                for (other, partner) in members.enumerated() where other != place { candidates.insert(ClaimPair(id, partner)) }
            }
        }
        resized.subtract(touched)
        if !resized.isEmpty {
            try connection.execute("INSERT INTO touched_report SELECT u.id, false FROM (\(among(resized))) u")
            let rows = try connection.query(limited("incident_candidates"))
            for row in 0..<rows.count { if let a = rows.text(row, 0), let b = rows.text(row, 1) { candidates.insert(ClaimPair(ClaimID(a), ClaimID(b))) } }
        }
        try connection.execute(TwinSQL.derive("incident_forget"))
        return (touched.union(resized), candidates)
    }

    private static func limited(_ name: String) -> String { TwinSQL.derive(name).replacing("{limit}", with: "\(IncidentRules.largestBlock)") }

    /// A statement that gives some ids.
    private static func among(_ ids: Set<ClaimID>) -> String { "SELECT i.id FROM unnest(\(SQL.literal(SQL.array(ids.map(\.text))))::text[]) i (id)" }

    /// Judges the touched reports and their partners anew.
    private static func compare(_ pairs: inout IncidentPairs, _ touched: Set<ClaimID>, _ candidates: Set<ClaimPair>, on connection: Connection) throws {
        let decisions = pairs.resolver.decisions
        // The other side of a decision may share no block.
        let asked = Array(candidates.filter { decisions.decision($0.left.text, $0.right.text) == nil })
            + decisions.pairs.filter { touched.contains($0.left) || touched.contains($0.right) }
        try complete(&pairs, with: asked.flatMap { [$0.left, $0.right] }, on: connection)
        var judged: [IncidentPairs.Judged] = []
        for pair in asked {
            if let found = pairs.judge(pair.left.text, pair.right.text) { judged.append(found) }
        }
        try write(judged, on: connection)
    }

    /// Gathers the components anew that the touched reports are in, or were.
    private static func gather(_ pairs: inout IncidentPairs, on connection: Connection) throws {
        try connection.execute(TwinSQL.derive("incident_components"))
        let ids = try texts("SELECT id FROM component", on: connection)
        try complete(&pairs, with: ids.map(ClaimID.init), on: connection)
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
        try write(pairs.gather(ids, linked), on: connection)
    }

    /// Adds those of some reports that are not here yet.
    private static func complete(_ pairs: inout IncidentPairs, with ids: [ClaimID], on connection: Connection) throws {
        let missing = Set(ids.filter { !pairs.contains($0.text) })
        if !missing.isEmpty { try loadFew(among(missing), into: &pairs, on: connection) }
    }

    /// Adds a batch's reports: they are looked up one by one, whatever the planner thinks: to read whole tables for them takes the longer, the larger the town.
    private static func loadFew(_ ids: String, into pairs: inout IncidentPairs, on connection: Connection) throws {
        try connection.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        try load(.few(ids), into: &pairs, on: connection)
        try connection.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
    }

    // MARK: Tables

    /// Which cases are read.
    private enum Cases {
        case all
        /// Those of a statement that gives their ids.
        case few(String)

        /// For FROM; the cases are `c`.
        var tables: String {
            switch self {
            case .all: "case_claim c"
            case .few(let ids): "(\(ids)) i (id) JOIN case_claim c ON c.id = i.id"
            }
        }

        /// Many cases have one building: where all are read its middle is found once.
        var once: String { if case .all = self { "OFFSET 0" } else { "" } }
    }

    /// Adds the reports among some cases: those that are there, described, and dated.
    private static func load(_ cases: Cases, into pairs: inout IncidentPairs, on connection: Connection) throws {
        let reports = TwinSQL.derive("incident_reports").replacing("{cases}", with: cases.tables).replacing("{once}", with: cases.once)
        try connection.copyOut("COPY (\(reports)) TO STDOUT (FORMAT binary)") { message in
            var row = BinaryRow(message)
            guard row.columns == 9, let id = row.text(), let received = row.int8() else { return }
            let category = row.text(), subcategory = row.text(), description = row.text(), address = row.text(), building = row.text()
            let longitude = row.double(), latitude = row.double()
            let report = IncidentReport(
                .init(
                    id: id, received_us: received, category: category, subcategory: subcategory, description: description, address: address, building: building,
                    longitude: longitude, latitude: latitude), &pairs.reader)
            pairs.add(report)
        }
    }

    /// The places that the addresses of some cases name.
    private static func writePlaces(of cases: Cases, read reader: inout ReportReader, into table: String, on connection: Connection) throws {
        var places: [(id: String, rank: Int16, place: Int64)] = []
        try connection.copyOut(
            """
            COPY (SELECT c.id, c.address FROM \(cases.tables) WHERE NOT c.removed AND c.position > 0 AND c.occurred_at IS NOT NULL AND c.address IS NOT NULL)
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

    /// The places that the claims of some buildings give them.
    private static func writeClaimPlaces(of ids: String, read reader: inout ReportReader, into table: String, on connection: Connection) throws {
        var places: [(id: String, place: Int64)] = []
        try connection.copyOut("COPY (\(TwinSQL.derive("incident_claim_names").replacing("{ids}", with: ids))) TO STDOUT (FORMAT binary)") { message in
            var row = BinaryRow(message)
            guard row.columns == 4, let id = row.text() else { return }
            let name = row.text(), address = row.text(), compound = row.text()?.split(separator: "\n").map(String.init) ?? []
            places += reader.places(name: name, address: address, compound: compound).map { (id, $0) }
        }
        try connection.copyRows(into: table, ["place", "claim_id"]) { rows, sent in
            for place in places {
                rows.row(columns: 2)
                rows.int8(place.place)
                rows.text(place.id)
                try sent(&rows)
            }
        }
    }

    private static func knownPlaces(claims: String, reports: String) -> String {
        TwinSQL.derive("incident_known_places").replacing("{claims}", with: claims).replacing("{reports}", with: reports)
    }

    /// All reports of the twin that is read, as if no steward had decided anything.
    static func allReports(on connection: Connection) throws -> IncidentPairs {
        var pairs = IncidentPairs(StewardDecisions())
        try connection.transaction { connection in
            guard let number = try connection.query("SELECT number FROM twin.generation").int(0, 0) else { return }
            try connection.execute("SET LOCAL search_path = twin_g\(number), public")
            try load(.all, into: &pairs, on: connection)
        }
        return pairs
    }

    /// In the order of the blocks: then their index is soon made, and those of one block are found in one page.
    private static func writeBlocks(of pairs: IncidentPairs, on connection: Connection) throws {
        try connection.copyRows(into: "incident_case", ["case_id", "blocks"]) { rows, sent in
            for report in pairs.reports where !report.blocks.isEmpty {
                rows.row(columns: 2)
                rows.text(report.id)
                rows.int8s(report.blocks)
                try sent(&rows)
            }
        }
        var entries = pairs.reports.indices.flatMap { row in pairs.reports[row].blocks.map { (block: $0, row: row) } }
        entries.sort { ($0.block, $0.row) < ($1.block, $1.row) }
        try connection.copyRows(into: "incident_block", ["block", "case_id"]) { rows, sent in
            for entry in entries {
                rows.row(columns: 2)
                rows.int8(entry.block)
                rows.text(pairs.reports[entry.row].id)
                try sent(&rows)
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
