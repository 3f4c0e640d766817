import Projections
import Schemas

/// The SQL of the history: its tables are those of the twin's claims with a row for each fact, and what reads them is made of the twin's own views, in
/// which tables are replaced by what stood in them at a moment.
enum HistorySQL {
    private static let folder = "sql/history"

    /// Counted up whenever the Swift side gives other rows from the same facts.
    private static let revision = 1

    static let definition = Definition(
        revision: revision, tables: tables, indexes: indexes,
        views: functions + views.flatMap { $0.statements }, areThere: "to_regprocedure('twin.building_at(timestamptz,timestamptz,text)') IS NOT NULL")

    static let analysis = (["SET LOCAL default_statistics_target = 20"] + tableNames.map { "ANALYZE \($0)" }).joined(separator: "; ")

    private static let tableNames = ClaimKind.all.map(\.table) + ["case_step"]
    private static let tables = (["00_claim"] + tableNames).map { file("sql/twin/tables/\($0)") }
    private static let indexes = tableNames.map { table in
        let key = table == "case_step" ? "case_id, step, step_at, position" : "id, position"
        return (["ALTER TABLE \(table) ADD PRIMARY KEY (\(key))"] + [TwinSQL.indexes[table]].compactMap { $0 }).joined(separator: "; ")
    }

    /// In the order of their names: each stands after those that it uses.
    private static let functions = Schemas.files(in: folder).filter { $0.name.first?.isNumber == true }.map { file in
        file.text.replacing("{follows}", with: lifeCycle).replacing("{besides}", with: "{" + CaseLifeCycle.besides.sorted().joined(separator: ",") + "}")
    }

    /// For each state what may follow, as JSON.
    private static let lifeCycle = "{" + CaseLifeCycle.follows.sorted { $0.key < $1.key }.map { state, steps in
        "\"\(state)\": [\(steps.sorted().map { "\"\($0)\"" }.joined(separator: ", "))]"
    }.joined(separator: ", ") + "}"

    private static let views: [HistoryView] = [
        HistoryView("building", of: "building"), HistoryView("building_part", of: "building_part"), HistoryView("entrance", of: "entrance"),
        HistoryView("address", of: "address"), HistoryView("compound", of: "compound"), HistoryView("grid_cell", of: "grid_cell"),
        HistoryView("dwelling", of: "dwelling"), HistoryView("resident", of: "resident"), HistoryView("junction", of: "junction"), HistoryView("tank", of: "tank"),
        HistoryView("reservoir", of: "reservoir"), HistoryView("pipe", of: "pipe"), HistoryView("valve", of: "valve"), HistoryView("pump", of: "pump"),
        HistoryView("sensor", of: "sensor"), HistoryView("camera", of: "camera"), HistoryView("organisation", of: "organisation"), HistoryView("case", of: "case"), HistoryView("alert", of: "alert"),
    ]

    /// The views of which there is a history.
    static let viewNames = views.map(\.name)

    /// A missing file is an error of the server's: it names the file.
    static func file(_ path: String) -> String { Schemas.text("\(path).sql") ?? "SELECT missing_statement_file('\(path)')" }
    static func part(_ name: String) -> String { file("\(folder)/\(name)") }
}

/// One of the twin's views as of a moment: for all things at once and for one.
struct HistoryView {
    let name: String
    /// The kind of claims whose ids are the view's.
    private let kind: String
    /// The view's own statement, over tables without a schema.
    private let body: String
    private let tables: Set<String>
    /// Kinds whose links to buildings it asks for.
    private let linked: Set<String>

    init(_ name: String, of kind: String) {
        self.name = name
        self.kind = kind
        let text = HistorySQL.file("sql/twin/views/\(name)")
        let statement = Self.statement(text)
        tables = Set(statement.matches(of: /\{generation\}\.(\w+)/).map { String($0.1) })
        linked = Set(statement.matches(of: /(?:l|b|s)\.kind = '(\w+)'/).map { String($0.1) })
        // In one go instead of building by building: what stood there at a moment has no index.
        body = statement.replacing("{generation}.", with: "")
            .replacing("CROSS JOIN LATERAL (\n        SELECT count(*) AS claims,", with: "JOIN (\n        SELECT k.building_id AS whole, count(*) AS claims,")
            .replacing("WHERE k.kind = 'building' AND k.building_id = c.id) m", with: "WHERE k.kind = 'building' GROUP BY k.building_id) m ON m.whole = c.id")
    }

    /// What a file's CREATE VIEW selects.
    private static func statement(_ text: String) -> String {
        guard let start = text.firstRange(of: " AS\n"), let end = text[start.upperBound...].firstIndex(of: ";") else { return text }
        return String(text[start.upperBound..<end])
    }

    private var isLinked: Bool { tables.contains("building_link") }
    /// Kinds other than buildings whose links are asked for: all but those that name a claim of a building.
    private var anchors: [String] { linked.subtracting(["building"]).sorted() }
    private var quoted: String { "\"\(name)\"" }

    // MARK: What stood there

    private enum Scope { case all, one }

    private func claims(_ kind: String, _ condition: String?) -> String {
        let condition = condition.map { " AND \($0)" } ?? ""
        return HistorySQL.part("claim").replacing("{kind}", with: kind).replacing("{told}", with: kind == "case" ? Self.toldCases(condition) : "")
            .replacing("{condition}", with: condition)
    }

    /// Cases of which steps alone were told.
    private static func toldCases(_ condition: String) -> String {
        let columns = ClaimKind.caseKind.columns.map { $0.name == "location" ? "NULL::geometry(Point, 4326)" : "NULL" }.joined(separator: ", ")
        return """

                UNION ALL
                SELECT c.id, c.source_id, NULL::timestamptz, '-infinity'::timestamptz, 0, 0, false, \(columns), NULL::bigint
                  FROM (SELECT DISTINCT s.case_id AS id, s.source_id FROM {generation}.case_step s WHERE s.effective_at <= $1 AND s.position <= $2) c
                 WHERE NOT EXISTS (SELECT FROM {generation}.case_claim o WHERE o.id = c.id AND o.effective_at <= $1 AND o.position <= $2)\(condition)
            """
    }

    /// Which claims of the kind are looked at for one thing: SQL over `c`.
    private func chosen(_ kind: String) -> String {
        if kind == self.kind || kind == "alert_end" { return "c.id = $3" }
        return "c.id IN (SELECT a.\(kind)_ref FROM {generation}.\(self.kind)_claim a WHERE a.id = $3)"
    }

    /// The common table expressions before the view's own statement.
    private func expressions(_ scope: Scope) -> [String] {
        let isOne = scope == .one
        var found: [String] = []
        if isLinked {
            found += [
                claims("building", isOne ? "c.id = ANY (ids)" : nil),
                claims("identity", isOne ? Self.deciding("identity", "x.claim = ANY (ids) OR x.other = ANY (ids)") : nil), claims("resolver", nil),
                "steward_pair AS (\(Self.statement(HistorySQL.file("sql/twin/tables/view_steward_pair"))))",
                "calibration AS (\(Self.statement(HistorySQL.file("sql/twin/tables/view_calibration"))))", HistorySQL.part("links"),
            ]
        }
        let own = Set([kind] + anchors + tables.filter { $0.hasSuffix("_claim") }.map { String($0.dropLast(6)) }).subtracting(["building", "compound"])
        if kind == "compound" { found.append(claims("compound", isOne ? chosen("compound") : nil)) }
        for kind in own.sorted() { found.append(claims(kind, isOne ? chosen(kind) : nil)) }
        if kind == "building" {
            found += [
                claims("compound", isOne ? "c.id IN (SELECT b.compound_ref FROM building_claim b)" : nil),
                claims("conflict", isOne ? Self.deciding("conflict", "x.entity = ANY (ids)") : nil),
                "decision AS MATERIALIZED (\(Self.statement(HistorySQL.file("sql/twin/tables/view_decision"))))",
            ]
        }
        if tables.contains("case_state") {
            found.append(
                HistorySQL.part("case_state").replacing("{cycle}", with: "{" + StepKinds.lifeCycle.joined(separator: ",") + "}")
                    .replacing("{condition}", with: isOne ? " AND s.case_id = $3" : ""))
        }
        if tables.contains("entity_link") {
            // What the rules join is asked of today's twin.
            found.append(
                "entity_link AS MATERIALIZED (SELECT e.kind, e.claim_id AS id, e.entity_id, e.method FROM twin.entity_claim e WHERE e.kind = '\(kind)'\(isOne ? " AND e.claim_id = $3" : ""))")
        }
        if isLinked {
            let links = ["SELECT 'building'::text COLLATE \"C\" AS kind, w.id, w.building_id, w.method FROM whole w"]
                + anchors.map { HistorySQL.part("anchors").replacing("{kind}", with: $0) }
            found.append("building_link AS MATERIALIZED (\(links.joined(separator: "\nUNION ALL\n")))")
        }
        return found
    }

    /// By a decision's facts, whatever the last of them is about.
    private static func deciding(_ kind: String, _ condition: String) -> String {
        "c.id IN (SELECT x.id FROM {generation}.\(kind)_claim x WHERE \(condition))"
    }

    /// The claims of buildings that the one thing could have to do with.
    private var closure: String {
        guard isLinked else { return "'{}'" }
        if kind == "building" { return "{twin}.closure(ARRAY[wanted])" }
        var wanted = ["SELECT c.building_ref FROM {generation}.\(kind)_claim c WHERE c.id = wanted"]
        for anchor in anchors {
            let chosen = chosen(anchor).replacing("$3", with: "wanted")
            if anchor != kind { wanted.append("SELECT c.building_ref FROM {generation}.\(anchor)_claim c WHERE \(chosen)") }
            wanted.append(
                """
                SELECT f.id FROM {generation}.\(anchor)_claim c
                  JOIN {generation}.building_claim f ON ST_DWithin(f.footprint::geography, c.location::geography, 20) WHERE \(chosen)
                """)
        }
        return "{twin}.closure(ARRAY(\(wanted.joined(separator: " UNION "))))"
    }

    // MARK: Statements

    var statements: [String] {
        let one = expressions(.one).joined(separator: ",\n"), all = expressions(.all).joined(separator: ",\n")
        let at = HistorySQL.part("at"), versions = HistorySQL.part("history")
        return [
            """
            CREATE OR REPLACE FUNCTION {twin}.\(name)_all(valid timestamptz, up_to bigint) RETURNS SETOF twin.\(quoted)
            LANGUAGE plpgsql STABLE SET enable_nestloop = off AS $$
            #variable_conflict use_column
            BEGIN
                RETURN QUERY WITH RECURSIVE \(all) \(body);
            END $$
            """,
            """
            CREATE OR REPLACE FUNCTION {twin}.\(name)_one(valid timestamptz, up_to bigint, wanted text) RETURNS SETOF twin.\(quoted)
            LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
            #variable_conflict use_column
            DECLARE
                ids text[] := \(closure);
            BEGIN
                RETURN QUERY WITH RECURSIVE \(one) SELECT * FROM (\(body)) wanted_rows WHERE wanted_rows.id = $3;
            END $$
            """,
            versions.replacing("{closure}", with: closure).replacing("{facts}", with: facts), at, Self.flat, isPersonal ? Self.shown : "",
        ].filter { !$0.isEmpty }.map { $0.replacing("{view}", with: name).replacing("{quoted}", with: quoted).replacing("{kind}", with: kind) }
    }

    private var isPersonal: Bool { ClaimKind.all.contains { $0.name == kind && $0.isPersonal } }

    /// Every fact that the one thing's row could depend on.
    private var facts: String {
        var tables = Set([kind] + anchors + self.tables.filter { $0.hasSuffix("_claim") }.map { String($0.dropLast(6)) })
        var sources: [String] = []
        func add(_ kind: String, _ condition: String?) {
            tables.remove(kind)
            sources.append("SELECT c.position, c.effective_at FROM {generation}.\(kind)_claim c" + (condition.map { " WHERE \($0)" } ?? ""))
        }
        if isLinked {
            add("building", "c.id = ANY (ids)")
            add("identity", "c.entity_kind = 'building' AND (c.claim = ANY (ids) OR c.other = ANY (ids))")
            add("resolver", nil)
        }
        if kind == "building" {
            add("compound", "c.id IN (SELECT b.compound_ref FROM {generation}.building_claim b WHERE b.id = ANY (ids))")
            add("conflict", Self.deciding("conflict", "x.entity = ANY (ids)"))
        }
        for kind in tables.sorted() { add(kind, chosen(kind).replacing("$3", with: "wanted")) }
        if self.tables.contains("case_state") { sources.append("SELECT s.position, s.effective_at FROM {generation}.case_step s WHERE s.case_id = wanted") }
        return sources.joined(separator: " UNION ALL ")
    }

    /// The versions with the view's own columns, as a function of its own: which these are the catalog knows.
    private static let flat = HistorySQL.part("flat")
    private static let shown = HistorySQL.part("shown")
}
