CREATE OR REPLACE VIEW {twin}.person_claim AS
SELECT l.entity_id, l.id AS claim_id, s.name AS source, s.department, l.method
  FROM {generation}.entity_link l
  LEFT JOIN hub.source s ON s.name = split_part(l.id, ':', 1)
 WHERE l.kind = 'person';
COMMENT ON VIEW {twin}.person_claim IS 'Which claims of registers are one person; for stewards alone (同一人的声明)';
COMMENT ON COLUMN {twin}.person_claim.entity_id IS 'The thing: id of the claim that stands for it (对象编号)';
COMMENT ON COLUMN {twin}.person_claim.claim_id IS 'A claim of it: <source>:<the source''s own key> (声明编号)';
COMMENT ON COLUMN {twin}.person_claim.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.person_claim.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.person_claim.method IS 'Why: self, match (by the rules) or steward (依据)';
SELECT hub.show_to_stewards('{twin}.person_claim');
