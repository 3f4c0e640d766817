-- The status of a case is its latest step; its receipt comes before all others, also where a source dates it later, and a
-- call-back leaves a closed case closed. A step without a date comes right after everything that was told before it, so that
-- it beats neither what is told later nor, for its late telling, what happened later. Of steps at one moment the furthest
-- stage counts.
WITH step AS (
    SELECT s.case_id, s.step, s.step_at, s.effective_at, s.position, stage.number AS stage,
           CASE WHEN s.step_at > '-infinity' THEN s.step_at
                ELSE coalesce(max(s.step_at) FILTER (WHERE s.step <> 'received') OVER (PARTITION BY s.case_id ORDER BY s.position), '-infinity')
           END AS moment,
           CASE WHEN s.step_at > '-infinity' THEN 0 ELSE s.position END AS undated
      FROM affected a
      JOIN case_step s ON s.case_id = a.id
      JOIN (VALUES ('received', 1), ('dispatched', 2), ('accepted', 3), ('returned', 4), ('contacted', 5), ('progressed', 6),
                   ('answered', 7), ('called_back', 8), ('closed', 9), ('reopened', 10), ('shelved', 11), ('merged', 12))
           AS stage (step, number) ON stage.step = s.step
     WHERE a.kind = 'case'
), counted AS (
    SELECT *, first_value(step) OVER (PARTITION BY case_id
                  ORDER BY step = 'called_back', step = 'received', moment DESC, undated DESC, stage DESC, position DESC) AS before_call
      FROM step
), latest AS (
    SELECT DISTINCT ON (case_id) case_id, step, effective_at
      FROM counted WHERE NOT (step = 'called_back' AND before_call = 'closed')
     ORDER BY case_id, step = 'received', moment DESC, undated DESC, stage DESC, position DESC
), closing AS (
    SELECT DISTINCT ON (case_id) case_id, step = 'closed' AS is_closed, nullif(step_at, '-infinity') AS closed_at
      FROM counted WHERE step IN ('closed', 'reopened') ORDER BY case_id, moment DESC, undated DESC, stage DESC, position DESC
)
INSERT INTO case_state AS t (case_id, status, status_at, closed_at, is_open)
SELECT case_id, step, effective_at, CASE WHEN is_closed THEN closed_at END, NOT coalesce(is_closed, false) AND step <> 'merged'
  FROM latest LEFT JOIN closing USING (case_id) ORDER BY case_id
ON CONFLICT (case_id) DO UPDATE
   SET status = excluded.status, status_at = excluded.status_at, closed_at = excluded.closed_at, is_open = excluded.is_open
 WHERE (t.status, t.status_at, t.closed_at, t.is_open) IS DISTINCT FROM (excluded.status, excluded.status_at, excluded.closed_at, excluded.is_open);
