-- Replaces the touched reports' and claims' places by their new ones. Where another building is now known to stand at a place, whoever reports from there is
-- touched as well.
CREATE TEMP TABLE IF NOT EXISTS told_place (place bigint PRIMARY KEY) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS moved_place (place bigint PRIMARY KEY, building_id text COLLATE "C") ON COMMIT DELETE ROWS;
ANALYZE touched_report; ANALYZE touched_claim;
INSERT INTO told_place
SELECT p.place FROM touched_report t JOIN incident_place p ON p.case_id = t.id UNION SELECT n.place FROM new_place n
 UNION SELECT p.place FROM touched_claim t JOIN claim_place p ON p.claim_id = t.id UNION SELECT n.place FROM new_claim_place n;
ANALYZE told_place;
DELETE FROM incident_place p USING touched_report t WHERE p.case_id = t.id;
INSERT INTO incident_place SELECT * FROM new_place;
DELETE FROM claim_place p USING touched_claim t WHERE p.claim_id = t.id;
INSERT INTO claim_place SELECT * FROM new_claim_place;
INSERT INTO moved_place
SELECT t.place, k.building_id
  FROM told_place t
  LEFT JOIN ({known}) k USING (place)
  LEFT JOIN place_building b USING (place)
 WHERE k.building_id IS DISTINCT FROM b.building_id;
DELETE FROM place_building b USING moved_place m WHERE b.place = m.place;
INSERT INTO place_building SELECT m.* FROM moved_place m WHERE m.building_id IS NOT NULL;
INSERT INTO touched_report
SELECT DISTINCT p.case_id, true FROM moved_place m JOIN incident_place p USING (place) ON CONFLICT DO NOTHING
