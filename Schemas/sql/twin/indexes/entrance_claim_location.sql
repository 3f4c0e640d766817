CREATE INDEX entrance_claim_location ON entrance_claim USING gist (location);
