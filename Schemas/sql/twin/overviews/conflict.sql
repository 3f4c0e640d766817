CREATE OR REPLACE VIEW {twin}.conflict AS
SELECT c.kind,
       c.entity_id,
       c.attribute,
       CASE WHEN d.position IS NULL THEN 'open' ELSE 'resolved' END AS status,
       c.words,
       c.difference,
       c.tolerance,
       d.chosen,
       d.decided_by AS resolved_by,
       d.effective_at AS resolved_at,
       d.reason,
       d.position AS decision
  FROM (SELECT p.kind, p.entity_id, p.attribute, p.tolerance, max(p.difference) AS difference,
               jsonb_object_agg(p.department, p.value) || jsonb_object_agg(p.other_department, p.other_value) AS words
          FROM {twin}.department_word_pair p
         GROUP BY p.kind, p.entity_id, p.attribute, p.tolerance HAVING bool_or(p.differs)) c
  LEFT JOIN {generation}.entity_decision d ON d.kind = c.kind AND d.entity_id = c.entity_id AND d.attribute = c.attribute;
COMMENT ON VIEW {twin}.conflict IS 'Where departments disagree by more than the tolerance, and who has decided (部门数据冲突)';
COMMENT ON COLUMN {twin}.conflict.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.conflict.entity_id IS 'The thing: id in the twin''s view of its kind (对象编号)';
COMMENT ON COLUMN {twin}.conflict.attribute IS 'Its attribute (属性)';
COMMENT ON COLUMN {twin}.conflict.status IS 'open, or resolved by a steward (状态)';
COMMENT ON COLUMN {twin}.conflict.words IS 'What each department says (各部门说法)';
COMMENT ON COLUMN {twin}.conflict.difference IS 'How far they are apart at most, of places in metres; null for texts (最大差异)';
COMMENT ON COLUMN {twin}.conflict.tolerance IS 'Up to which difference they would agree (允许差异)';
COMMENT ON COLUMN {twin}.conflict.chosen IS 'The claim that stands by the steward''s decision (裁定声明)';
COMMENT ON COLUMN {twin}.conflict.resolved_by IS 'Who decided (裁定人)';
COMMENT ON COLUMN {twin}.conflict.resolved_at IS 'When (裁定时间)';
COMMENT ON COLUMN {twin}.conflict.reason IS 'Why (理由)';
COMMENT ON COLUMN {twin}.conflict.decision IS 'Position in hub.event of the decision (裁定位置)';
