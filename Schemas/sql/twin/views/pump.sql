CREATE OR REPLACE VIEW {twin}.pump AS
SELECT c.id,
       c.network,
       c.starts_at,
       c.ends_at,
       c.parameters,
       c.power_kw,
       c.path,
       c.status,
       c.local_path,
       c.placement,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.pump_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.pump IS 'Pumps of water networks (水泵)';
COMMENT ON COLUMN {twin}.pump.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.pump.network IS 'Name of the network (管网)';
COMMENT ON COLUMN {twin}.pump.starts_at IS 'Node it starts at: twin.network_node.id (起点)';
COMMENT ON COLUMN {twin}.pump.ends_at IS 'Node it ends at: twin.network_node.id (终点)';
COMMENT ON COLUMN {twin}.pump.parameters IS 'Parameters as the network writes them (参数)';
COMMENT ON COLUMN {twin}.pump.power_kw IS 'Constant power in kilowatts, where it has one (功率)';
COMMENT ON COLUMN {twin}.pump.path IS 'Course, WGS 84, EPSG:4326; null for a network that is not placed (走向)';
COMMENT ON COLUMN {twin}.pump.status IS 'State in the source''s words (状态)';
COMMENT ON COLUMN {twin}.pump.local_path IS 'Course in the network''s own coordinates (本地坐标走向)';
COMMENT ON COLUMN {twin}.pump.placement IS 'What the place on the map is worth, in the manifest''s words; null for a network that is not placed (落图说明)';
COMMENT ON COLUMN {twin}.pump.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.pump.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.pump.position IS 'Position in hub.event of the fact it comes from (事实位置)';
