CREATE OR REPLACE VIEW {twin}.entity_claim AS
SELECT l.kind, l.entity_id, l.id AS claim_id, s.name AS source, s.department, l.method
  FROM (SELECT kind, building_id AS entity_id, id, method FROM {generation}.building_link WHERE kind = 'building'
        UNION ALL
        SELECT kind, entity_id, id, method FROM {generation}.entity_link WHERE kind NOT IN ('person', 'dwelling')
        UNION ALL
        -- Of homes what several sources describe: whether anybody is registered there is for stewards.
        SELECT e.kind, e.entity_id, e.id, e.method
          FROM (SELECT k.*, count(*) OVER (PARTITION BY k.entity_id) AS homes
                  FROM {generation}.entity_link k JOIN {generation}.dwelling_claim d ON d.id = k.id WHERE k.kind = 'dwelling') e
         WHERE e.homes > 1) l
  LEFT JOIN hub.source s ON s.name = split_part(l.id, ':', 1);
COMMENT ON VIEW {twin}.entity_claim IS 'Which claims are one thing: of buildings all, of other kinds those that are not alone; of people: twin.person_claim, of homes what registers say of people: twin.dwelling_resident (同一对象的声明)';
COMMENT ON COLUMN {twin}.entity_claim.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.entity_claim.entity_id IS 'The thing: id of the claim that stands for it (对象编号)';
COMMENT ON COLUMN {twin}.entity_claim.claim_id IS 'A claim of it: <source>:<the source''s own key> (声明编号)';
COMMENT ON COLUMN {twin}.entity_claim.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.entity_claim.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.entity_claim.method IS 'Why: self, key, inside, among, match (by the rules) or steward (依据)';
