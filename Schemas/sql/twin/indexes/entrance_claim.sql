CREATE INDEX entrance_claim_location ON entrance_claim USING gist (location) WHERE location IS NOT NULL;
CREATE INDEX entrance_claim_ref ON entrance_claim (building_ref) WHERE building_ref IS NOT NULL;
