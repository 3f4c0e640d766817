CREATE INDEX case_claim_location ON case_claim USING gist (location) WHERE location IS NOT NULL;
CREATE INDEX case_claim_ref ON case_claim (building_ref) WHERE building_ref IS NOT NULL;
