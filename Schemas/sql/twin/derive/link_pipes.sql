-- A pipe belongs to every building it crosses or passes within 5 m.
INSERT INTO {links} (kind, id, building_id, method)
SELECT 'pipe', p.id, b.id, CASE WHEN ST_Intersects(b.footprint, p.path) THEN 'crosses' ELSE 'near' END
  FROM {pipes}
  JOIN building_claim b ON NOT b.removed AND ST_DWithin(b.footprint::geography, p.path::geography, 5)
 WHERE NOT p.removed AND p.path IS NOT NULL
