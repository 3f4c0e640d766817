-- $1 is the position of the last fact before the batch, $2 that of its last one.
WITH told AS MATERIALIZED (
    SELECT x.kind, x.id, x.what, CASE WHEN x.cause > $1::bigint THEN x.cause ELSE $2::bigint END AS cause, x.payload FROM ({rows}) x
), start AS MATERIALIZED (SELECT hub.next_change() AS position WHERE EXISTS (SELECT FROM told))
INSERT INTO hub.twin_change (position, type, subject, caused_by, payload)
SELECT s.position - 1 + row_number() OVER (ORDER BY t.cause, t.kind, t.id), t.kind || '.' || t.what, t.kind || '/' || t.id, t.cause, t.payload::json
  FROM told t CROSS JOIN start s
