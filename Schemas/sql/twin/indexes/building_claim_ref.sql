CREATE INDEX building_claim_ref ON building_claim (building_ref) WHERE building_ref IS NOT NULL;
