-- What some building claims say by themselves, and those that name them or stand in their footprints: $ids.
DELETE FROM probe;
DELETE FROM base_link;
INSERT INTO probe
SELECT f.id FROM unnest({ids}::text[]) f (id)
UNION
SELECT c.id FROM unnest({ids}::text[]) f (id) JOIN building_claim c ON c.building_ref = f.id COLLATE "C"
UNION
SELECT c.id FROM unnest({ids}::text[]) f (id) JOIN building_claim b ON b.id = f.id COLLATE "C" AND b.footprint IS NOT NULL AND NOT b.removed
  JOIN building_claim c ON c.location && b.footprint AND c.footprint IS NULL
