CREATE OR REPLACE VIEW {twin}.valve AS
SELECT c.id,
       c.network,
       c.starts_at,
       c.ends_at,
       c.valve_type,
       c.diameter_mm,
       c.setting,
       c.setting_unit,
       c.minor_loss,
       c.path,
       c.status,
       c.local_path,
       c.placement,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.valve_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.valve IS 'Valves of water networks (阀门)';
COMMENT ON COLUMN {twin}.valve.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.valve.network IS 'Name of the network (管网)';
COMMENT ON COLUMN {twin}.valve.starts_at IS 'Node it starts at: twin.network_node.id (起点)';
COMMENT ON COLUMN {twin}.valve.ends_at IS 'Node it ends at: twin.network_node.id (终点)';
COMMENT ON COLUMN {twin}.valve.valve_type IS 'EPANET type: PRV, PSV, PBV, FCV, TCV, GPV (阀门类型)';
COMMENT ON COLUMN {twin}.valve.diameter_mm IS 'Diameter in millimetres (口径)';
COMMENT ON COLUMN {twin}.valve.setting IS 'What it is set to, in setting_unit (设定值)';
COMMENT ON COLUMN {twin}.valve.setting_unit IS 'm of head, l/s, or 1 for a coefficient (设定单位)';
COMMENT ON COLUMN {twin}.valve.minor_loss IS 'Minor loss coefficient (局部损失系数)';
COMMENT ON COLUMN {twin}.valve.path IS 'Course, WGS 84, EPSG:4326; null for a network that is not placed (走向)';
COMMENT ON COLUMN {twin}.valve.status IS 'State in the source''s words (状态)';
COMMENT ON COLUMN {twin}.valve.local_path IS 'Course in the network''s own coordinates (本地坐标走向)';
COMMENT ON COLUMN {twin}.valve.placement IS 'What the place on the map is worth, in the manifest''s words; null for a network that is not placed (落图说明)';
COMMENT ON COLUMN {twin}.valve.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.valve.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.valve.position IS 'Position in hub.event of the fact it comes from (事实位置)';
