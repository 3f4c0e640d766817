-- A claim with a footprint is a building. Another belongs to the building it names, else to the one it stands in
-- (the smallest id where several), else it is a building of its own.
INSERT INTO {links} (kind, id, building_id, method)
SELECT 'building', c.id, coalesce(named.id, around.id, c.id),
       CASE WHEN named.id IS NOT NULL THEN 'key' WHEN around.id IS NOT NULL THEN 'inside' ELSE 'self' END
  FROM {buildings}
  LEFT JOIN building_claim named
         ON c.footprint IS NULL AND named.id = c.building_ref AND named.footprint IS NOT NULL AND NOT named.removed
  LEFT JOIN LATERAL (
        -- An array, not LIMIT 1: that would tempt the planner to walk the primary key.
        SELECT (array_agg(b.id ORDER BY b.id))[1] AS id
          FROM building_claim b
         WHERE c.footprint IS NULL AND named.id IS NULL AND NOT b.removed AND ST_Intersects(b.footprint, c.location)) around ON true
 WHERE NOT c.removed
