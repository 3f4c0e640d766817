-- The building claims whose building may change: changed in this batch, referring or linked to one that was,
-- or standing where a footprint is now (a little more than 20 m around it count as well), or was.
INSERT INTO place
SELECT ST_Expand(c.footprint, 0.0002 / greatest(cos(radians(ST_YMax(c.footprint))), 0.01), 0.0002)
  FROM {changed} s JOIN building_claim c USING (id) WHERE s.kind = 'building' AND c.footprint IS NOT NULL AND NOT c.removed
UNION ALL
SELECT ST_Envelope(s.outline) FROM {changed} s WHERE s.outline IS NOT NULL;
ANALYZE place;
INSERT INTO affected
SELECT kind, id FROM {changed} s WHERE kind = 'building'
UNION
SELECT 'building', c.id FROM {changed} s JOIN building_claim c ON c.building_ref = s.id WHERE s.kind = 'building'
UNION
SELECT 'building', l.id FROM {changed} s JOIN building_link l ON l.building_id = s.id AND l.kind = 'building' WHERE s.kind = 'building'
UNION
SELECT 'building', l.id FROM {changed} s JOIN building_link o ON o.kind = 'building' AND o.id = s.id
  JOIN building_link l ON l.building_id = o.building_id AND l.kind = 'building' WHERE s.kind = 'building'
UNION
SELECT 'building', c.id FROM place p JOIN building_claim c ON c.location && p.area WHERE c.footprint IS NULL;
ANALYZE affected;
