CREATE INDEX building_link_building ON building_link (building_id, kind, id)
