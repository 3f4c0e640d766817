CREATE INDEX dwelling_claim_ref ON dwelling_claim (building_ref) WHERE building_ref IS NOT NULL;
