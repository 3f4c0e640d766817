CREATE OR REPLACE VIEW {twin}.reservoir AS
SELECT c.id,
       c.network,
       c.head_m,
       c.location,
       c.pattern,
       c.local_location,
       c.placement,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.reservoir_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.reservoir IS 'Reservoirs of water networks (水源、水库)';
COMMENT ON COLUMN {twin}.reservoir.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.reservoir.network IS 'Name of the network (管网)';
COMMENT ON COLUMN {twin}.reservoir.head_m IS 'Head in metres (水头)';
COMMENT ON COLUMN {twin}.reservoir.location IS 'Place, WGS 84, EPSG:4326; null for a network that is not placed (位置)';
COMMENT ON COLUMN {twin}.reservoir.pattern IS 'Name of its head pattern (水头模式)';
COMMENT ON COLUMN {twin}.reservoir.local_location IS 'Place in the network''s own coordinates (本地坐标位置)';
COMMENT ON COLUMN {twin}.reservoir.placement IS 'What the place on the map is worth, in the manifest''s words; null for a network that is not placed (落图说明)';
COMMENT ON COLUMN {twin}.reservoir.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.reservoir.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.reservoir.position IS 'Position in hub.event of the fact it comes from (事实位置)';
