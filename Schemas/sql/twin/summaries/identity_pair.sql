CREATE OR REPLACE VIEW {twin}.identity_pair AS
SELECT p.kind, p.left_id, p.right_id, p.probability,
       t.left_thing = t.right_thing AS is_same,
       CASE WHEN d.is_same THEN 'same' WHEN NOT d.is_same THEN 'different' END AS verdict,
       d.is_same IS NULL AND p.probability < (c.parameters ->> 'link_from')::double precision AND t.left_thing <> t.right_thing AS is_open,
       d.decided_by, d.reason, d.position AS decision
  FROM (SELECT e.kind, e.left_id, e.right_id, e.probability FROM {generation}.match_edge e
        UNION ALL
        SELECT s.kind, s.left_id, s.right_id, NULL FROM {generation}.steward_pair s
         WHERE NOT EXISTS (SELECT FROM {generation}.match_edge e WHERE e.kind = s.kind AND e.left_id = s.left_id AND e.right_id = s.right_id)) p
  LEFT JOIN {generation}.steward_pair d ON d.kind = p.kind AND d.left_id = p.left_id AND d.right_id = p.right_id
  LEFT JOIN {generation}.calibration c ON c.kind = p.kind
  -- Looked up pair by pair, whatever the planner thinks how many there are.
 CROSS JOIN LATERAL (
       SELECT coalesce(CASE p.kind WHEN 'building' THEN (SELECT l.building_id FROM {generation}.building_link l WHERE l.kind = 'building' AND l.id = p.left_id)
                                   ELSE (SELECT l.entity_id FROM {generation}.entity_link l WHERE l.kind = p.kind AND l.id = p.left_id) END, p.left_id) AS left_thing,
              coalesce(CASE p.kind WHEN 'building' THEN (SELECT l.building_id FROM {generation}.building_link l WHERE l.kind = 'building' AND l.id = p.right_id)
                                   ELSE (SELECT l.entity_id FROM {generation}.entity_link l WHERE l.kind = p.kind AND l.id = p.right_id) END, p.right_id) AS right_thing
       OFFSET 0) t
  LEFT JOIN {generation}.dwelling_claim x ON p.kind = 'dwelling' AND x.id = p.left_id
  LEFT JOIN {generation}.dwelling_claim y ON p.kind = 'dwelling' AND y.id = p.right_id
 WHERE p.kind NOT IN ('person', 'dwelling') OR x.id IS NOT NULL AND y.id IS NOT NULL;
COMMENT ON VIEW {twin}.identity_pair IS 'Pairs of claims that may be the same thing, and what stewards have decided; of people and what registers say of their homes: twin.person_pair (疑似同一对象)';
COMMENT ON COLUMN {twin}.identity_pair.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.identity_pair.left_id IS 'One claim (声明)';
COMMENT ON COLUMN {twin}.identity_pair.right_id IS 'The other (另一声明)';
COMMENT ON COLUMN {twin}.identity_pair.probability IS 'That they are the same thing, by the rules (同一概率)';
COMMENT ON COLUMN {twin}.identity_pair.is_same IS 'Whether they are one thing now (是否已合并)';
COMMENT ON COLUMN {twin}.identity_pair.verdict IS 'What a steward has decided: same or different; null where nobody has (人工裁定)';
COMMENT ON COLUMN {twin}.identity_pair.is_open IS 'Whether a steward should look at them (待审核)';
COMMENT ON COLUMN {twin}.identity_pair.decided_by IS 'Who decided (裁定人)';
COMMENT ON COLUMN {twin}.identity_pair.reason IS 'Why (理由)';
COMMENT ON COLUMN {twin}.identity_pair.decision IS 'Position in hub.event of the decision (裁定位置)';
