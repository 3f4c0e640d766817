CREATE UNIQUE INDEX building_link_key ON building_link (kind, id, building_id)
