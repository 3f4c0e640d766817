CREATE INDEX incident_pair_right ON incident_pair (right_id)
