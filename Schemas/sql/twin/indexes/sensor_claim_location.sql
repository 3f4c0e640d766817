CREATE INDEX sensor_claim_location ON sensor_claim USING gist (location);
CREATE INDEX sensor_claim_location_geography ON sensor_claim USING gist ((location::geography));
