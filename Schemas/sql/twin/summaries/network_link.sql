CREATE OR REPLACE VIEW {twin}.network_link AS
SELECT id, 'pipe' AS kind, network, starts_at, ends_at, length_m, diameter_mm, status, path, local_path, source FROM {twin}.pipe
UNION ALL
SELECT id, 'pump', network, starts_at, ends_at, NULL, NULL, status, path, local_path, source FROM {twin}.pump
UNION ALL
SELECT id, 'valve', network, starts_at, ends_at, NULL, diameter_mm, status, path, local_path, source FROM {twin}.valve;
COMMENT ON VIEW {twin}.network_link IS 'Links of water networks: pipes, pumps and valves (管网连接)';
COMMENT ON COLUMN {twin}.network_link.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.network_link.kind IS 'pipe, pump or valve (类别)';
COMMENT ON COLUMN {twin}.network_link.network IS 'Name of the network (管网)';
COMMENT ON COLUMN {twin}.network_link.starts_at IS 'Node it starts at: twin.network_node.id (起点)';
COMMENT ON COLUMN {twin}.network_link.ends_at IS 'Node it ends at: twin.network_node.id (终点)';
COMMENT ON COLUMN {twin}.network_link.length_m IS 'Length in metres; null for pumps and valves (长度)';
COMMENT ON COLUMN {twin}.network_link.diameter_mm IS 'Diameter in millimetres (管径)';
COMMENT ON COLUMN {twin}.network_link.status IS 'State in the source''s words (状态)';
COMMENT ON COLUMN {twin}.network_link.path IS 'Course, WGS 84, EPSG:4326; null for a network that is not placed (走向)';
COMMENT ON COLUMN {twin}.network_link.local_path IS 'Course in the network''s own coordinates (本地坐标走向)';
COMMENT ON COLUMN {twin}.network_link.source IS 'Source that says so: hub.source.name (来源)';
