import PostgresClient

/// What services were told of the twin, beside the twin.
enum ToldChanges {
    private static let origin = "'{position,since}'::text[]"

    /// Compares each change with the one before it of the same thing, and the last one of each with the views.
    /// - Parameters:
    ///   - views: by the kind of thing, a statement that gives id and row of what the twin holds.
    ///   - isComplete: whether every row was told of: the twin was empty when the first facts came.
    /// - Returns: what differs, some of it.
    static func differences(_ views: [(kind: String, rows: String)], isComplete: Bool, on connection: Connection) throws -> [String] {
        let rows = views.map { "SELECT '\($0.kind)/' || v.id AS subject, v.row FROM (\($0.rows)) v" }.joined(separator: " UNION ALL ")
        let found = try connection.query(
            """
            WITH told AS (
                SELECT c.position, c.type, c.subject, (c.payload -> 'before')::jsonb AS before, (c.payload -> 'after')::jsonb AS after,
                       lag((c.payload -> 'after')::jsonb) OVER (PARTITION BY c.subject ORDER BY c.position) AS former
                  FROM hub.twin_change c WHERE c.type NOT IN ('twin.rebuilt', 'case.overdue')
            ), told_last AS (SELECT DISTINCT ON (t.subject) t.subject, t.after FROM told t ORDER BY t.subject, t.position DESC)
            SELECT format('%s %s: before %s, told before that %s', t.type, t.subject, t.before, t.former) FROM told t
             WHERE (\(isComplete) OR t.former IS NOT NULL)
               AND NOT CASE WHEN jsonb_typeof(coalesce(t.former, 'null')) = 'null' THEN jsonb_typeof(t.before) = 'null' AND t.type SIMILAR TO '%.(created|opened|resolved)'
                            WHEN jsonb_typeof(t.after) = 'null' THEN t.before - \(origin) = t.former - \(origin) AND t.type SIMILAR TO '%.(removed|closed)'
                            ELSE (t.after || t.before) - \(origin) = t.former - \(origin) AND t.before - \(origin) <> '{}' AND t.type SIMILAR TO '%.(changed|opened|resolved)' END
             UNION ALL
            SELECT format('%s changes from position %s to %s', count(*), min(c.position), max(c.position)) FROM hub.twin_change c
            HAVING count(*) <> max(c.position) - min(c.position) + 1
             UNION ALL
            SELECT format('%s is %s, told %s', coalesce(v.subject, l.subject), v.row, l.after)
              FROM (\(rows)) v FULL JOIN told_last l ON l.subject = v.subject
             WHERE (\(isComplete) OR l.subject IS NOT NULL) AND v.row - \(origin) IS DISTINCT FROM nullif(l.after, 'null') - \(origin) LIMIT 5
            """)
        return (0..<found.count).compactMap { found.text($0, 0) }
    }

    /// How many changes were told, by type.
    static func counts(on connection: Connection) throws -> [String: Int] {
        let rows = try connection.query("SELECT type, count(*) FROM hub.twin_change GROUP BY 1")
        return Dictionary(uniqueKeysWithValues: (0..<rows.count).map { (rows.text($0, 0) ?? "", Int(rows.int($0, 1) ?? 0)) })
    }
}
