-- Pairs of claims that the rules link or leave to stewards, and those that stewards have decided: the things they belong to, and what is thought of
-- them. What people may see of it: identity_pair, person_pair.
CREATE VIEW weighed_pair AS
SELECT p.kind, p.left_id, p.right_id, p.probability, t.left_thing, t.right_thing,
       CASE WHEN d.is_same THEN 'same' WHEN NOT d.is_same THEN 'different' END AS verdict,
       d.is_same IS NULL AND p.probability < (c.parameters ->> 'link_from')::double precision AND t.left_thing <> t.right_thing AS is_open,
       d.decided_by, d.reason, d.position AS decision
  FROM (SELECT e.kind, e.left_id, e.right_id, e.probability FROM match_edge e
        UNION ALL
        SELECT s.kind, s.left_id, s.right_id, NULL FROM steward_pair s
         WHERE NOT EXISTS (SELECT FROM match_edge e WHERE e.kind = s.kind AND e.left_id = s.left_id AND e.right_id = s.right_id)) p
  LEFT JOIN steward_pair d ON d.kind = p.kind AND d.left_id = p.left_id AND d.right_id = p.right_id
  LEFT JOIN calibration c ON c.kind = p.kind
  -- Looked up pair by pair, whatever the planner thinks how many there are.
 CROSS JOIN LATERAL (
       SELECT coalesce(CASE p.kind WHEN 'building' THEN (SELECT l.building_id FROM building_link l WHERE l.kind = 'building' AND l.id = p.left_id)
                                   ELSE (SELECT l.entity_id FROM entity_link l WHERE l.kind = p.kind AND l.id = p.left_id) END, p.left_id) AS left_thing,
              coalesce(CASE p.kind WHEN 'building' THEN (SELECT l.building_id FROM building_link l WHERE l.kind = 'building' AND l.id = p.right_id)
                                   ELSE (SELECT l.entity_id FROM entity_link l WHERE l.kind = p.kind AND l.id = p.right_id) END, p.right_id) AS right_thing
       OFFSET 0) t;
