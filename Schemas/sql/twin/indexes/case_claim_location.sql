CREATE INDEX case_claim_location ON case_claim USING gist (location);
CREATE INDEX case_claim_location_geography ON case_claim USING gist ((location::geography));
