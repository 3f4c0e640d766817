CREATE INDEX address_claim_location ON address_claim USING gist (location);
