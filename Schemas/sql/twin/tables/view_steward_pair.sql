-- What stewards have decided about pairs of claims and not taken back; of several decisions the last. What was decided about a person, or the home
-- that he is registered in, before his erasure counts no more, nor does anybody read it.
CREATE VIEW steward_pair AS
SELECT DISTINCT ON (c.entity_kind, least(c.claim, c.other), greatest(c.claim, c.other))
       c.entity_kind AS kind, least(c.claim, c.other) AS left_id, greatest(c.claim, c.other) AS right_id,
       c.verdict = 'same' AS is_same, c.reason, c.decided_by, c.effective_at, c.position
  FROM identity_claim c
  JOIN hub.source s ON s.id = c.source_id AND s.department = 'hub'
 WHERE NOT c.removed AND c.claim <> c.other AND c.verdict IN ('same', 'different')
   AND NOT (c.entity_kind IN ('person', 'dwelling') AND EXISTS (
           SELECT FROM hub.erasure e WHERE e.position > c.position AND e.subject IN (split_part(c.claim, ':', 2), split_part(c.other, ':', 2))))
 ORDER BY c.entity_kind, least(c.claim, c.other), greatest(c.claim, c.other), c.position DESC;
