CREATE OR REPLACE VIEW {twin}.junction AS
SELECT c.id,
       c.network,
       c.elevation_m,
       c.location,
       c.base_demand_lps,
       c.pattern,
       c.local_location,
       c.placement,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.junction_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.junction IS 'Junctions of water networks (节点)';
COMMENT ON COLUMN {twin}.junction.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.junction.network IS 'Name of the network (管网)';
COMMENT ON COLUMN {twin}.junction.elevation_m IS 'Elevation in metres (高程)';
COMMENT ON COLUMN {twin}.junction.location IS 'Place, WGS 84, EPSG:4326; null for a network that is not placed (位置)';
COMMENT ON COLUMN {twin}.junction.base_demand_lps IS 'Base demand in litres a second (基本需水量)';
COMMENT ON COLUMN {twin}.junction.pattern IS 'Name of its demand pattern (用水模式)';
COMMENT ON COLUMN {twin}.junction.local_location IS 'Place in the network''s own coordinates (本地坐标位置)';
COMMENT ON COLUMN {twin}.junction.placement IS 'What the place on the map is worth, in the manifest''s words; null for a network that is not placed (落图说明)';
COMMENT ON COLUMN {twin}.junction.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.junction.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.junction.position IS 'Position in hub.event of the fact it comes from (事实位置)';
