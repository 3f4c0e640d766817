-- Where the footprints of this batch were, before they move: their boxes and a little more than 20 m around.
INSERT INTO place
SELECT ST_Expand(c.footprint, 0.0002 / greatest(cos(radians(ST_YMax(c.footprint))), 0.01), 0.0002)
  FROM stage_building s JOIN building_claim c USING (id) WHERE c.footprint IS NOT NULL AND NOT c.removed;
