CREATE INDEX incident_member_incident ON incident_member (incident_id)
