-- Replaces the touched reports' blocks by their new ones. Whoever is in a block that grew beyond the limit, or shrank to it, is touched as well.
ANALYZE touched_report; ANALYZE new_block;
WITH changed AS MATERIALIZED (
    SELECT b.block, -1 AS by FROM touched_report t JOIN incident_block b ON b.case_id = t.id
     UNION ALL
    SELECT n.block, 1 FROM new_block n
), resized AS MATERIALIZED (
    SELECT c.block, (SELECT count(*) FROM incident_block b WHERE b.block = c.block) AS before, sum(c.by) AS by FROM changed c GROUP BY c.block
)
INSERT INTO touched_report
SELECT DISTINCT b.case_id, false FROM resized r JOIN incident_block b ON b.block = r.block
 WHERE (r.before > {limit}) <> (r.before + r.by > {limit})
ON CONFLICT DO NOTHING;
DELETE FROM incident_block b USING touched_report t WHERE b.case_id = t.id AND t.is_moved;
INSERT INTO incident_block SELECT * FROM new_block;
ANALYZE touched_report;
-- What was said of them no longer counts.
WITH gone AS (
    DELETE FROM incident_pair p USING touched_report t WHERE p.left_id = t.id RETURNING p.left_id, p.right_id
)
INSERT INTO former_partner SELECT g.right_id FROM gone g;
WITH gone AS (
    DELETE FROM incident_pair p USING touched_report t WHERE p.right_id = t.id RETURNING p.left_id, p.right_id
)
INSERT INTO former_partner SELECT g.left_id FROM gone g
