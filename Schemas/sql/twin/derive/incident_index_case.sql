CREATE UNIQUE INDEX incident_case_key ON incident_case (case_id)
