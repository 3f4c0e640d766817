-- Cases as reports of incidents. What nobody described, or nobody dated, is compared with nothing. It stands in the building that is known at
-- its address, before the one whose number it names (a number is typed) or that its point falls into; without a point of its own in the middle of that.
SELECT c.id, (extract(epoch FROM c.occurred_at) * 1000000)::bigint, c.category, c.subcategory, c.description, c.address, x.building_id,
       ST_X(p.place), ST_Y(p.place)
  FROM {cases}
  LEFT JOIN building_link l ON l.kind = 'case' AND l.id = c.id
 CROSS JOIN LATERAL (
        SELECT coalesce((SELECT k.building_id FROM incident_place a JOIN place_building k USING (place) WHERE a.case_id = c.id ORDER BY a.rank LIMIT 1),
                        l.building_id) AS building_id OFFSET 0) x
  LEFT JOIN (SELECT b.id, coalesce(ST_Centroid(ST_Envelope(b.footprint)), b.location) AS middle FROM building_claim b {once}) b ON b.id = x.building_id
 CROSS JOIN LATERAL (SELECT coalesce(c.location, b.middle) AS place) p
 WHERE NOT c.removed AND c.position > 0 AND c.occurred_at IS NOT NULL
