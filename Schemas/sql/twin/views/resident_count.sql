CREATE OR REPLACE VIEW {twin}.resident_count AS
SELECT p.building_id,
       s.name AS source,
       s.department,
       p.basis,
       sum(p.people) AS residents,
       max(p.effective_at) AS latest
  FROM (
        SELECT l.building_id, r.source_id, 'registered' AS basis, 1 AS people, r.effective_at
          FROM {generation}.resident_claim r
          LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = r.building_ref
         WHERE NOT r.removed
        UNION ALL
        SELECT l.building_id, o.source_id, 'declared', o.occupants, o.effective_at
          FROM {generation}.occupancy_claim o
          LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = o.building_ref
         WHERE NOT o.removed AND o.occupants IS NOT NULL) p
  JOIN hub.source s ON s.id = p.source_id
 GROUP BY p.building_id, s.name, s.department, p.basis;
COMMENT ON VIEW {twin}.resident_count IS 'People in each building by source: counts only, never persons; sources disagree, so never add them up (人口数)';
COMMENT ON COLUMN {twin}.resident_count.building_id IS 'Building: twin.building.id; null for people whose building is not known (楼幢)';
COMMENT ON COLUMN {twin}.resident_count.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.resident_count.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.resident_count.basis IS 'registered: persons on a list; declared: occupants stated for a dwelling (口径)';
COMMENT ON COLUMN {twin}.resident_count.residents IS 'People (人数)';
COMMENT ON COLUMN {twin}.resident_count.latest IS 'The newest entry among them (最近时间)';
