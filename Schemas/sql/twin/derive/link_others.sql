-- A thing belongs to the building it names (through the claim it names), else to the one it stands in (the smallest),
-- else to the nearest within 20 m.
WITH anchored AS MATERIALIZED (
    SELECT x.kind, x.id, x.geom, named.building_id
      FROM {anchors}
      LEFT JOIN building_link named ON named.kind = 'building' AND named.id = x.building_ref
     WHERE NOT x.removed AND (named.building_id IS NOT NULL OR x.geom IS NOT NULL))
INSERT INTO {links} (kind, id, building_id, method)
SELECT kind, id, building_id, 'key' FROM anchored WHERE building_id IS NOT NULL
UNION ALL
SELECT x.kind, x.id, coalesce(around.id, nearest.id), CASE WHEN around.id IS NOT NULL THEN 'inside' ELSE 'near' END
  FROM anchored x
  LEFT JOIN LATERAL (
        SELECT (array_agg(b.id ORDER BY floor((ST_XMax(b.footprint) - ST_XMin(b.footprint)) * (ST_YMax(b.footprint) - ST_YMin(b.footprint)) * 1e10), b.id))[1] AS id
          FROM building_claim b
         WHERE NOT b.removed AND ST_Intersects(b.footprint, x.geom)) around ON true
  LEFT JOIN LATERAL (
        SELECT (array_agg(b.id ORDER BY ST_Distance(b.footprint::geography, x.geom::geography), b.id))[1] AS id
          FROM building_claim b
         WHERE around.id IS NULL AND NOT b.removed AND ST_DWithin(b.footprint::geography, x.geom::geography, 20)) nearest ON true
 WHERE x.building_id IS NULL AND coalesce(around.id, nearest.id) IS NOT NULL
