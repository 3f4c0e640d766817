CREATE INDEX benefit_claim_ref ON benefit_claim (building_ref) WHERE building_ref IS NOT NULL;
