CREATE OR REPLACE VIEW {twin}.building_part AS
SELECT c.id,
       c.name,
       l.building_id,
       l.method AS link_method,
       c.height_m,
       c.min_height_m,
       c.floors,
       c.footprint,
       c.location,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.building_part_claim c
  LEFT JOIN {generation}.building_link l ON l.kind = 'building_part' AND l.id = c.id
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.building_part IS 'Parts of buildings with a height of their own (楼幢部分)';
COMMENT ON COLUMN {twin}.building_part.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.building_part.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.building_part.building_id IS 'Building it belongs to: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.building_part.link_method IS 'How the building was found: key, inside, near within 20 m; null without one (关联方式)';
COMMENT ON COLUMN {twin}.building_part.height_m IS 'Height of its top in metres (高度)';
COMMENT ON COLUMN {twin}.building_part.min_height_m IS 'Height of its foot in metres (底部高度)';
COMMENT ON COLUMN {twin}.building_part.floors IS 'Storeys (层数)';
COMMENT ON COLUMN {twin}.building_part.footprint IS 'Outline, WGS 84, EPSG:4326 (轮廓)';
COMMENT ON COLUMN {twin}.building_part.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.building_part.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.building_part.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.building_part.position IS 'Position in hub.event of the fact it comes from (事实位置)';
