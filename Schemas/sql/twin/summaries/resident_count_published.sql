CREATE OR REPLACE VIEW {twin}.resident_count_published AS
SELECT n.building_id,
       n.source,
       n.basis,
       CASE WHEN n.residents >= 5 THEN n.residents END AS residents,
       n.residents < 5 AS suppressed
  FROM {twin}.resident_count n;
COMMENT ON VIEW {twin}.resident_count_published IS 'The counts of twin.resident_count for publication: those under 5 are suppressed (对外人口数)';
COMMENT ON COLUMN {twin}.resident_count_published.building_id IS 'Building: twin.building.id (楼幢)';
COMMENT ON COLUMN {twin}.resident_count_published.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.resident_count_published.basis IS 'registered or declared (口径)';
COMMENT ON COLUMN {twin}.resident_count_published.residents IS 'People; null where fewer than 5 (人数)';
COMMENT ON COLUMN {twin}.resident_count_published.suppressed IS 'Whether the count is suppressed (是否隐去)';
