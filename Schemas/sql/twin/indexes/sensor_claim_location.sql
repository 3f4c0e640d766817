CREATE INDEX sensor_claim_location ON sensor_claim USING gist (location);
