CREATE INDEX case_claim_location ON case_claim USING gist (location);
