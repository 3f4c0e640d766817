-- $1 is the position of the last fact before the batch, $2 that of its last one.
WITH told AS MATERIALIZED (
    SELECT x.kind, x.id, x.before, x.after, x.what, CASE WHEN x.cause > $1::bigint THEN x.cause ELSE $2::bigint END AS cause,
           coalesce(x.after, x.before) AS row
      FROM ({rows}) x WHERE x.before - {origin} IS DISTINCT FROM x.after - {origin}
), start AS MATERIALIZED (SELECT hub.next_change() AS position WHERE EXISTS (SELECT FROM told))
INSERT INTO hub.twin_change (position, type, subject, caused_by, payload)
SELECT s.position - 1 + row_number() OVER (ORDER BY t.cause, t.kind, t.id), t.kind || '.' || t.what, t.kind || '/' || t.id, t.cause,
       (jsonb_strip_nulls(jsonb_build_object('district', t.row -> 'district', 'grid_cell', t.row -> 'grid_cell'))
        || jsonb_build_object('before', CASE WHEN t.before IS NULL OR t.after IS NULL THEN t.before ELSE
               (SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(t.before) b WHERE b.value IS DISTINCT FROM t.after -> b.key) END, 'after', t.after))::json
  FROM told t CROSS JOIN start s
