-- Whom reports are compared with that did not move themselves: their blocks became small enough, or too large.
SELECT DISTINCT t.id, b.case_id
  FROM touched_report t
  JOIN incident_case c ON c.case_id = t.id
 CROSS JOIN LATERAL unnest(c.blocks) o (block)
  JOIN incident_block b ON b.block = o.block AND b.case_id <> t.id
 WHERE NOT t.is_moved AND (SELECT count(*) FROM incident_block k WHERE k.block = o.block) <= {limit}
