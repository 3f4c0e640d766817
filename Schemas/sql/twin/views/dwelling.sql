CREATE OR REPLACE VIEW {twin}.dwelling AS
SELECT c.id,
       l.building_id,
       c.entrance,
       c.room,
       c.area_m2,
       c.tenure,
       c.occupants,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.dwelling_claim c
  LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = c.building_ref
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.dwelling IS 'Dwellings, as each source knows them (户室)';
COMMENT ON COLUMN {twin}.dwelling.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.dwelling.building_id IS 'Building it belongs to: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.dwelling.entrance IS 'Entrance or stairwell (单元)';
COMMENT ON COLUMN {twin}.dwelling.room IS 'Room number (室号)';
COMMENT ON COLUMN {twin}.dwelling.area_m2 IS 'Floor area in square metres (建筑面积)';
COMMENT ON COLUMN {twin}.dwelling.tenure IS 'Tenure in the source''s words (权属、租住)';
COMMENT ON COLUMN {twin}.dwelling.occupants IS 'Occupants as declared (居住人数)';
COMMENT ON COLUMN {twin}.dwelling.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.dwelling.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.dwelling.position IS 'Position in hub.event of the fact it comes from (事实位置)';
