CREATE UNIQUE INDEX place_building_key ON place_building (place)
