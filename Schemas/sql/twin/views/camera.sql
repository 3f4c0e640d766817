CREATE OR REPLACE VIEW {twin}.camera AS
SELECT c.id,
       c.name,
       c.number,
       c.owner,
       c.usage,
       c.address,
       c.location,
       l.building_id,
       coalesce(e.entity_id, c.id) AS entity_id,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.camera_claim c
  LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = c.building_ref
  LEFT JOIN {generation}.entity_link e ON e.kind = 'camera' AND e.id = c.id
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.camera IS 'Cameras as their owners list them; never joined to persons (摄像头)';
COMMENT ON COLUMN {twin}.camera.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.camera.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.camera.number IS 'The device''s number (设备编号)';
COMMENT ON COLUMN {twin}.camera.owner IS 'Who owns it (归属单位)';
COMMENT ON COLUMN {twin}.camera.usage IS 'What it is there for (用途)';
COMMENT ON COLUMN {twin}.camera.address IS 'Address as the source writes it (地址)';
COMMENT ON COLUMN {twin}.camera.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.camera.building_id IS 'Building that it names: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.camera.entity_id IS 'Which camera it is: the claim that stands for all that are the same one (同一对象)';
COMMENT ON COLUMN {twin}.camera.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.camera.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.camera.position IS 'Position in hub.event of the fact it comes from (事实位置)';
