CREATE INDEX incident_place_case ON incident_place (case_id)
