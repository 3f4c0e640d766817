CREATE OR REPLACE VIEW {twin}.identity_pair AS
SELECT p.kind, p.left_id, p.right_id, p.probability, p.left_thing = p.right_thing AS is_same, p.verdict, p.is_open, p.decided_by, p.reason, p.decision
  FROM {generation}.weighed_pair p
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
