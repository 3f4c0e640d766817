SELECT '{kind}'::text COLLATE "C", a.id, n.building_id, 'key'
  FROM {kind}_claim a JOIN whole n ON n.id = a.building_ref
UNION ALL
SELECT '{kind}', p.id, o.building_id, CASE WHEN p.is_inside THEN 'inside' ELSE 'near' END
  FROM (SELECT a.id, bool_or(ST_Intersects(f.footprint, a.location)) AS is_inside,
               coalesce((array_agg(f.id ORDER BY floor((ST_XMax(f.footprint) - ST_XMin(f.footprint)) * (ST_YMax(f.footprint) - ST_YMin(f.footprint)) * 1e10), f.id) FILTER (WHERE ST_Intersects(f.footprint, a.location)))[1],
                        (array_agg(f.id ORDER BY ST_Distance(f.footprint::geography, a.location::geography), f.id))[1]) AS nearest
          FROM (SELECT x.id, x.location FROM {kind}_claim x
                 WHERE x.location IS NOT NULL AND (x.building_ref IS NULL OR x.building_ref NOT IN (SELECT w.id FROM whole w)) OFFSET 0) a
         CROSS JOIN LATERAL (SELECT f.id, f.position, f.footprint FROM {generation}.building_claim f
                              WHERE ST_DWithin(f.footprint::geography, a.location::geography, 20) OFFSET 0) f
          JOIN building_claim b ON b.id = f.id AND b.position = f.position
         GROUP BY a.id) p
  JOIN whole o ON o.id = p.nearest
