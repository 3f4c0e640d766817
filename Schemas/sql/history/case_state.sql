case_state AS MATERIALIZED (
    SELECT o.case_id, x.status, x.status_at, x.closed_at, x.is_open, x.anomalies
      FROM (SELECT m.case_id, array_agg(m.step ORDER BY m.rank) AS steps, array_agg(m.effective_at ORDER BY m.rank) AS moments, array_agg(m.is_dated ORDER BY m.rank) AS dated
              FROM (SELECT t.case_id, t.step, t.effective_at, t.is_dated,
                           row_number() OVER (PARTITION BY t.case_id ORDER BY t.step <> 'received', t.moment, CASE WHEN t.is_dated THEN 0 ELSE t.position END,
                                              array_position('{cycle}'::text[], t.step::text), t.position) AS rank
                      -- A step without a date comes right after everything told before it.
                      FROM (SELECT d.*, CASE WHEN d.is_dated THEN d.effective_at
                                             ELSE coalesce(max(d.effective_at) FILTER (WHERE d.is_dated AND d.step <> 'received')
                                                           OVER (PARTITION BY d.case_id ORDER BY d.position ROWS UNBOUNDED PRECEDING), '-infinity') END AS moment
                              -- Of two tellings of a step the later position stands.
                              FROM (SELECT DISTINCT ON (s.case_id, s.step, s.step_at) s.case_id, s.step, s.effective_at, s.position, s.step_at > '-infinity' AS is_dated
                                      FROM {generation}.case_step s
                                     WHERE s.effective_at <= $1 AND s.position <= $2 AND s.step = ANY ('{cycle}'::text[]){condition}
                                     ORDER BY s.case_id, s.step, s.step_at, s.position DESC) d) t) m
             GROUP BY m.case_id) o
     CROSS JOIN LATERAL {twin}.case_course(o.steps, o.moments, o.dated) x
)
