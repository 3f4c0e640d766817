CREATE INDEX sensor_claim_location ON sensor_claim USING gist (location) WHERE location IS NOT NULL;
CREATE INDEX sensor_claim_ref ON sensor_claim (building_ref) WHERE building_ref IS NOT NULL;
