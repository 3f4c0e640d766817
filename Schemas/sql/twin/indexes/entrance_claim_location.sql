CREATE INDEX entrance_claim_location ON entrance_claim USING gist (location);
CREATE INDEX entrance_claim_location_geography ON entrance_claim USING gist ((location::geography));
