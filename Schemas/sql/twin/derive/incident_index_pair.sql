CREATE UNIQUE INDEX incident_pair_key ON incident_pair (left_id, right_id)
