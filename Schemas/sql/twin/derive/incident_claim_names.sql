-- What some buildings' claims call them, and the names of their compounds, a line each.
SELECT b.id, b.name, b.address,
       (SELECT string_agg(n.name, E'\n')
          FROM compound_claim k
         CROSS JOIN LATERAL (SELECT k.name UNION ALL SELECT a.name FROM json_array_elements_text(CASE json_typeof(k.aliases) WHEN 'array' THEN k.aliases END) a (name)) n
         WHERE k.id = b.compound_ref AND NOT k.removed) AS compound
  FROM ({ids}) i (id)
  JOIN building_claim b ON b.id = i.id AND NOT b.removed
 WHERE b.name IS NOT NULL OR b.address IS NOT NULL
