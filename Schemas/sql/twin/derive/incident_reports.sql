-- Cases as reports of incidents. What nobody described, or nobody dated, is compared with nothing. One without a place of its own stands in the
-- middle of its building.
SELECT c.id, (extract(epoch FROM c.occurred_at) * 1000000)::bigint, c.category, c.subcategory, c.description, c.address, l.building_id,
       ST_X(p.place), ST_Y(p.place)
  FROM ({ids}) i (id)
  JOIN case_claim c ON c.id = i.id AND NOT c.removed AND c.position > 0 AND c.occurred_at IS NOT NULL
  LEFT JOIN building_link l ON l.kind = 'case' AND l.id = c.id
  LEFT JOIN building_claim b ON b.id = l.building_id
 CROSS JOIN LATERAL (SELECT coalesce(c.location, ST_Centroid(ST_Envelope(b.footprint)), b.location) AS place) p
 ORDER BY c.id
