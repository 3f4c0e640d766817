-- One row a case, limit and start of the clock. What happened by the moment counts, as all facts of today tell it: a late fact
-- corrects the past. Pauses and extensions are taken in their order; one that comes when the time is over already changes nothing.
CREATE OR REPLACE FUNCTION {twin}.case_clock_of(moment timestamptz, cases text[])
RETURNS TABLE (case_id text, clock text, runs_for text, responsible text, started_at timestamptz, amount integer, unit text, due_at timestamptz,
               ended_at timestamptz, state text, remaining interval, is_assumed boolean, scheme text)
LANGUAGE sql STABLE AS $$
WITH RECURSIVE day AS MATERIALIZED (
    SELECT w.calendar, w.day, w.is_working, w.number, w.is_known FROM hub.working_day w
     WHERE w.calendar IN (SELECT s.calendar FROM hub.case_scheme s)
), told AS MATERIALIZED (
    SELECT t.case_id, t.step, t.occurred_at, t.handler, t.due_at, min(t.occurred_at) OVER (PARTITION BY t.case_id, t.step) AS first_at
      FROM hub.each(cases) u (id) JOIN {twin}.case_step t ON t.case_id = u.id WHERE t.occurred_at <= moment
), stage AS MATERIALIZED (
    SELECT g.case_id, g.number, g.stage, g.entered_at, g.left_at, g.is_dated
      FROM hub.each(cases) u (id) JOIN {twin}.case_stage g ON g.case_id = u.id
     WHERE g.stage IN ('closed', 'merged', 'reopened', 'shelved') AND g.entered_at <= moment
), closing AS MATERIALIZED (
    SELECT DISTINCT ON (g.case_id) g.case_id, CASE WHEN g.stage <> 'reopened' THEN g.entered_at END AS closed_at
      FROM stage g WHERE g.stage <> 'shelved' ORDER BY g.case_id, g.number DESC
), subject AS MATERIALIZED (
    SELECT c.id, c.category, c.urgency, c.handler, c.department, s.scheme, s.calendar, k.zone, z.closed_at
      FROM hub.each(cases) u (id)
      JOIN {twin}."case" c ON c.id = u.id
      LEFT JOIN LATERAL (SELECT * FROM hub.case_scheme h WHERE h.source IN (c.source, '*') ORDER BY h.source = '*' LIMIT 1) s ON true
      LEFT JOIN hub.calendar k ON k.name = s.calendar
      LEFT JOIN closing z ON z.case_id = c.id
), start AS (
    SELECT DISTINCT ON (c.id, l.clock, t.occurred_at)
           c.id, l.clock, l.runs_for, CASE l.runs_for WHEN 'handler' THEN coalesce(t.handler, c.handler) ELSE c.department END AS responsible,
           t.occurred_at AS started_at, l.amount, l.unit, l.extension, l.extensions_max, l.at_risk_hours, l.met_by, c.scheme, c.calendar, c.zone,
           c.closed_at, NULL::timestamptz AS stated
      FROM subject c
      JOIN told t ON t.case_id = c.id
      JOIN hub.case_limit l ON l.scheme = c.scheme AND (t.step = l.starts_at OR t.step = 'reopened' AND l.starts_at = 'received')
       AND (t.step <> 'received' OR t.occurred_at = t.first_at) AND l.valid @> (t.occurred_at AT TIME ZONE c.zone)::date
       AND (l.category IS NULL OR l.category = c.category) AND (l.urgency IS NULL OR l.urgency = c.urgency)
     ORDER BY c.id, l.clock, t.occurred_at, l.category IS NULL, l.urgency IS NULL, lower(l.valid) DESC NULLS LAST, l.id
), stated AS (
    -- A date that the source itself sets when it receives a case or gives it on.
    SELECT c.id, 'stated', 'handler', coalesce(t.handler, c.handler), t.occurred_at, NULL::integer, 'stated', 0, 0, 24::numeric, '{answered,closed}'::text[],
           c.scheme, c.calendar, coalesce(c.zone, 'UTC'), c.closed_at, t.due_at
      FROM subject c JOIN told t ON t.case_id = c.id AND t.step IN ('received', 'dispatched') AND t.due_at IS NOT NULL
), numbered AS MATERIALIZED (
    SELECT x.*, lead(x.started_at) OVER w AS next_at, row_number() OVER w AS turn
      FROM (SELECT * FROM start UNION ALL SELECT * FROM stated) x WINDOW w AS (PARTITION BY x.id, x.clock ORDER BY x.started_at)
), met AS MATERIALIZED (
    SELECT s.id, s.clock, s.turn, min(t.occurred_at) AS met_at
      FROM numbered s JOIN told t ON t.case_id = s.id AND t.step = ANY (s.met_by) AND t.occurred_at >= s.started_at
       AND (s.next_at IS NULL OR t.occurred_at < s.next_at)
     GROUP BY s.id, s.clock, s.turn
), clocks AS MATERIALIZED (
    SELECT s.*, coalesce(m.met_at, s.next_at, s.closed_at) AS ends_at, m.met_at, d.number AS start_number, d.is_known AS start_is_known,
           (s.started_at AT TIME ZONE s.zone)::date AS start_day
      FROM numbered s
      LEFT JOIN met m USING (id, clock, turn)
      LEFT JOIN day d ON d.calendar = s.calendar AND d.day = (s.started_at AT TIME ZONE s.zone)::date
), happened AS MATERIALIZED (
    -- What moves a clock's end: times on the shelf, in its own unit (a day counts unless the case lay on the shelf at its end), and extensions.
    SELECT c.id, c.clock, c.started_at, e.at, e.until, e.is_pause, e.stated,
           row_number() OVER (PARTITION BY c.id, c.clock, c.started_at ORDER BY e.at, e.is_pause) AS number,
           CASE WHEN NOT e.is_pause THEN 0 WHEN c.unit = 'working_day' THEN u.number - CASE WHEN u.is_working THEN 1 ELSE 0 END - f.number
                     + CASE WHEN f.is_working THEN 1 ELSE 0 END
                WHEN c.unit = 'day' THEN (e.until AT TIME ZONE c.zone)::date - (e.at AT TIME ZONE c.zone)::date ELSE 0 END AS days
      FROM clocks c
      JOIN (SELECT g.case_id, g.entered_at AS at, CASE WHEN g.left_at <= moment THEN g.left_at END AS until, true AS is_pause, NULL::timestamptz AS stated
              FROM stage g WHERE g.stage = 'shelved' AND g.is_dated
            UNION ALL
            SELECT t.case_id, t.occurred_at, NULL, false, t.due_at FROM told t WHERE t.step = 'extended') e ON e.case_id = c.id
      LEFT JOIN day f ON f.calendar = c.calendar AND f.day = (e.at AT TIME ZONE c.zone)::date
      LEFT JOIN day u ON u.calendar = c.calendar AND u.day = (e.until AT TIME ZONE c.zone)::date
     WHERE e.at >= c.started_at AND (c.ends_at IS NULL OR e.at < c.ends_at)
), running AS (
    SELECT c.id, c.clock, c.started_at, c.unit, c.calendar, c.zone, c.start_day, c.start_number, c.extension, c.extensions_max,
           0::bigint AS number, c.amount::bigint AS units, interval '0' AS shelved, 0 AS extensions, c.stated, NULL::timestamptz AS shelved_at,
           CASE c.unit WHEN 'stated' THEN c.stated WHEN 'hour' THEN c.started_at + c.amount * interval '1 hour'
                       WHEN 'day' THEN (c.start_day + c.amount + 1)::timestamp AT TIME ZONE c.zone
                       ELSE (d.day + 1)::timestamp AT TIME ZONE c.zone END AS due_at, coalesce(d.is_known, true) AS is_known
      FROM clocks c
      LEFT JOIN day d ON c.unit = 'working_day' AND d.calendar = c.calendar AND d.is_working AND d.number = c.start_number + c.amount
    UNION ALL
    SELECT r.id, r.clock, r.started_at, r.unit, r.calendar, r.zone, r.start_day, r.start_number, r.extension, r.extensions_max,
           r.number, r.units, r.shelved, r.extensions, r.stated, r.shelved_at,
           CASE WHEN r.stated IS NOT NULL THEN r.stated
                WHEN r.unit = 'hour' THEN r.started_at + r.units * interval '1 hour' + r.shelved
                WHEN r.unit = 'day' THEN (r.start_day + r.units::integer + 1)::timestamp AT TIME ZONE r.zone
                ELSE (d.day + 1)::timestamp AT TIME ZONE r.zone END, coalesce(d.is_known, true)
      FROM (SELECT r.id, r.clock, r.started_at, r.unit, r.calendar, r.zone, r.start_day, r.start_number, r.extension, r.extensions_max, h.number,
                   -- In time, it counts; an extension without a date only as often as the limit has it.
                   r.units + CASE WHEN NOT a.counts THEN 0 WHEN h.is_pause THEN coalesce(h.days, 0)
                                  WHEN h.stated IS NULL AND r.extensions < r.extensions_max THEN r.extension ELSE 0 END AS units,
                   r.shelved + CASE WHEN a.counts AND h.is_pause AND h.until IS NOT NULL THEN h.until - h.at ELSE interval '0' END AS shelved,
                   r.extensions + CASE WHEN a.counts AND NOT h.is_pause AND h.stated IS NULL THEN 1 ELSE 0 END AS extensions,
                   CASE WHEN a.counts AND h.stated IS NOT NULL THEN h.stated ELSE r.stated END AS stated,
                   CASE WHEN a.counts AND h.is_pause AND h.until IS NULL THEN h.at ELSE r.shelved_at END AS shelved_at
              FROM running r
              JOIN happened h ON h.id = r.id AND h.clock = r.clock AND h.started_at = r.started_at AND h.number = r.number + 1
             CROSS JOIN LATERAL (SELECT h.at <= r.due_at AS counts) a) r
      LEFT JOIN day d ON r.unit = 'working_day' AND d.calendar = r.calendar AND d.is_working AND d.number = r.start_number + r.units
)
SELECT c.id, c.clock, c.runs_for, c.responsible, c.started_at, c.amount, c.unit,
       CASE WHEN s.state <> 'paused' THEN r.due_at END, CASE WHEN s.state IN ('met', 'late', 'stopped') THEN c.ends_at END, s.state,
       CASE WHEN s.state = 'paused' THEN r.due_at - r.shelved_at WHEN s.state IN ('running', 'at_risk', 'overdue') THEN r.due_at - moment END,
       c.unit = 'working_day' AND NOT (r.is_known AND coalesce(c.start_is_known, true)), CASE WHEN c.unit <> 'stated' THEN c.scheme END
  FROM clocks c
  JOIN (SELECT DISTINCT ON (id, clock, started_at) * FROM running ORDER BY id, clock, started_at, number DESC) r USING (id, clock, started_at)
 CROSS JOIN LATERAL (
       SELECT CASE WHEN c.met_at <= r.due_at THEN 'met' WHEN c.met_at IS NOT NULL THEN 'late' WHEN c.ends_at IS NOT NULL THEN 'stopped'
                   WHEN r.shelved_at IS NOT NULL THEN 'paused' WHEN moment > r.due_at THEN 'overdue'
                   WHEN r.due_at - moment < c.at_risk_hours * interval '1 hour' THEN 'at_risk' ELSE 'running' END AS state) s
$$;
COMMENT ON FUNCTION {twin}.case_clock_of(timestamptz, text[]) IS 'The clocks of some cases as they stood at a moment: as twin.case_clock (指定工单的时钟)';
