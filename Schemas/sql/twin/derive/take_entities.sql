-- The gathered claims whose building becomes another one, and the buildings that they leave, are affected as well; and what was found
-- stands in place of what their own words say.
CREATE TEMP TABLE IF NOT EXISTS differing (id text COLLATE "C") ON COMMIT DELETE ROWS;
DELETE FROM differing;
INSERT INTO differing
SELECT d.id FROM (
       SELECT e.id, l.building_id FROM entity_now e LEFT JOIN building_link l ON l.kind = 'building' AND l.id = e.id
        WHERE l.building_id IS DISTINCT FROM e.entity_id OR l.method IS DISTINCT FROM e.method) x
 CROSS JOIN LATERAL (SELECT x.id UNION SELECT o.id FROM entity_now o WHERE o.id = x.building_id) d (id);
INSERT INTO affected SELECT DISTINCT 'building', d.id FROM differing d WHERE NOT EXISTS (SELECT FROM affected a WHERE a.kind = 'building' AND a.id = d.id);
DELETE FROM new_link n USING entity_now e WHERE n.kind = 'building' AND n.id = e.id;
INSERT INTO new_link SELECT 'building', e.id, e.entity_id, e.method FROM entity_now e WHERE EXISTS (SELECT FROM affected a WHERE a.kind = 'building' AND a.id = e.id)
