-- The decisions that hold: those of the hub's own sources, which only stewards write for.
CREATE VIEW decision AS
SELECT DISTINCT ON (c.entity_kind, c.entity, c.attribute)
       c.entity_kind, c.entity, c.attribute, c.chosen, c.reason, c.decided_by, c.effective_at, c.position
  FROM conflict_claim c
  JOIN hub.source s ON s.id = c.source_id AND s.department = 'hub'
 WHERE NOT c.removed
 ORDER BY c.entity_kind, c.entity, c.attribute, c.position DESC;
