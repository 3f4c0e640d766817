CREATE INDEX address_claim_location ON address_claim USING gist (location);
CREATE INDEX address_claim_ref ON address_claim (building_ref) WHERE building_ref IS NOT NULL;
