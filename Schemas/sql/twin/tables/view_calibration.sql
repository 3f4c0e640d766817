-- The calibrations that hold: the hub's own, for each kind the last.
CREATE VIEW calibration AS
SELECT DISTINCT ON (c.entity_kind) c.entity_kind AS kind, c.rules, c.parameters, c.decided_by, c.reason, c.effective_at, c.position
  FROM resolver_claim c
  JOIN hub.source s ON s.id = c.source_id AND s.department = 'hub'
 WHERE NOT c.removed
 ORDER BY c.entity_kind, c.position DESC;
