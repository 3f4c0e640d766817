CREATE OR REPLACE VIEW {twin}.population_area AS
SELECT 'compound'::text COLLATE "C" AS area_kind, c.id AS area_id, c.name, b.id AS building_id
  FROM {twin}.compound c
  LEFT JOIN {twin}.building b ON b.compound_id = c.id
UNION ALL
SELECT 'grid_cell'::text COLLATE "C", g.id, g.name, b.id
  FROM {twin}.grid_cell g
  LEFT JOIN {twin}.building b ON ST_Intersects(g.footprint, coalesce(b.location, ST_PointOnSurface(b.footprint)));
COMMENT ON VIEW {twin}.population_area IS 'Areas for which people are counted, with their buildings: compounds and grid cells (人口统计单元)';
COMMENT ON COLUMN {twin}.population_area.area_kind IS 'compound or grid_cell (单元类别)';
COMMENT ON COLUMN {twin}.population_area.area_id IS 'twin.compound.id or twin.grid_cell.id (单元编号)';
COMMENT ON COLUMN {twin}.population_area.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.population_area.building_id IS 'A building in it: twin.building.id; null where it has none (楼幢)';
