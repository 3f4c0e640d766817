-- Only what differs is written.
DELETE FROM building_link l USING affected a
 WHERE a.kind = l.kind AND a.id = l.id
   AND NOT EXISTS (SELECT FROM new_link n
                    WHERE n.kind = l.kind AND n.id = l.id AND n.building_id = l.building_id AND n.method = l.method);
INSERT INTO building_link
SELECT DISTINCT ON (n.kind, n.id, n.building_id) n.* FROM new_link n
 WHERE NOT EXISTS (SELECT FROM building_link l WHERE l.kind = n.kind AND l.id = n.id AND l.building_id = n.building_id)
 ORDER BY n.kind, n.id, n.building_id
