-- The building of which most different things are known.
SELECT b.id
  FROM twin.building b
  LEFT JOIN (SELECT building_id, count(DISTINCT source) AS n FROM twin.building_claim GROUP BY 1) claims ON claims.building_id = b.id
  LEFT JOIN (SELECT building_id, count(DISTINCT source) AS n FROM twin.resident_count GROUP BY 1) people ON people.building_id = b.id
  LEFT JOIN (SELECT building_id, count(*) AS n FROM twin.building_pipe GROUP BY 1) pipes ON pipes.building_id = b.id
  LEFT JOIN (SELECT building_id, count(*) AS n FROM twin.sensor GROUP BY 1) sensors ON sensors.building_id = b.id
  LEFT JOIN (SELECT building_id, count(*) AS n, count(DISTINCT channel) AS channels FROM twin."case" GROUP BY 1) cases ON cases.building_id = b.id
 ORDER BY (claims.n IS NOT NULL)::int + (people.n IS NOT NULL)::int + (pipes.n IS NOT NULL)::int + (sensors.n IS NOT NULL)::int
            + (cases.n IS NOT NULL)::int DESC,
          coalesce(claims.n, 0) + coalesce(people.n, 0) + coalesce(cases.channels, 0) DESC, b.name IS NULL, coalesce(cases.n, 0) DESC, b.id
 LIMIT 1
