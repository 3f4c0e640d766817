-- The pieces of one footprint become one; what only has a footprint is placed inside it.
UPDATE stage_building
   SET footprint = u.shape, location = coalesce(location, ST_PointOnSurface(u.shape))
  FROM (SELECT id AS key, ST_Multi(ST_CollectionExtract(ST_UnaryUnion(ST_MakeValid(footprint)), 3)) AS pieces
          FROM stage_building WHERE footprint IS NOT NULL OFFSET 0) p
 CROSS JOIN LATERAL (SELECT CASE WHEN NOT ST_IsEmpty(p.pieces) THEN p.pieces END AS shape) u
 WHERE id = p.key;
