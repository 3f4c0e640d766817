CREATE OR REPLACE VIEW {twin}.dwelling_resident AS
SELECT l.entity_id AS dwelling_id, l.id AS resident_id, s.name AS source, s.department, l.method
  FROM {generation}.entity_link l
  JOIN {generation}.resident_claim r ON r.id = l.id
  LEFT JOIN hub.source s ON s.id = r.source_id
 WHERE l.kind = 'dwelling';
COMMENT ON VIEW {twin}.dwelling_resident IS 'Who is registered in which home, whatever the registers call it; for stewards alone. Who has no row is in a home that nobody else tells of (户室居住人)';
COMMENT ON COLUMN {twin}.dwelling_resident.dwelling_id IS 'The home: twin.dwelling.id, or where no source describes it the resident_id of one of its people (户室)';
COMMENT ON COLUMN {twin}.dwelling_resident.resident_id IS 'The person in that register: twin.resident.id (居民编号)';
COMMENT ON COLUMN {twin}.dwelling_resident.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.dwelling_resident.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.dwelling_resident.method IS 'Why: self, match (by the rules) or steward (依据)';
SELECT hub.show_to_stewards('{twin}.dwelling_resident');
