-- A thing belongs to the building it names (through the claim it names), else to the one it stands in (the smallest id),
-- else to the nearest within 20 m.
INSERT INTO {links} (kind, id, building_id, method)
SELECT x.kind, x.id, named.building_id, 'key'
  FROM {anchors}
  JOIN building_link named ON named.kind = 'building' AND named.id = x.building_ref
 WHERE NOT x.removed;
INSERT INTO {links} (kind, id, building_id, method)
SELECT x.kind, x.id, coalesce(around.id, nearest.id), CASE WHEN around.id IS NOT NULL THEN 'inside' ELSE 'near' END
  FROM {anchors}
  LEFT JOIN LATERAL (
        SELECT (array_agg(b.id ORDER BY b.id))[1] AS id
          FROM building_claim b
         WHERE NOT b.removed AND ST_Intersects(b.footprint, x.geom)) around ON true
  LEFT JOIN LATERAL (
        SELECT (array_agg(b.id ORDER BY ST_Distance(b.footprint::geography, x.geom::geography), b.id))[1] AS id
          FROM building_claim b
         WHERE around.id IS NULL AND NOT b.removed AND ST_DWithin(b.footprint::geography, x.geom::geography, 20)) nearest ON true
 WHERE NOT x.removed AND x.geom IS NOT NULL AND coalesce(around.id, nearest.id) IS NOT NULL
   AND NOT EXISTS (SELECT FROM building_link named WHERE named.kind = 'building' AND named.id = x.building_ref)
