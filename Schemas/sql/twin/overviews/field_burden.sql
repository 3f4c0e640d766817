-- By things that somebody describes: who typed what others had typed before him.
CREATE OR REPLACE VIEW {twin}.field_burden AS
WITH word AS (
     SELECT v.kind, v.entity_id, v.attribute, v.department, max(v.value) AS value, min(v.value) AS other_value
       FROM {twin}.claim_value v
      WHERE v.kind <> 'case'
      GROUP BY v.kind, v.entity_id, v.attribute, v.department),
field AS (
     SELECT w.kind, w.entity_id, w.attribute, count(*) AS departments, array_agg(w.department ORDER BY w.department) AS who,
            min(w.other_value) = max(w.value) AS is_equal
       FROM word w GROUP BY w.kind, w.entity_id, w.attribute)
SELECT f.kind, f.attribute,
       count(*) AS things,
       count(*) FILTER (WHERE f.departments > 1) AS held_by_several,
       sum(f.departments - 1)::bigint AS typed_again,
       count(*) FILTER (WHERE f.departments > 1 AND f.is_equal) AS typed_alike,
       round(sum(f.departments - 1)::numeric / sum(f.departments), 3) AS burden,
       (SELECT array_agg(DISTINCT w.department ORDER BY w.department) FROM word w WHERE w.kind = f.kind AND w.attribute = f.attribute) AS departments
  FROM field f
 GROUP BY f.kind, f.attribute;
COMMENT ON VIEW {twin}.field_burden IS 'Fields that several departments hold of the same things: typed once, or again and again (重复填报)';
COMMENT ON COLUMN {twin}.field_burden.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.field_burden.attribute IS 'The field (字段)';
COMMENT ON COLUMN {twin}.field_burden.things IS 'Things of which somebody fills it (填报对象数)';
COMMENT ON COLUMN {twin}.field_burden.held_by_several IS 'Of these, things of which more than one department fills it (多部门填报对象数)';
COMMENT ON COLUMN {twin}.field_burden.typed_again IS 'Entries beyond the first department''s (重复填报次数)';
COMMENT ON COLUMN {twin}.field_burden.typed_alike IS 'Things of which all departments say the very same: the second entry told nothing (完全相同对象数)';
COMMENT ON COLUMN {twin}.field_burden.burden IS 'Share of all entries that were typed again, 0 to 1 (重复填报率)';
COMMENT ON COLUMN {twin}.field_burden.departments IS 'Departments that fill it (填报部门)';
