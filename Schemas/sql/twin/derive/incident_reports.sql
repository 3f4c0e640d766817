-- Cases as reports of incidents. What nobody described, or nobody dated, is compared with nothing. One that does not name its building stands in the one
-- that is known at its address, before the one that its point falls into; one without a point of its own in the middle of its building.
SELECT c.id, (extract(epoch FROM c.occurred_at) * 1000000)::bigint, c.category, c.subcategory, c.description, c.address, x.building_id,
       ST_X(p.place), ST_Y(p.place)
  FROM ({ids}) i (id)
  JOIN case_claim c ON c.id = i.id AND NOT c.removed AND c.position > 0 AND c.occurred_at IS NOT NULL
  LEFT JOIN building_link l ON l.kind = 'case' AND l.id = c.id
  LEFT JOIN LATERAL (
        SELECT k.building_id
          FROM incident_place a JOIN place_building k USING (place)
         WHERE l.method IS DISTINCT FROM 'key' AND a.case_id = c.id ORDER BY a.rank LIMIT 1) known ON true
 CROSS JOIN LATERAL (SELECT coalesce(known.building_id, l.building_id) AS building_id) x
  LEFT JOIN building_claim b ON b.id = x.building_id
 CROSS JOIN LATERAL (SELECT coalesce(c.location, ST_Centroid(ST_Envelope(b.footprint)), b.location) AS place) p
 ORDER BY c.id
