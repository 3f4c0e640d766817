-- The buildings of places: the one that more than half of the buildings' claims say; where these say none, of the reports that name their building, or stand in
-- its outline.
SELECT DISTINCT ON (s.place) s.place, s.building_id
  FROM (SELECT v.place, v.rank, (array_agg(v.building_id ORDER BY v.votes DESC))[1] AS building_id
          FROM (SELECT p.place, 0 AS rank, l.building_id, count(*) AS votes
                  FROM {claims} p
                  JOIN building_link l ON l.kind = 'building' AND l.id = p.claim_id
                 GROUP BY p.place, l.building_id
                 UNION ALL
                SELECT p.place, 1, l.building_id, count(*)
                  FROM {reports} p
                  JOIN building_link l ON l.kind = 'case' AND l.id = p.case_id AND l.method IN ('key', 'inside')
                 GROUP BY p.place, l.building_id) v
         GROUP BY v.place, v.rank
        HAVING 2 * max(v.votes) > sum(v.votes)) s
 ORDER BY s.place, s.rank
