-- A thing belongs to the building it names (through the claim it names), else to the one it stands in (the smallest id),
-- else to the nearest within 20 m. A pipe belongs to every building it crosses or passes within 5 m.
INSERT INTO new_link (kind, id, building_id, method)
SELECT x.kind, x.id, coalesce(named.building_id, around.id, nearest.id),
       CASE WHEN named.building_id IS NOT NULL THEN 'key' WHEN around.id IS NOT NULL THEN 'inside' ELSE 'near' END
  FROM affected a
  JOIN anchor x ON x.kind = a.kind AND x.id = a.id AND NOT x.removed
  LEFT JOIN building_link named ON named.kind = 'building' AND named.id = x.building_ref
  LEFT JOIN LATERAL (
        SELECT (array_agg(b.id ORDER BY b.id))[1] AS id
          FROM building_claim b
         WHERE named.id IS NULL AND NOT b.removed AND ST_Intersects(b.footprint, x.geom)) around ON true
  LEFT JOIN LATERAL (
        SELECT (array_agg(b.id ORDER BY ST_Distance(b.footprint::geography, x.geom::geography), b.id))[1] AS id
          FROM building_claim b
         WHERE named.id IS NULL AND around.id IS NULL AND NOT b.removed
           AND ST_DWithin(b.footprint::geography, x.geom::geography, 20)) nearest ON true
 WHERE a.kind NOT IN ('building', 'pipe') AND coalesce(named.building_id, around.id, nearest.id) IS NOT NULL;
INSERT INTO new_link (kind, id, building_id, method)
SELECT 'pipe', p.id, b.id, CASE WHEN ST_Intersects(b.footprint, p.path) THEN 'crosses' ELSE 'near' END
  FROM affected a
  JOIN pipe_claim p ON p.id = a.id AND NOT p.removed
  JOIN building_claim b ON NOT b.removed AND ST_DWithin(b.footprint::geography, p.path::geography, 5)
 WHERE a.kind = 'pipe';
