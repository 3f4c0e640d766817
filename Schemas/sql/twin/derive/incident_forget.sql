-- What was said of the touched reports no longer counts.
ANALYZE touched_report;
WITH gone AS (
    DELETE FROM incident_pair p USING touched_report t WHERE p.left_id = t.id RETURNING p.left_id, p.right_id
)
INSERT INTO former_partner SELECT g.right_id FROM gone g;
WITH gone AS (
    DELETE FROM incident_pair p USING touched_report t WHERE p.right_id = t.id RETURNING p.left_id, p.right_id
)
INSERT INTO former_partner SELECT g.left_id FROM gone g
