CREATE OR REPLACE VIEW {twin}.person_pair AS
SELECT p.left_id, p.right_id, p.probability, p.left_thing = p.right_thing AS is_same, p.verdict,
       -- Whoever has found his home is in no doubt about another, and of a home one claim is asked.
       p.is_open AND NOT (h.is_left AND h.is_right) AND (NOT h.is_left OR p.left_thing = p.left_id) AND (NOT h.is_right OR p.right_thing = p.right_id) AS is_open,
       p.decided_by, p.reason, p.decision, p.kind
  FROM {generation}.weighed_pair p
 CROSS JOIN LATERAL (
       SELECT p.kind = 'dwelling' AND EXISTS (SELECT FROM {generation}.dwelling_claim d WHERE d.id = p.left_thing) AS is_left,
              p.kind = 'dwelling' AND EXISTS (SELECT FROM {generation}.dwelling_claim d WHERE d.id = p.right_thing) AS is_right
       OFFSET 0) h
  LEFT JOIN {generation}.dwelling_claim x ON p.kind = 'dwelling' AND x.id = p.left_id
  LEFT JOIN {generation}.dwelling_claim y ON p.kind = 'dwelling' AND y.id = p.right_id
 WHERE p.kind = 'person' OR p.kind = 'dwelling' AND (x.id IS NULL OR y.id IS NULL);
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
