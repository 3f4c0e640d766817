CREATE INDEX building_claim_location ON building_claim USING gist (location);
