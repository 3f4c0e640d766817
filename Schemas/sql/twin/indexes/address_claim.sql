CREATE INDEX address_claim_location ON address_claim USING gist (location) WHERE location IS NOT NULL;
CREATE INDEX address_claim_ref ON address_claim (building_ref) WHERE building_ref IS NOT NULL;
