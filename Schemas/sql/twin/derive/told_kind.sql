-- What differs of one kind: rows as they were, b, and as they are, a. Columns are compared as what they are, and become JSON only where a row differs.
SELECT '{kind}' AS kind, coalesce(a.told_id, b.told_id) AS id, {word} AS what, {cause} AS cause,
       '{' || {place} || '"before":' || CASE WHEN b.told_id IS NULL THEN 'null' WHEN a.told_id IS NULL THEN {before} ELSE '{' || concat_ws(',', {former}) || '}' END
           || ',"after":' || CASE WHEN a.told_id IS NULL THEN 'null' ELSE {after} END || '}' AS payload
  FROM (SELECT * FROM {kept} t WHERE t.told_id IS NOT NULL) b
  FULL JOIN (SELECT k.key, v.* FROM (SELECT DISTINCT t.key FROM {kept} t) k CROSS JOIN LATERAL ({rows}) v) a ON a.told_id = b.told_id
 CROSS JOIN LATERAL (SELECT coalesce(a.key, b.key) AS key) o
 WHERE a.told_id IS NULL OR b.told_id IS NULL OR {differs}
