-- The decisions that hold, by the thing that they are about now: what was decided about a claim's thing goes with the claim.
CREATE VIEW entity_decision AS
SELECT DISTINCT ON (n.kind, n.entity_id, n.attribute) n.*
  FROM (
        SELECT d.entity_kind AS kind, l.building_id AS entity_id, d.attribute, d.chosen, d.reason, d.decided_by, d.effective_at, d.position
          FROM decision d JOIN building_link l ON l.kind = 'building' AND l.id = d.entity
         WHERE d.entity_kind = 'building'
        UNION ALL
        SELECT d.entity_kind, coalesce(l.entity_id, d.entity), d.attribute, d.chosen, d.reason, d.decided_by, d.effective_at, d.position
          FROM decision d LEFT JOIN entity_link l ON l.kind = d.entity_kind AND l.id = d.entity
         WHERE d.entity_kind <> 'building') n
 ORDER BY n.kind, n.entity_id, n.attribute, n.position DESC;
