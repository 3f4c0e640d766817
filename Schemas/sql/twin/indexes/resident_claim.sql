CREATE INDEX resident_claim_ref ON resident_claim (building_ref) WHERE building_ref IS NOT NULL;
CREATE INDEX resident_claim_dwelling ON resident_claim (dwelling_ref) WHERE dwelling_ref IS NOT NULL;
