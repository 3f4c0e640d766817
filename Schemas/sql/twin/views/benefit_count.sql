CREATE OR REPLACE VIEW {twin}.benefit_count AS
SELECT l.building_id,
       split_part(b.id, ':', 1) AS source,
       b.benefit,
       CASE WHEN count(*) >= 5 THEN count(*) END AS people,
       count(*) < 5 AS suppressed
  FROM {generation}.benefit_claim b
  LEFT JOIN {generation}.benefit_claim every ON every.id = regexp_replace(b.id, ':benefit:.*$', ':benefit:*')
  LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = b.building_ref
 WHERE NOT b.removed AND b.benefit IS NOT NULL
   AND (every.removed AND CASE WHEN every.occurred_at <> b.occurred_at THEN every.occurred_at > b.occurred_at
                               ELSE every.position > b.position END) IS NOT TRUE
 GROUP BY l.building_id, split_part(b.id, ':', 1), b.benefit;
COMMENT ON VIEW {twin}.benefit_count IS 'People with a benefit or in care, by building and source; counts under 5 are suppressed (救助与照护人数)';
COMMENT ON COLUMN {twin}.benefit_count.building_id IS 'Building: twin.building.id (楼幢)';
COMMENT ON COLUMN {twin}.benefit_count.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.benefit_count.benefit IS 'Benefit or kind of care in the source''s words (项目)';
COMMENT ON COLUMN {twin}.benefit_count.people IS 'People; null where fewer than 5 (人数)';
COMMENT ON COLUMN {twin}.benefit_count.suppressed IS 'Whether the count is suppressed (是否隐去)';
