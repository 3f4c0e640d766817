-- What may belong to a building: by its own word (building_ref) or by where it is.
CREATE VIEW anchor AS
SELECT 'case'::text COLLATE "C" AS kind, id, building_ref, location AS geom FROM case_claim WHERE NOT removed
UNION ALL
SELECT 'sensor'::text COLLATE "C", id, building_ref, location FROM sensor_claim WHERE NOT removed
UNION ALL
SELECT 'entrance'::text COLLATE "C", id, building_ref, location FROM entrance_claim WHERE NOT removed
UNION ALL
SELECT 'building_part'::text COLLATE "C", id, building_ref, location FROM building_part_claim WHERE NOT removed
UNION ALL
SELECT 'address'::text COLLATE "C", id, building_ref, location FROM address_claim WHERE NOT removed;
