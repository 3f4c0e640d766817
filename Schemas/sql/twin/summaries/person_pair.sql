CREATE OR REPLACE VIEW {twin}.person_pair AS
SELECT p.left_id, p.right_id, p.probability,
       t.left_thing = t.right_thing AS is_same,
       CASE WHEN d.is_same THEN 'same' WHEN NOT d.is_same THEN 'different' END AS verdict,
       d.is_same IS NULL AND p.probability < (c.parameters ->> 'link_from')::double precision AND t.left_thing <> t.right_thing
           -- Whoever has found his home is in no doubt about another, and of a home one claim is asked.
           AND NOT (t.is_left_home AND t.is_right_home) AND (NOT t.is_left_home OR t.left_thing = p.left_id)
           AND (NOT t.is_right_home OR t.right_thing = p.right_id) AS is_open,
       d.decided_by, d.reason, d.position AS decision, p.kind
  FROM (SELECT e.kind, e.left_id, e.right_id, e.probability FROM {generation}.match_edge e WHERE e.kind IN ('person', 'dwelling')
        UNION ALL
        SELECT s.kind, s.left_id, s.right_id, NULL FROM {generation}.steward_pair s
         WHERE s.kind IN ('person', 'dwelling') AND NOT EXISTS (SELECT FROM {generation}.match_edge e WHERE e.kind = s.kind AND e.left_id = s.left_id AND e.right_id = s.right_id)) p
  LEFT JOIN {generation}.steward_pair d ON d.kind = p.kind AND d.left_id = p.left_id AND d.right_id = p.right_id
  LEFT JOIN {generation}.calibration c ON c.kind = p.kind
  -- Looked up pair by pair, whatever the planner thinks how many there are.
 CROSS JOIN LATERAL (
       SELECT e.left_thing, e.right_thing,
              p.kind = 'dwelling' AND EXISTS (SELECT FROM {generation}.dwelling_claim h WHERE h.id = e.left_thing) AS is_left_home,
              p.kind = 'dwelling' AND EXISTS (SELECT FROM {generation}.dwelling_claim h WHERE h.id = e.right_thing) AS is_right_home
         FROM (SELECT coalesce((SELECT l.entity_id FROM {generation}.entity_link l WHERE l.kind = p.kind AND l.id = p.left_id), p.left_id) AS left_thing,
                      coalesce((SELECT l.entity_id FROM {generation}.entity_link l WHERE l.kind = p.kind AND l.id = p.right_id), p.right_id) AS right_thing OFFSET 0) e
       OFFSET 0) t
  LEFT JOIN {generation}.dwelling_claim x ON p.kind = 'dwelling' AND x.id = p.left_id
  LEFT JOIN {generation}.dwelling_claim y ON p.kind = 'dwelling' AND y.id = p.right_id
 WHERE p.kind = 'person' OR x.id IS NULL OR y.id IS NULL;
COMMENT ON VIEW {twin}.person_pair IS 'Pairs of registers'' claims that may be the same person, or speak of the same home, and what stewards have decided; for stewards alone (疑似同一人、同一户室)';
COMMENT ON COLUMN {twin}.person_pair.left_id IS 'One claim (声明)';
COMMENT ON COLUMN {twin}.person_pair.right_id IS 'The other (另一声明)';
COMMENT ON COLUMN {twin}.person_pair.probability IS 'That they are the same thing, by the rules (同一概率)';
COMMENT ON COLUMN {twin}.person_pair.is_same IS 'Whether they are one thing now (是否已合并)';
COMMENT ON COLUMN {twin}.person_pair.verdict IS 'What a steward has decided: same or different; null where nobody has (人工裁定)';
COMMENT ON COLUMN {twin}.person_pair.is_open IS 'Whether a steward should look at them (待审核)';
COMMENT ON COLUMN {twin}.person_pair.decided_by IS 'Who decided (裁定人)';
COMMENT ON COLUMN {twin}.person_pair.reason IS 'Why (理由)';
COMMENT ON COLUMN {twin}.person_pair.decision IS 'Position in hub.event of the decision (裁定位置)';
COMMENT ON COLUMN {twin}.person_pair.kind IS 'person, or dwelling: their homes (类别)';
SELECT hub.show_to_stewards('{twin}.person_pair');
