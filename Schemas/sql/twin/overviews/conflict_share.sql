CREATE OR REPLACE VIEW {twin}.conflict_share AS
SELECT p.kind,
       p.attribute,
       p.department,
       p.other_department,
       count(*) AS compared,
       count(*) FILTER (WHERE p.differs) AS differing,
       round(count(*) FILTER (WHERE p.differs)::numeric / count(*), 3) AS share
  FROM {twin}.department_word_pair p
 GROUP BY p.kind, p.attribute, p.department, p.other_department;
COMMENT ON VIEW {twin}.conflict_share IS 'How often each two departments disagree about things that both describe, decided or not (部门间冲突比例)';
COMMENT ON COLUMN {twin}.conflict_share.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.conflict_share.attribute IS 'Attribute (属性)';
COMMENT ON COLUMN {twin}.conflict_share.department IS 'One department (部门)';
COMMENT ON COLUMN {twin}.conflict_share.other_department IS 'The other, later in the alphabet (另一部门)';
COMMENT ON COLUMN {twin}.conflict_share.compared IS 'Things of which both say something (可比对象数)';
COMMENT ON COLUMN {twin}.conflict_share.differing IS 'Of which they differ by more than the tolerance (冲突对象数)';
COMMENT ON COLUMN {twin}.conflict_share.share IS 'The one divided by the other (冲突比例)';
