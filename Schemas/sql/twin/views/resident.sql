CREATE OR REPLACE VIEW {twin}.resident AS
SELECT r.id, s.name AS source, l.building_id, r.dwelling_ref AS dwelling, r.kind, r.name, r.phone, r.effective_at AS since, r.position
  FROM {generation}.resident_claim r
  JOIN hub.source s ON s.id = r.source_id
  LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = r.building_ref
 WHERE NOT r.removed;
COMMENT ON VIEW {twin}.resident IS 'Registered people, one row a source and person; for stewards alone. Names and phones are sealed: `twinhub subject show` opens them (登记居民)';
COMMENT ON COLUMN {twin}.resident.id IS '<source>:<pseudonym>: the same person has the same pseudonym in every source (编号)';
COMMENT ON COLUMN {twin}.resident.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.resident.building_id IS 'Building: twin.building.id; null where it is not known (楼幢)';
COMMENT ON COLUMN {twin}.resident.dwelling IS 'Home: twin.dwelling.id, or as the source names it (房屋)';
COMMENT ON COLUMN {twin}.resident.kind IS 'registered, migrant, foreign … (人员类别)';
COMMENT ON COLUMN {twin}.resident.name IS 'Name as the adapter told it, sealed: sealed:<key>:<ciphertext> (姓名)';
COMMENT ON COLUMN {twin}.resident.phone IS 'Phone as the adapter told it, sealed (电话)';
COMMENT ON COLUMN {twin}.resident.since IS 'Since when (起始时间)';
COMMENT ON COLUMN {twin}.resident.position IS 'Position of its fact in the log (日志位置)';
SELECT hub.show_to_stewards('{twin}.resident');
