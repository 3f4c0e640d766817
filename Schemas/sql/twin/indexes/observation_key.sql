CREATE UNIQUE INDEX IF NOT EXISTS observation_key ON observation (sensor_id, observed_property, observed_at);
