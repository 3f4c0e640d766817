-- Who is in the blocks that changed: of those where reports are compared, and of those that grew beyond the limit, or shrank to it.
WITH changed AS MATERIALIZED (
    SELECT c.block, sum(c.by) AS by
      FROM (SELECT f.block, -1 AS by FROM former_block f
             UNION ALL
            SELECT o.block, 1 FROM touched_report t JOIN incident_case c ON c.case_id = t.id CROSS JOIN LATERAL unnest(c.blocks) o (block)) c
     GROUP BY c.block
), found AS MATERIALIZED (
    -- All in one scan of the index: block by block it takes twice as long.
    SELECT b.block, count(*) AS size, array_agg(b.case_id) AS cases FROM incident_block b WHERE b.block = ANY (ARRAY(SELECT c.block FROM changed c)) GROUP BY b.block
)
SELECT c.block, s.is_large, s.is_large <> s.was_large, u.case_id
  FROM changed c
  JOIN found m USING (block)
 CROSS JOIN LATERAL (SELECT m.size > {limit} AS is_large, m.size - c.by > {limit} AS was_large) s
 CROSS JOIN LATERAL unnest(CASE WHEN s.is_large <> s.was_large OR m.size > 1 AND NOT s.is_large THEN m.cases END) u (case_id)
