-- For a rebuild: all of it.
INSERT INTO affected
SELECT 'building', id FROM building_claim
UNION ALL SELECT kind, id FROM anchor
UNION ALL SELECT 'pipe', id FROM pipe_claim;
ANALYZE affected;
