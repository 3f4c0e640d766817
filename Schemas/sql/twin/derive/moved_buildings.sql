-- Claims that belong to another building than before.
CREATE TEMP TABLE IF NOT EXISTS moved (id text COLLATE "C") ON COMMIT DELETE ROWS;
DELETE FROM moved;
INSERT INTO moved
SELECT DISTINCT a.id FROM affected a
  LEFT JOIN building_link l ON l.kind = 'building' AND l.id = a.id
  LEFT JOIN new_link n ON n.kind = 'building' AND n.id = a.id
 WHERE a.kind = 'building' AND l.building_id IS DISTINCT FROM n.building_id
