import PostgresClient

/// Pipes folded by the server alone: the best set-based statement that was found. It gives the claims of pipes in local coordinates that the fold gives, by the
/// same rule of the last word, without their links to buildings.
enum PipesBySQL {
    static func run(_ hub: BenchmarkHub) throws -> Double {
        let connection = try Connection(hub.conninfo)
        try connection.execute("DROP TABLE IF EXISTS public.pipe_by_sql; CHECKPOINT; SET work_mem = '512MB'; SET maintenance_work_mem = '512MB'")
        return try timed { try connection.execute(statement) }
    }

    // Of all facts only what decides is read, of the winners alone the payload, and each payload once: ->> would parse it for each of its members, and
    // took half as long again; a window over all facts took longer still.
    private static let statement = """
        BEGIN;
        CREATE TABLE public.pipe_by_sql AS
        SELECT s.name || ':' || substr(e.subject, 6) AS id, e.source_id, e.occurred_at, coalesce(e.occurred_at, e.recorded_at) AS effective_at, e.position,
               t.name <> 'pipe.described' AS removed, r.network, s.name || ':' || r.starts_at AS starts_at, s.name || ':' || r.ends_at AS ends_at,
               CASE WHEN r.length ~ \(number) THEN r.length::float8 END * CASE WHEN u.is_customary THEN 0.3048 ELSE 1 END AS length_m,
               CASE WHEN r.diameter ~ \(number) THEN r.diameter::float8 END * CASE WHEN u.is_customary THEN 25.4 ELSE 1 END AS diameter_mm,
               CASE WHEN r.roughness ~ \(number) THEN r.roughness::float8 END AS roughness,
               CASE WHEN r.minor_loss ~ \(number) THEN r.minor_loss::float8 END AS minor_loss,
               r.material, r.status, ST_GeomFromGeoJSON('{"type":"LineString","coordinates":' || r.path || '}') AS local_path
          FROM (SELECT DISTINCT ON (w.subject, w.source_id) w.position
                  FROM hub.event w JOIN hub.event_type t ON t.id = w.type_id AND t.name IN ('pipe.described', 'pipe.removed', 'pipe.retired')
                  LEFT JOIN (SELECT n.subject, n.source_id, max(n.position) AS position
                               FROM hub.event n JOIN hub.event_type t ON t.id = n.type_id AND t.name IN ('pipe.described', 'pipe.removed', 'pipe.retired')
                              WHERE n.occurred_at IS NULL GROUP BY n.subject, n.source_id) undated
                         ON undated.subject = w.subject AND undated.source_id = w.source_id
                 WHERE w.position >= coalesce(undated.position, 0)
                 ORDER BY w.subject, w.source_id, w.occurred_at DESC NULLS LAST, w.position DESC) last
          JOIN hub.event e USING (position)
          JOIN hub.source s ON s.id = e.source_id
          JOIN hub.event_type t ON t.id = e.type_id
         CROSS JOIN LATERAL json_to_record(e.payload) r (
               network text, starts_at text, ends_at text, length text, diameter text, roughness text, minor_loss text, material text, status text,
               flow_units text, path text)
         CROSS JOIN LATERAL (SELECT upper(r.flow_units) IN ('CFS', 'GPM', 'MGD', 'IMGD', 'AFD')) u (is_customary);
        ALTER TABLE public.pipe_by_sql ADD PRIMARY KEY (id);
        COMMIT
        """

    private static let number = "'^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$'"
}
