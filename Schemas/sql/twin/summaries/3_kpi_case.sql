CREATE OR REPLACE VIEW {twin}.kpi_case AS
SELECT c.id AS case_id,
       c.source, c.channel, c.category, c.district, c.street, c.community,
       coalesce(s.handler, c.handler) AS handler,
       coalesce(s.department, c.department) AS department,
       date_trunc('month', c.received_at AT TIME ZONE coalesce(z.zone, 'UTC'))::date AS month,
       c.received_at,
       c.closed_at,
       c.is_open,
       coalesce(s.was_closed, false) AS was_closed,
       coalesce(k.is_sampled, false) AS is_sampled,
       CASE WHEN k.is_sampled THEN coalesce(s.responded_at <= k.occurred_at, false) END AS responded,
       CASE WHEN k.is_sampled THEN k.solved END AS solved_confirmed,
       s.solved_claimed,
       CASE WHEN k.is_sampled THEN w.grade END AS satisfaction,
       CASE WHEN k.is_sampled THEN w.weight END AS satisfaction_weight,
       coalesce(s.was_reopened, false) AS was_reopened,
       coalesce(s.was_returned, false) AS was_returned,
       CASE WHEN s.was_closed THEN s.loop_steps = 5 AND c.anomalies = 0 END AS is_closed_loop,
       coalesce(t.met, 0) AS clocks_met,
       coalesce(t.decided, 0) AS clocks_decided
  FROM {twin}."case" c
  LEFT JOIN (SELECT p.case_id,
                    (array_agg(p.handler ORDER BY p.counts_from DESC, p.position DESC) FILTER (WHERE p.handler IS NOT NULL))[1] AS handler,
                    (array_agg(p.department ORDER BY p.counts_from DESC, p.position DESC) FILTER (WHERE p.department IS NOT NULL))[1] AS department,
                    bool_or(p.step = 'closed') AS was_closed, bool_or(p.step = 'reopened') AS was_reopened, bool_or(p.step = 'returned') AS was_returned,
                    min(p.counts_from) FILTER (WHERE p.step IN ('contacted', 'answered')) AS responded_at,
                    (array_agg(p.solved ORDER BY p.counts_from DESC, p.position DESC) FILTER (WHERE p.step IN ('answered', 'closed') AND p.solved IS NOT NULL))[1] AS solved_claimed,
                    count(DISTINCT CASE WHEN p.step IN ('contacted', 'answered') THEN 'answered' ELSE p.step END)
                        FILTER (WHERE p.step IN ('received', 'dispatched', 'contacted', 'answered', 'closed', 'called_back')) AS loop_steps
               FROM {twin}.case_step p GROUP BY p.case_id) s ON s.case_id = c.id
  -- The last call-back counts.
  LEFT JOIN (SELECT DISTINCT ON (p.case_id) p.case_id, p.counts_from AS occurred_at, coalesce(p.reached, true) AS is_sampled, p.solved, p.satisfaction
               FROM {twin}.case_step p WHERE p.step = 'called_back' ORDER BY p.case_id, p.counts_from DESC, p.position DESC) k ON k.case_id = c.id
  LEFT JOIN hub.satisfaction w ON w.word = k.satisfaction
  LEFT JOIN (SELECT h.case_id, count(*) FILTER (WHERE h.state = 'met') AS met, count(*) AS decided
               FROM {twin}.case_clock h WHERE h.state IN ('met', 'late', 'overdue') GROUP BY h.case_id) t ON t.case_id = c.id
  LEFT JOIN LATERAL (SELECT l.zone FROM hub.case_scheme h JOIN hub.calendar l ON l.name = h.calendar
                      WHERE h.source IN (c.source, '*') ORDER BY h.source = '*' LIMIT 1) z ON true;
COMMENT ON VIEW {twin}.kpi_case IS 'What of each case counts in the figures of twin.kpi (工单考核明细)';
COMMENT ON COLUMN {twin}.kpi_case.case_id IS 'Case: twin."case".id (工单)';
COMMENT ON COLUMN {twin}.kpi_case.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.kpi_case.channel IS 'How it came in (渠道)';
COMMENT ON COLUMN {twin}.kpi_case.category IS 'Category (类别)';
COMMENT ON COLUMN {twin}.kpi_case.district IS 'District (区)';
COMMENT ON COLUMN {twin}.kpi_case.street IS 'Street or town (街镇)';
COMMENT ON COLUMN {twin}.kpi_case.community IS 'Residential community (居村)';
COMMENT ON COLUMN {twin}.kpi_case.handler IS 'Who handled it last (承办单位)';
COMMENT ON COLUMN {twin}.kpi_case.department IS 'Department in charge, which supervises (主管部门)';
COMMENT ON COLUMN {twin}.kpi_case.month IS 'First day of the month in which it was received, in its calendar''s zone, else UTC (月份)';
COMMENT ON COLUMN {twin}.kpi_case.received_at IS 'When it was received (受理时间)';
COMMENT ON COLUMN {twin}.kpi_case.closed_at IS 'When it was closed; null while open and where the source gives no date (办结时间)';
COMMENT ON COLUMN {twin}.kpi_case.is_open IS 'Whether it is still open (是否未结)';
COMMENT ON COLUMN {twin}.kpi_case.was_closed IS 'Whether it was ever closed (是否曾办结)';
COMMENT ON COLUMN {twin}.kpi_case.is_sampled IS 'Whether the reporter was reached by a call-back: only such cases count in what reporters say (是否回访)';
COMMENT ON COLUMN {twin}.kpi_case.responded IS 'Whether he had been contacted or answered before the call-back; null where not sampled (是否响应)';
COMMENT ON COLUMN {twin}.kpi_case.solved_confirmed IS 'Whether he says that it is solved; null where not sampled or not told (市民确认解决)';
COMMENT ON COLUMN {twin}.kpi_case.solved_claimed IS 'Whether the handler says so, with the last answer or closing that says anything (承办方称解决)';
COMMENT ON COLUMN {twin}.kpi_case.satisfaction IS 'Grade of hub.satisfaction; null where not sampled or in a word that is not there (满意度)';
COMMENT ON COLUMN {twin}.kpi_case.satisfaction_weight IS 'Weight of hub.satisfaction (权重)';
COMMENT ON COLUMN {twin}.kpi_case.was_reopened IS 'Whether it was ever reopened (是否重办)';
COMMENT ON COLUMN {twin}.kpi_case.was_returned IS 'Whether a handler ever gave it back (是否退单)';
COMMENT ON COLUMN {twin}.kpi_case.is_closed_loop IS 'Of closed ones: whether receipt, dispatch, contact or answer, closing and call-back are all told, without an anomaly (闭环是否完整)';
COMMENT ON COLUMN {twin}.kpi_case.clocks_met IS 'Clocks that were met (按时)';
COMMENT ON COLUMN {twin}.kpi_case.clocks_decided IS 'Clocks that were met, met late or are overdue (已定)';
