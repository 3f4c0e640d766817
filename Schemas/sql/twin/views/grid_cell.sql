CREATE OR REPLACE VIEW {twin}.grid_cell AS
SELECT c.id,
       c.name,
       c.households,
       c.division,
       c.footprint,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.grid_cell_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.grid_cell IS 'Cells that grid workers walk, about 500 households each (网格)';
COMMENT ON COLUMN {twin}.grid_cell.id IS 'Stable id: <source>:<the source''s own key> (网格编号)';
COMMENT ON COLUMN {twin}.grid_cell.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.grid_cell.households IS 'Households as declared (户数)';
COMMENT ON COLUMN {twin}.grid_cell.division IS 'Code of the division that it is part of (行政区划)';
COMMENT ON COLUMN {twin}.grid_cell.footprint IS 'Outline, WGS 84, EPSG:4326 (范围)';
COMMENT ON COLUMN {twin}.grid_cell.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.grid_cell.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.grid_cell.position IS 'Position of its fact in the log (日志位置)';
