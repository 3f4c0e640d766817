CREATE OR REPLACE VIEW {twin}.entrance AS
SELECT c.id,
       c.name,
       c.address,
       l.building_id,
       l.method AS link_method,
       c.location,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.entrance_claim c
  LEFT JOIN {generation}.building_link l ON l.kind = 'entrance' AND l.id = c.id
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.entrance IS 'Entrances of buildings (单元、门栋)';
COMMENT ON COLUMN {twin}.entrance.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.entrance.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.entrance.address IS 'Address as the source writes it (地址)';
COMMENT ON COLUMN {twin}.entrance.building_id IS 'Building it belongs to: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.entrance.link_method IS 'How the building was found: key, inside, near within 20 m; null without one (关联方式)';
COMMENT ON COLUMN {twin}.entrance.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.entrance.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.entrance.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.entrance.position IS 'Position in hub.event of the fact it comes from (事实位置)';
