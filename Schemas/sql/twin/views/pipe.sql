CREATE OR REPLACE VIEW {twin}.pipe AS
SELECT c.id,
       c.network,
       c.starts_at,
       c.ends_at,
       c.length_m::numeric AS length_m,
       c.diameter_mm,
       c.path,
       c.roughness,
       c.minor_loss,
       c.material,
       c.status,
       c.local_path,
       c.placement,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.pipe_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.pipe IS 'Pipes of water networks (管段)';
COMMENT ON COLUMN {twin}.pipe.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.pipe.network IS 'Name of the network (管网)';
COMMENT ON COLUMN {twin}.pipe.starts_at IS 'Node it starts at: twin.network_node.id (起点)';
COMMENT ON COLUMN {twin}.pipe.ends_at IS 'Node it ends at: twin.network_node.id (终点)';
COMMENT ON COLUMN {twin}.pipe.length_m IS 'Length in metres, always the network''s own figure, never measured on the map; exact decimals (长度)';
COMMENT ON COLUMN {twin}.pipe.diameter_mm IS 'Diameter in millimetres (管径)';
COMMENT ON COLUMN {twin}.pipe.path IS 'Course, WGS 84, EPSG:4326; null for a network that is not placed (走向)';
COMMENT ON COLUMN {twin}.pipe.roughness IS 'Roughness coefficient as the network gives it (糙率)';
COMMENT ON COLUMN {twin}.pipe.minor_loss IS 'Minor loss coefficient (局部损失系数)';
COMMENT ON COLUMN {twin}.pipe.material IS 'Material (管材)';
COMMENT ON COLUMN {twin}.pipe.status IS 'State in the source''s words (状态)';
COMMENT ON COLUMN {twin}.pipe.local_path IS 'Course in the network''s own coordinates (本地坐标走向)';
COMMENT ON COLUMN {twin}.pipe.placement IS 'What the place on the map is worth, in the manifest''s words; null for a network that is not placed (落图说明)';
COMMENT ON COLUMN {twin}.pipe.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.pipe.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.pipe.position IS 'Position in hub.event of the fact it comes from (事实位置)';
