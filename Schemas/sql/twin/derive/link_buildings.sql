-- A claim with a footprint is a building. Another belongs to the building it names, else to the one it stands in (the smallest where several:
-- a tower, not its podium; but which of them is then only likely: among), else it is a building of its own.
-- A number is typed, a place is measured: who stands in another footprint and more
-- than 3 m from the one named stands where he stands, and who stands more than 150 m away from it has named the wrong one.
INSERT INTO {links} (kind, id, building_id, method)
SELECT 'building', c.id, coalesce(around.id, CASE WHEN away.is_near THEN named.id END, c.id),
       CASE WHEN around.outlines > 1 THEN 'among' WHEN around.id IS NOT NULL THEN 'inside' WHEN away.is_near THEN 'key' ELSE 'self' END
  FROM {buildings}
  LEFT JOIN building_claim named
         ON c.footprint IS NULL AND named.id = c.building_ref AND named.footprint IS NOT NULL AND NOT named.removed
  -- Most stand in it, which is soon seen.
  LEFT JOIN LATERAL (
        SELECT d.m <= 3 AS is_there, d.m <= 150 AS is_near
          FROM (SELECT CASE WHEN c.location IS NULL OR ST_Intersects(named.footprint, c.location) THEN 0
                            ELSE ST_Distance(named.footprint::geography, c.location::geography) END AS m) d) away ON named.id IS NOT NULL
  LEFT JOIN LATERAL (
        -- An array, not LIMIT 1: that would tempt the planner to walk the primary key.
        SELECT (array_agg(b.id ORDER BY floor((ST_XMax(b.footprint) - ST_XMin(b.footprint)) * (ST_YMax(b.footprint) - ST_YMin(b.footprint)) * 1e10), b.id))[1] AS id,
               count(*) AS outlines
          FROM building_claim b
         WHERE c.footprint IS NULL AND away.is_there IS NOT TRUE AND NOT b.removed AND ST_Intersects(b.footprint, c.location)) around ON true
 WHERE NOT c.removed
