CREATE OR REPLACE VIEW {twin}.address AS
SELECT c.id,
       c.name,
       c.address,
       l.building_id,
       l.method AS link_method,
       c.location,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.address_claim c
  LEFT JOIN {generation}.building_link l ON l.kind = 'address' AND l.id = c.id
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.address IS 'Addresses with a place (地址点)';
COMMENT ON COLUMN {twin}.address.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.address.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.address.address IS 'Address as the source writes it (地址)';
COMMENT ON COLUMN {twin}.address.building_id IS 'Building it belongs to: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.address.link_method IS 'How the building was found: key, inside, near within 20 m; null without one (关联方式)';
COMMENT ON COLUMN {twin}.address.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.address.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.address.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.address.position IS 'Position in hub.event of the fact it comes from (事实位置)';
