CREATE INDEX resident_claim_ref ON resident_claim (building_ref) WHERE building_ref IS NOT NULL;
