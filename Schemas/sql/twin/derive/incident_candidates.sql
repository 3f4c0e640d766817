-- Each touched report and those that share a block with it, both ways round once.
WITH mine AS MATERIALIZED (
    SELECT b.block, b.case_id FROM touched_report t JOIN incident_block b ON b.case_id = t.id
), small AS MATERIALIZED (
    SELECT m.block FROM (SELECT DISTINCT block FROM mine) m
     WHERE (SELECT count(*) FROM incident_block b WHERE b.block = m.block) <= {limit}
), found AS (
    INSERT INTO candidate
    SELECT DISTINCT m.case_id, b.case_id FROM mine m JOIN small s USING (block) JOIN incident_block b ON b.block = m.block AND b.case_id <> m.case_id
    RETURNING id, partner
)
SELECT DISTINCT least(f.id, f.partner), greatest(f.id, f.partner) FROM found f
