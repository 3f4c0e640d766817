-- The components of links that the touched reports are in, or were: their partners of before are in them now, or in ones of their own.
INSERT INTO component
WITH RECURSIVE linked (id) AS (
    (SELECT t.id FROM touched_report t UNION SELECT f.id FROM former_partner f)
     UNION
    SELECT n.id FROM linked l
     CROSS JOIN LATERAL (SELECT p.right_id AS id FROM incident_pair p WHERE p.left_id = l.id AND p.band IN ('link', 'merged')
                          UNION ALL
                         SELECT p.left_id FROM incident_pair p WHERE p.right_id = l.id AND p.band IN ('link', 'merged')) n
)
SELECT id FROM linked;
ANALYZE component;
DELETE FROM incident_member m USING component c WHERE m.case_id = c.id
