-- The decisions that hold, one a pair: those of the hub's own sources, which only stewards write for.
CREATE VIEW incident_decision AS
SELECT DISTINCT ON (least(c.first_case, c.second_case), greatest(c.first_case, c.second_case))
       least(c.first_case, c.second_case) AS first_case, greatest(c.first_case, c.second_case) AS second_case, c.verdict, c.reason, c.decided_by,
       c.effective_at, c.position
  FROM incident_claim c
  JOIN hub.source s ON s.id = c.source_id AND s.department = 'hub'
 WHERE NOT c.removed AND c.first_case <> c.second_case AND c.verdict IN ('merged', 'split')
 ORDER BY least(c.first_case, c.second_case), greatest(c.first_case, c.second_case), c.position DESC;
