CREATE INDEX alert_claim_sensor ON alert_claim (sensor_ref) WHERE sensor_ref IS NOT NULL;
CREATE INDEX alert_claim_building ON alert_claim (building_ref) WHERE building_ref IS NOT NULL;
