import PostgresClient

/// Pipes folded by the server alone: the best set-based statement that was found, for facts which all have a date.
enum PipesBySQL {
    static func run(_ hub: BenchmarkHub) throws -> Double {
        let connection = try Connection(hub.conninfo)
        try connection.execute("DROP TABLE IF EXISTS public.pipe_by_sql; CHECKPOINT; SET work_mem = '512MB'; SET maintenance_work_mem = '512MB'")
        return try timed { try connection.execute(statement) }
    }

    // Only the winners' payloads are read: sorting whole rows is slower, and so is a window.
    private static let statement = """
        BEGIN;
        CREATE TABLE public.pipe_by_sql AS
        SELECT s.name || ':' || substr(e.subject, 6) AS id, e.source_id, e.occurred_at, e.position,
               e.payload->>'network' AS network, s.name || ':' || (e.payload->>'starts_at') AS starts_at,
               s.name || ':' || (e.payload->>'ends_at') AS ends_at,
               (e.payload->>'length')::float8 * u.length AS length_m, (e.payload->>'diameter')::float8 * u.diameter AS diameter_mm,
               (e.payload->>'roughness')::float8 AS roughness, (e.payload->>'minor_loss')::float8 AS minor_loss,
               e.payload->>'material' AS material, e.payload->>'status' AS status,
               ST_GeomFromGeoJSON('{"type":"LineString","coordinates":' || (e.payload->>'path') || '}') AS local_path
          FROM (SELECT DISTINCT ON (w.subject, w.source_id) w.position
                  FROM hub.event w JOIN hub.event_type t ON t.id = w.type_id AND t.name IN ('pipe.described', 'pipe.removed', 'pipe.retired')
                 ORDER BY w.subject, w.source_id, w.occurred_at DESC, w.position DESC) last
          JOIN hub.event e USING (position)
          JOIN hub.source s ON s.id = e.source_id
          JOIN hub.event_type t ON t.id = e.type_id AND t.name = 'pipe.described'
          LEFT JOIN (VALUES ('LPS', 1.0::float8, 1.0::float8), ('GPM', 0.3048, 25.4)) u (flow_units, length, diameter)
                 ON u.flow_units = e.payload->>'flow_units';
        ALTER TABLE public.pipe_by_sql ADD PRIMARY KEY (id);
        COMMIT
        """
}
