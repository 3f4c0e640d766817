-- The buildings of places: of those that reports say who name their building, or stand in its outline, the one that more than half of them say.
SELECT v.place, (array_agg(v.building_id ORDER BY v.votes DESC))[1] AS building_id
  FROM (SELECT p.place, l.building_id, count(*) AS votes
          FROM {places} p
          JOIN building_link l ON l.kind = 'case' AND l.id = p.case_id AND l.method IN ('key', 'inside')
         GROUP BY p.place, l.building_id) v
 GROUP BY v.place
HAVING 2 * max(v.votes) > sum(v.votes)
