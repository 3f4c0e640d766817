import PostgresClient

/// A kind of thing whose changes services are told of: a view of the twin, and what its rows rest on.
///
/// To tell of one more kind is one more of these. Never of people: what was told stays for a time, also after their erasure.
struct ToldKind: Sendable {
    /// The word in types and subjects: `building.changed`, `building/osm:1`.
    let name: String
    /// Name of the view in the twin's schema.
    let view: String
    /// The column of the view by whose value, the key, rows are looked up.
    var key = "id"
    /// The id of the row `w`, which its key begins or is: several rows may have one key.
    var id = "w.id"
    /// Of which of the view's rows `w` services are told; nil for all.
    var condition: String?
    /// By the name of a staged kind of claims, statements that give the keys of rows that may change with `{staged}`, its rows on their way in.
    let touched: [String: String]
    /// A statement that gives the keys of rows that may change with links: before they are replaced, of what stands in `affected`.
    let linked: String?
    /// The kind of things whose links these are; nil for this one.
    var linkedKind: String?
    /// The position of the last fact that a row rests on, of the key `o.key`, by the row as it was, `b`, and is, `a`.
    let cause: String
    /// What may happen to a row, and which of it did: an expression over it as it was, `b`, and is, `a`, whose `told_id` is null where there is none.
    var words = ["created", "changed", "removed"]
    var word = "CASE WHEN b.told_id IS NULL THEN 'created' WHEN a.told_id IS NULL THEN 'removed' ELSE 'changed' END"

    static let all = [building, conflict, pipe, sensor, caseKind]

    /// Types of changes.
    var types: [String] { words.map { "\(name).\($0)" } }

    /// A statement that gives id and row of all of them.
    /// - Parameter schema: of the views.
    func rows(of schema: String) -> String { statement("\(id) AS id, to_jsonb(w) AS row", schema) }

    /// A statement that gives the id, as `told_id`, and the columns of the rows of a key. OFFSET has them looked up one by one, whatever the planner
    /// thinks of the keys' number.
    func columns(of schema: String, key: String) -> String { statement("\(id) AS told_id, w.*", schema) + " AND w.\(self.key) = \(key) OFFSET 0" }

    private func statement(_ columns: String, _ schema: String) -> String {
        "SELECT \(columns) FROM \(SQL.identifier(schema)).\(view) w WHERE \(condition ?? "true")"
    }

    /// The temporary table of rows as they were.
    var kept: String { "told_" + name }

    private static let building = ToldKind(
        name: "building", view: "building",
        touched: [
            "building": "SELECT s.id FROM {staged} s UNION SELECT l.building_id FROM {staged} s JOIN building_link l ON l.kind = 'building' AND l.id = s.id",
            "compound": """
                SELECT l.building_id FROM {staged} s JOIN building_claim c ON c.compound_ref = s.id
                  JOIN building_link l ON l.kind = 'building' AND l.id = c.id
                """,
            "conflict": """
                SELECT coalesce(l.building_id, d.entity) FROM (SELECT * FROM {staged} s UNION ALL SELECT c.* FROM {staged} s JOIN conflict_claim c USING (id)) d
                  LEFT JOIN building_link l ON l.kind = 'building' AND l.id = d.entity
                 WHERE d.entity_kind = 'building' AND d.entity IS NOT NULL
                """,
        ],
        linked: """
            SELECT a.id FROM affected a WHERE a.kind = 'building'
             UNION SELECT l.building_id FROM affected a JOIN building_link l ON l.kind = a.kind AND l.id = a.id WHERE a.kind = 'building'
             UNION SELECT n.building_id FROM new_link n WHERE n.kind = 'building'
            """,
        cause: """
            (SELECT max(c.position) FROM (SELECT o.key AS id UNION SELECT l.id FROM building_link l WHERE l.kind = 'building' AND l.building_id = o.key) x
               JOIN building_claim c USING (id))
            """)

    /// Departments that disagree about a building, attribute by attribute. Only those of several claims can. What they say of other things
    /// stands in the view alone.
    private static let conflict = ToldKind(
        name: "conflict", view: "conflict", key: "entity_id", id: "w.kind || '/' || w.entity_id || '/' || w.attribute", condition: "w.kind = 'building'",
        touched: building.touched.filter { $0.key != "compound" }.mapValues { ofSeveralClaims($0) },
        linked: """
            \(ofSeveralClaims(building.linked ?? ""))
             UNION SELECT n.building_id FROM new_link n WHERE n.kind = 'building' AND n.method <> 'self'
            """,
        linkedKind: "building",
        cause: """
            greatest(\(building.cause),
                     (SELECT max(d.position) FROM conflict_claim d WHERE d.entity = o.key AND d.attribute = coalesce(a.attribute, b.attribute)))
            """,
        words: ["opened", "resolved", "changed", "closed"],
        word: """
            CASE WHEN a.told_id IS NULL THEN 'closed' WHEN b.status = a.status THEN 'changed' WHEN a.status = 'open' THEN 'opened' ELSE 'resolved' END
            """)

    private static func ofSeveralClaims(_ buildings: String) -> String {
        """
        SELECT b.id FROM (\(buildings)) b (id)
         WHERE EXISTS (SELECT FROM building_link k WHERE k.kind = 'building' AND k.building_id = b.id AND k.method <> 'self')
        """
    }

    private static let pipe = ofOneClaim("pipe", isLinked: false)
    private static let sensor = ofOneClaim("sensor", isLinked: true)

    private static let caseKind = ToldKind(
        name: "case", view: "\"case\"", touched: ofOneClaim("case", isLinked: true).touched, linked: ofOneClaim("case", isLinked: true).linked,
        cause: "greatest(coalesce(a.position, (SELECT c.position FROM case_claim c WHERE c.id = o.key)), (SELECT max(s.position) FROM case_step s WHERE s.case_id = o.key))")

    /// A thing of which one source alone tells.
    private static func ofOneClaim(_ name: String, isLinked: Bool) -> ToldKind {
        ToldKind(
            name: name, view: name, touched: [name: "SELECT s.id FROM {staged} s"],
            linked: isLinked ? "SELECT a.id FROM affected a WHERE a.kind = '\(name)'" : nil,
            cause: "coalesce(a.position, (SELECT c.position FROM \(name)_claim c WHERE c.id = o.key))")
    }
}
