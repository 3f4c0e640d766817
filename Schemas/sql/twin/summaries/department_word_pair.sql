CREATE OR REPLACE VIEW {twin}.department_word_pair AS
SELECT p.*,
       CASE WHEN p.difference IS NOT NULL THEN p.difference > p.tolerance
            ELSE regexp_replace(lower(normalize(p.value, NFKC)), '\s', '', 'g') <> regexp_replace(lower(normalize(p.other_value, NFKC)), '\s', '', 'g') END AS differs
  FROM (SELECT a.kind, a.entity_id, a.attribute, a.department, b.department AS other_department, a.value, b.value AS other_value,
               CASE WHEN a.number IS NOT NULL AND b.number IS NOT NULL THEN abs(a.number - b.number)
                    WHEN a.place IS NOT NULL AND b.place IS NOT NULL THEN ST_DistanceSphere(a.place, b.place) END AS difference,
               a.tolerance
          FROM {twin}.department_word a
          JOIN {twin}.department_word b
            ON b.kind = a.kind AND b.entity_id = a.entity_id AND b.attribute = a.attribute AND b.department > a.department) p;
COMMENT ON VIEW {twin}.department_word_pair IS 'Two departments'' words on the same attribute of the same thing (部门说法对照)';
COMMENT ON COLUMN {twin}.department_word_pair.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.department_word_pair.entity_id IS 'The thing: id in the twin''s view of its kind (对象编号)';
COMMENT ON COLUMN {twin}.department_word_pair.attribute IS 'Its attribute (属性)';
COMMENT ON COLUMN {twin}.department_word_pair.department IS 'One department (部门)';
COMMENT ON COLUMN {twin}.department_word_pair.other_department IS 'The other, later in the alphabet (另一部门)';
COMMENT ON COLUMN {twin}.department_word_pair.value IS 'What the one says (取值)';
COMMENT ON COLUMN {twin}.department_word_pair.other_value IS 'What the other says (另一取值)';
COMMENT ON COLUMN {twin}.department_word_pair.difference IS 'How far numbers differ, of places in metres; null for texts (差异)';
COMMENT ON COLUMN {twin}.department_word_pair.tolerance IS 'Up to which difference they agree (允许差异)';
COMMENT ON COLUMN {twin}.department_word_pair.differs IS 'Whether they differ by more; texts by more than width, case and blanks (是否冲突)';
