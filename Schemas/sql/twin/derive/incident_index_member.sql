CREATE UNIQUE INDEX incident_member_key ON incident_member (case_id)
