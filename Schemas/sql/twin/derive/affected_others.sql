-- What else may change: changed in this batch, naming or linked to an affected building, or near where a footprint is now.
INSERT INTO affected
SELECT kind, id FROM {changed} s WHERE kind <> 'building'
UNION
SELECT l.kind, l.id FROM affected b JOIN building_link l ON l.building_id = b.id WHERE b.kind = 'building' AND l.kind <> 'building'
UNION
SELECT x.kind, x.id FROM affected b JOIN anchor x ON x.building_ref = b.id WHERE b.kind = 'building'
UNION
SELECT x.kind, x.id FROM place p JOIN anchor x ON x.geom && p.area
UNION
SELECT 'pipe', c.id FROM place p JOIN pipe_claim c ON c.path && p.area;
ANALYZE affected;
