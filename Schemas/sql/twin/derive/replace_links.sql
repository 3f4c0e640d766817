-- Only what differs is written.
DELETE FROM building_link l USING affected a
 WHERE a.kind = l.kind AND a.id = l.id
   AND NOT EXISTS (SELECT FROM new_link n
                    WHERE n.kind = l.kind AND n.id = l.id AND n.building_id = l.building_id AND n.method = l.method);
INSERT INTO building_link SELECT * FROM new_link ON CONFLICT DO NOTHING;
