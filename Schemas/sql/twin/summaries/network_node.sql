CREATE OR REPLACE VIEW {twin}.network_node AS
SELECT id, 'junction' AS kind, network, elevation_m, location, local_location, source FROM {twin}.junction
UNION ALL
SELECT id, 'tank', network, elevation_m, location, local_location, source FROM {twin}.tank
UNION ALL
SELECT id, 'reservoir', network, head_m, location, local_location, source FROM {twin}.reservoir;
COMMENT ON VIEW {twin}.network_node IS 'Nodes of water networks: junctions, tanks and reservoirs (管网节点)';
COMMENT ON COLUMN {twin}.network_node.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.network_node.kind IS 'junction, tank or reservoir (类别)';
COMMENT ON COLUMN {twin}.network_node.network IS 'Name of the network (管网)';
COMMENT ON COLUMN {twin}.network_node.elevation_m IS 'Elevation in metres; of a reservoir its head (高程)';
COMMENT ON COLUMN {twin}.network_node.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.network_node.local_location IS 'Place in the network''s own coordinates (本地坐标位置)';
COMMENT ON COLUMN {twin}.network_node.source IS 'Source that says so: hub.source.name (来源)';
