CREATE INDEX sensor_claim_ref ON sensor_claim (building_ref) WHERE building_ref IS NOT NULL;
