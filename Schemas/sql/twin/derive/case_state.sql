-- The status of a case is its latest step, and of steps at one moment the furthest stage; its receipt comes before all
-- others, also where a source dates it later, and a call-back leaves a closed case closed. A reopening without a date
-- says that the closing is no longer in the source's row: against closings it is ordered by position, not by time.
WITH step AS (
    SELECT s.case_id, s.step, s.step_at, s.effective_at, s.position, stage.number AS stage,
           max(s.position) FILTER (WHERE s.step = 'closed') OVER same AS closed_told,
           max(s.position) FILTER (WHERE s.step = 'reopened' AND s.step_at = '-infinity') OVER same AS undone_told
      FROM affected a
      JOIN case_step s ON s.case_id = a.id
      JOIN (VALUES ('received', 1), ('dispatched', 2), ('accepted', 3), ('returned', 4), ('contacted', 5), ('progressed', 6),
                   ('answered', 7), ('called_back', 8), ('closed', 9), ('reopened', 10), ('shelved', 11), ('merged', 12))
           AS stage (step, number) ON stage.step = s.step
     WHERE a.kind = 'case'
    WINDOW same AS (PARTITION BY s.case_id)
), counted AS (
    SELECT *, first_value(step) OVER (PARTITION BY case_id
                  ORDER BY step = 'called_back', step = 'received', effective_at DESC, stage DESC, position DESC) AS before_call
      FROM step
     WHERE (step = 'closed' AND position < undone_told) IS NOT TRUE
       AND (step = 'reopened' AND step_at = '-infinity' AND position < closed_told) IS NOT TRUE
), latest AS (
    SELECT DISTINCT ON (case_id) case_id, step, effective_at
      FROM counted WHERE NOT (step = 'called_back' AND before_call = 'closed')
     ORDER BY case_id, step = 'received', effective_at DESC, stage DESC, position DESC
), closing AS (
    SELECT DISTINCT ON (case_id) case_id, CASE WHEN step = 'closed' THEN nullif(step_at, '-infinity') END AS closed_at
      FROM counted WHERE step IN ('closed', 'reopened') ORDER BY case_id, effective_at DESC, stage DESC, position DESC
)
INSERT INTO case_state AS t (case_id, status, status_at, closed_at)
SELECT case_id, step, effective_at, closed_at FROM latest LEFT JOIN closing USING (case_id) ORDER BY case_id
ON CONFLICT (case_id) DO UPDATE SET status = excluded.status, status_at = excluded.status_at, closed_at = excluded.closed_at
 WHERE (t.status, t.status_at, t.closed_at) IS DISTINCT FROM (excluded.status, excluded.status_at, excluded.closed_at);
