-- Takes away the touched reports' blocks: they get new ones.
ANALYZE touched_report;
WITH gone AS (
    DELETE FROM incident_case c USING touched_report t WHERE c.case_id = t.id RETURNING c.case_id, c.blocks
)
INSERT INTO former_block SELECT o.block, g.case_id FROM gone g CROSS JOIN LATERAL unnest(g.blocks) o (block);
DELETE FROM incident_block b USING former_block f WHERE b.block = f.block AND b.case_id = f.case_id
