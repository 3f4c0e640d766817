CREATE OR REPLACE VIEW {twin}.sensor AS
SELECT c.id,
       c.observed_property,
       c.unit,
       c.feature_of_interest,
       c.location,
       l.building_id,
       l.method AS link_method,
       c.name,
       c.platform,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.sensor_claim c
  LEFT JOIN {generation}.building_link l ON l.kind = 'sensor' AND l.id = c.id
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.sensor IS 'Sensors (传感器)';
COMMENT ON COLUMN {twin}.sensor.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.sensor.observed_property IS 'What it observes (观测属性)';
COMMENT ON COLUMN {twin}.sensor.unit IS 'Unit of its readings, UCUM where the source uses it (单位)';
COMMENT ON COLUMN {twin}.sensor.feature_of_interest IS 'What it observes it of, as the source writes it: pipe/…, building/… (观测对象)';
COMMENT ON COLUMN {twin}.sensor.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.sensor.building_id IS 'Building it belongs to: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.sensor.link_method IS 'How the building was found: key, inside, near within 20 m; null without one (关联方式)';
COMMENT ON COLUMN {twin}.sensor.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.sensor.platform IS 'What it is mounted on (平台)';
COMMENT ON COLUMN {twin}.sensor.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.sensor.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.sensor.position IS 'Position in hub.event of the fact it comes from (事实位置)';
