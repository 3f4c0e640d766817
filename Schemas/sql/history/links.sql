claimed AS MATERIALIZED (
    -- A number is typed, a place is measured: see the twin's own link_buildings.
    SELECT c.id, c.location, c.footprint IS NOT NULL AS is_outlined, named.id AS named, away.m <= 3 AS is_there, away.m <= 150 AS is_near
      FROM building_claim c
      LEFT JOIN building_claim named ON c.footprint IS NULL AND named.id = c.building_ref AND named.footprint IS NOT NULL
      LEFT JOIN LATERAL (SELECT CASE WHEN c.location IS NULL OR ST_Intersects(named.footprint, c.location) THEN 0
                                     ELSE ST_Distance(named.footprint::geography, c.location::geography) END AS m) away ON named.id IS NOT NULL
), word AS MATERIALIZED (
    SELECT c.id, coalesce(around.id, CASE WHEN c.is_near THEN c.named END, c.id) AS building_id,
           CASE WHEN around.outlines > 1 THEN 'among' WHEN around.id IS NOT NULL THEN 'inside' WHEN c.is_near THEN 'key' ELSE 'self' END AS method, c.is_outlined
      FROM claimed c
      LEFT JOIN (SELECT x.id AS claim, (array_agg(b.id ORDER BY floor((ST_XMax(b.footprint) - ST_XMin(b.footprint)) * (ST_YMax(b.footprint) - ST_YMin(b.footprint)) * 1e10), b.id))[1] AS id,
                        count(*) AS outlines
                   FROM (SELECT k.id, k.location FROM claimed k WHERE NOT k.is_outlined AND k.is_there IS NOT TRUE AND k.location IS NOT NULL OFFSET 0) x
                  -- OFFSET 0: by the index of outlines, whatever the planner thinks of it.
                  CROSS JOIN LATERAL (SELECT f.id, f.position FROM {generation}.building_claim f WHERE ST_Intersects(f.footprint, x.location) OFFSET 0) f
                   JOIN building_claim b ON b.id = f.id AND b.position = f.position
                  GROUP BY x.id) around ON around.claim = c.id
), decided AS MATERIALIZED (
    SELECT d.left_id, d.right_id, d.is_same FROM steward_pair d WHERE d.kind = 'building' AND d.left_id IN (SELECT w.id FROM word w) AND d.right_id IN (SELECT w.id FROM word w)
), ruled AS MATERIALIZED (
    SELECT m.id, m.building_id FROM twin.building_claim m
     WHERE m.id <> m.building_id AND m.method IN ('match', 'steward') AND m.id IN (SELECT w.id FROM word w) AND m.building_id IN (SELECT w.id FROM word w)
       AND EXISTS (SELECT FROM calibration k WHERE k.kind = 'building')
), link AS MATERIALIZED (
    SELECT * FROM (
           SELECT d.left_id AS a, d.right_id AS b, 'infinity'::double precision AS strength FROM decided d WHERE d.is_same
           UNION ALL SELECT w.id, w.building_id, CASE w.method WHEN 'key' THEN 3 WHEN 'inside' THEN 2 ELSE 0.1 END FROM word w WHERE w.method <> 'self'
           UNION ALL SELECT r.id, r.building_id, 0.5 FROM ruled r) l
     WHERE (least(l.a, l.b), greatest(l.a, l.b)) NOT IN (SELECT d.left_id, d.right_id FROM decided d WHERE NOT d.is_same)
), edge AS MATERIALIZED (
    SELECT l.a, l.b FROM link l UNION ALL SELECT l.b, l.a FROM link l
), reached AS (
    -- From the ends of what somebody or the rules decided; all others stay what they say themselves.
    SELECT e.id AS root, e.id FROM (SELECT d.left_id AS id FROM decided d UNION SELECT d.right_id FROM decided d UNION SELECT r.id FROM ruled r) e
    UNION
    SELECT r.root, e.b FROM reached r JOIN edge e ON e.a = r.id
), part AS MATERIALIZED (
    SELECT r.id, min(r.root) AS part FROM reached r GROUP BY r.id
), thing AS MATERIALIZED (
    SELECT g.id COLLATE "C" AS id, g.entity_id COLLATE "C" AS entity_id
      FROM (SELECT p.part, array_agg(p.id) AS members FROM part p GROUP BY p.part) m
     CROSS JOIN LATERAL {twin}.gathered(
           m.members,
           ARRAY(SELECT w.id FROM word w WHERE w.is_outlined AND w.id = ANY (m.members)),
           ARRAY(SELECT l.a FROM link l WHERE l.a = ANY (m.members) ORDER BY l.a, l.b, l.strength),
           ARRAY(SELECT l.b FROM link l WHERE l.a = ANY (m.members) ORDER BY l.a, l.b, l.strength),
           ARRAY(SELECT l.strength FROM link l WHERE l.a = ANY (m.members) ORDER BY l.a, l.b, l.strength),
           ARRAY(SELECT d.left_id || ' ' || d.right_id FROM decided d WHERE NOT d.is_same AND d.left_id = ANY (m.members))) g
), whole AS MATERIALIZED (
    SELECT w.id, coalesce(t.entity_id, w.building_id) AS building_id,
           CASE WHEN t.id IS NULL THEN w.method WHEN t.id = t.entity_id THEN 'self' WHEN w.method <> 'self' AND o.entity_id = t.entity_id THEN w.method
                WHEN EXISTS (SELECT FROM decided d JOIN thing x ON x.entity_id = t.entity_id AND x.id = CASE d.left_id WHEN t.id THEN d.right_id ELSE d.left_id END
                              WHERE d.is_same AND t.id IN (d.left_id, d.right_id)) THEN 'steward'
                ELSE 'match' END AS method
      FROM word w
      LEFT JOIN thing t ON t.id = w.id
      LEFT JOIN thing o ON o.id = w.building_id
)
