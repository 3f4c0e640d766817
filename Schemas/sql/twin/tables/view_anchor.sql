-- What may belong to a building: by its own word (building_ref) or by where it is.
-- No WHERE here: with one the planner could not look rows up by the indexes of the tables behind it.
CREATE VIEW anchor AS
SELECT 'case'::text COLLATE "C" AS kind, id, building_ref, location AS geom, removed FROM case_claim
UNION ALL
SELECT 'sensor'::text COLLATE "C", id, building_ref, location, removed FROM sensor_claim
UNION ALL
SELECT 'entrance'::text COLLATE "C", id, building_ref, location, removed FROM entrance_claim
UNION ALL
SELECT 'building_part'::text COLLATE "C", id, building_ref, location, removed FROM building_part_claim
UNION ALL
SELECT 'address'::text COLLATE "C", id, building_ref, location, removed FROM address_claim;
