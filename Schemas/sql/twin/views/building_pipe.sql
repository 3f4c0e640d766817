CREATE OR REPLACE VIEW {twin}.building_pipe AS
SELECT l.building_id,
       l.id AS pipe_id,
       l.method
  FROM {generation}.building_link l
 WHERE l.kind = 'pipe';
COMMENT ON VIEW {twin}.building_pipe IS 'Pipes under or beside buildings (楼幢与管段)';
COMMENT ON COLUMN {twin}.building_pipe.building_id IS 'Building: twin.building.id (楼幢)';
COMMENT ON COLUMN {twin}.building_pipe.pipe_id IS 'Pipe: twin.pipe.id (管段)';
COMMENT ON COLUMN {twin}.building_pipe.method IS 'crosses: the footprint and the path meet; near: within 5 m (关系)';
