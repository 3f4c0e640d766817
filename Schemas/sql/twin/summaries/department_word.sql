-- Only of things that have claims beside their own: nobody else has anybody to differ from.
CREATE OR REPLACE VIEW {twin}.department_word AS
SELECT DISTINCT ON (v.kind, v.entity_id, v.attribute, v.department)
       v.kind, v.entity_id, v.attribute, v.department, v.value, v.number, v.place, v.source, v.since, v.position, r.tolerance
  FROM {twin}.claim_value v
  JOIN hub.survivorship_now r ON r.kind = v.kind AND r.attribute = v.attribute AND r.tolerance IS NOT NULL
 WHERE v.kind = 'building' AND EXISTS (SELECT FROM {generation}.building_link k WHERE k.kind = 'building' AND k.building_id = v.entity_id AND k.method <> 'self')
    OR v.kind <> 'building' AND EXISTS (SELECT FROM {generation}.entity_link k WHERE k.kind = v.kind AND k.entity_id = v.entity_id
           AND (k.kind <> 'dwelling' OR k.id <> k.entity_id AND EXISTS (SELECT FROM {generation}.dwelling_claim d WHERE d.id = k.id)))
 ORDER BY v.kind, v.entity_id, v.attribute, v.department, v.since DESC, v.claim_id;
COMMENT ON VIEW {twin}.department_word IS 'What each department says of an attribute that is compared: its most recent claim (部门说法)';
COMMENT ON COLUMN {twin}.department_word.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.department_word.entity_id IS 'The thing: id in the twin''s view of its kind (对象编号)';
COMMENT ON COLUMN {twin}.department_word.attribute IS 'Its attribute (属性)';
COMMENT ON COLUMN {twin}.department_word.department IS 'Department (部门)';
COMMENT ON COLUMN {twin}.department_word.value IS 'What it says, as text (取值)';
COMMENT ON COLUMN {twin}.department_word.number IS 'The same as a number, where it is one (数值)';
COMMENT ON COLUMN {twin}.department_word.place IS 'The same as a place, where it is one, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.department_word.source IS 'Its source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.department_word.since IS 'Since when it counts (起始时间)';
COMMENT ON COLUMN {twin}.department_word.position IS 'Position in hub.event of the fact it comes from (事实位置)';
COMMENT ON COLUMN {twin}.department_word.tolerance IS 'Up to which difference two departments agree (允许差异)';
