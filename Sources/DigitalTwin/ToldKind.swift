/// A kind of thing whose changes services are told of: a view of the twin, and what its rows rest on.
///
/// To tell of one more kind is one more of these. Never of people: what was told stays for a time, also after their erasure.
struct ToldKind: Sendable {
    /// The word in types and subjects: `building.changed`, `building/osm:1`.
    let name: String
    /// Name of the view in the twin's schema; it has a column `id`, and one row a thing.
    let view: String
    /// By the name of a staged kind of claims, statements that give the ids of rows that may change with `{staged}`, its rows on their way in.
    let touched: [String: String]
    /// A statement that gives the ids of rows that may change with links: before they are replaced, of what stands in `affected`.
    let linked: String?
    /// The position of the last fact that a row rests on, of the thing `o.id`.
    let cause: String
    /// What it is called when a row comes, changes and goes.
    var words = (created: "created", changed: "changed", removed: "removed")

    static let all = [building, pipe, sensor, caseKind]

    private static let building = ToldKind(
        name: "building", view: "building",
        touched: [
            "building": "SELECT s.id FROM {staged} s UNION SELECT l.building_id FROM {staged} s JOIN building_link l ON l.kind = 'building' AND l.id = s.id",
            "compound": """
                SELECT l.building_id FROM {staged} s JOIN building_claim c ON c.compound_ref = s.id
                  JOIN building_link l ON l.kind = 'building' AND l.id = c.id
                """,
            "conflict": """
                SELECT d.entity FROM (SELECT * FROM {staged} s UNION ALL SELECT c.* FROM {staged} s JOIN conflict_claim c USING (id)) d
                 WHERE d.entity_kind = 'building' AND d.entity IS NOT NULL
                """,
        ],
        linked: """
            SELECT a.id FROM affected a WHERE a.kind = 'building'
             UNION SELECT l.building_id FROM affected a JOIN building_link l ON l.kind = a.kind AND l.id = a.id WHERE a.kind = 'building'
             UNION SELECT n.building_id FROM new_link n WHERE n.kind = 'building'
            """,
        cause: """
            (SELECT max(c.position) FROM (SELECT o.id UNION SELECT l.id FROM building_link l WHERE l.kind = 'building' AND l.building_id = o.id) x
               JOIN building_claim c USING (id))
            """)

    private static let pipe = ofOneClaim("pipe", isLinked: false)
    private static let sensor = ofOneClaim("sensor", isLinked: true)

    private static let caseKind = ToldKind(
        name: "case", view: "\"case\"", touched: ofOneClaim("case", isLinked: true).touched, linked: ofOneClaim("case", isLinked: true).linked,
        cause: "greatest((SELECT c.position FROM case_claim c WHERE c.id = o.id), (SELECT max(s.position) FROM case_step s WHERE s.case_id = o.id))")

    /// A thing of which one source alone tells.
    private static func ofOneClaim(_ name: String, isLinked: Bool) -> ToldKind {
        ToldKind(
            name: name, view: name, touched: [name: "SELECT s.id FROM {staged} s"],
            linked: isLinked ? "SELECT a.id FROM affected a WHERE a.kind = '\(name)'" : nil,
            cause: "(SELECT c.position FROM \(name)_claim c WHERE c.id = o.id)")
    }
}
