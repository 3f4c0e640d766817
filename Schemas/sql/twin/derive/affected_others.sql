-- What else may change: told in this batch, naming or linked to an affected building, or near where a footprint is now.
INSERT INTO affected
SELECT 'case', id FROM stage_case
UNION SELECT 'sensor', id FROM stage_sensor
UNION SELECT 'entrance', id FROM stage_entrance
UNION SELECT 'building_part', id FROM stage_building_part
UNION SELECT 'address', id FROM stage_address
UNION SELECT 'pipe', id FROM stage_pipe
UNION
SELECT l.kind, l.id FROM affected b JOIN building_link l ON l.building_id = b.id WHERE b.kind = 'building' AND l.kind <> 'building'
UNION
SELECT x.kind, x.id FROM affected b JOIN anchor x ON x.building_ref = b.id WHERE b.kind = 'building'
UNION
SELECT x.kind, x.id FROM place p JOIN anchor x ON x.geom && p.area
UNION
SELECT 'pipe', c.id FROM place p JOIN pipe_claim c ON c.path && p.area;
ANALYZE affected;
