CREATE INDEX incident_place_place ON incident_place (place)
