CREATE OR REPLACE VIEW {twin}.tank AS
SELECT c.id,
       c.network,
       c.elevation_m,
       c.location,
       c.init_level_m,
       c.min_level_m,
       c.max_level_m,
       c.diameter_m,
       c.min_volume_m3,
       c.local_location,
       c.placement,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.tank_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.tank IS 'Tanks of water networks (水箱、水池)';
COMMENT ON COLUMN {twin}.tank.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.tank.network IS 'Name of the network (管网)';
COMMENT ON COLUMN {twin}.tank.elevation_m IS 'Elevation of its floor in metres (底高程)';
COMMENT ON COLUMN {twin}.tank.location IS 'Place, WGS 84, EPSG:4326; null for a network that is not placed (位置)';
COMMENT ON COLUMN {twin}.tank.init_level_m IS 'Level at the start in metres (初始水位)';
COMMENT ON COLUMN {twin}.tank.min_level_m IS 'Lowest level in metres (最低水位)';
COMMENT ON COLUMN {twin}.tank.max_level_m IS 'Highest level in metres (最高水位)';
COMMENT ON COLUMN {twin}.tank.diameter_m IS 'Diameter in metres (直径)';
COMMENT ON COLUMN {twin}.tank.min_volume_m3 IS 'Volume at the lowest level in cubic metres (最小容积)';
COMMENT ON COLUMN {twin}.tank.local_location IS 'Place in the network''s own coordinates (本地坐标位置)';
COMMENT ON COLUMN {twin}.tank.placement IS 'What the place on the map is worth, in the manifest''s words; null for a network that is not placed (落图说明)';
COMMENT ON COLUMN {twin}.tank.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.tank.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.tank.position IS 'Position in hub.event of the fact it comes from (事实位置)';
