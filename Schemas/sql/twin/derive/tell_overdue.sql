-- Time alone makes a case overdue: no fact does. Each clock is told of once, and again where it was extended and is overdue again.
WITH overdue AS MATERIALIZED (
    SELECT k.* FROM {twin}.case_clock_of(now(), ARRAY(SELECT c.case_id FROM case_state c WHERE c.is_open)) k WHERE k.state = 'overdue'
), over AS (
    DELETE FROM hub.overdue_clock o
     WHERE NOT EXISTS (SELECT FROM overdue k WHERE k.case_id = o.case_id AND k.clock = o.clock AND k.started_at = o.started_at AND k.due_at = o.due_at)
), told AS (
    INSERT INTO hub.overdue_clock (case_id, clock, started_at, due_at) SELECT k.case_id, k.clock, k.started_at, k.due_at FROM overdue k
    ON CONFLICT DO NOTHING RETURNING *
), start AS MATERIALIZED (
    SELECT hub.next_change() AS position WHERE EXISTS (SELECT FROM told)
)
INSERT INTO hub.twin_change (position, type, subject, caused_by, payload)
SELECT s.position - 1 + row_number() OVER (ORDER BY k.due_at, k.case_id, k.clock), 'case.overdue', 'case/' || k.case_id, p.position,
       (jsonb_strip_nulls(jsonb_build_object('district', c.row -> 'district', 'grid_cell', c.row -> 'grid_cell'))
        || jsonb_build_object('before', '{}'::jsonb, 'after', c.row, 'clock', jsonb_build_object(
               'clock', k.clock, 'runs_for', k.runs_for, 'responsible', k.responsible, 'started_at', k.started_at, 'due_at', k.due_at)))::json
  FROM told t
  JOIN overdue k USING (case_id, clock, started_at, due_at)
 CROSS JOIN start s
 CROSS JOIN LATERAL (SELECT to_jsonb(w) AS row FROM {twin}."case" w WHERE w.id = k.case_id) c
  LEFT JOIN hub.checkpoint p ON p.projector = $1
