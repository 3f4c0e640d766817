CREATE OR REPLACE VIEW {twin}.case_clock AS
SELECT k.case_id, k.clock, k.runs_for, k.responsible, k.started_at, k.amount, k.unit, k.due_at, k.ended_at, k.state, k.remaining, k.is_assumed, k.scheme
  FROM {twin}.case_clock_at(now()) k;
COMMENT ON VIEW {twin}.case_clock IS 'The clocks of cases now: one row a case, limit and start; limits are hub.case_limit, for the sources of hub.case_scheme (工单时钟)';
COMMENT ON COLUMN {twin}.case_clock.case_id IS 'Case: twin."case".id (工单)';
COMMENT ON COLUMN {twin}.case_clock.clock IS 'hub.case_limit.clock; stated: a date that the source itself set (时钟)';
COMMENT ON COLUMN {twin}.case_clock.runs_for IS 'handler, or the department that supervises (计时对象)';
COMMENT ON COLUMN {twin}.case_clock.responsible IS 'Name of that handler or department (责任单位)';
COMMENT ON COLUMN {twin}.case_clock.started_at IS 'When it began to run (起算时间)';
COMMENT ON COLUMN {twin}.case_clock.amount IS 'The limit (时限)';
COMMENT ON COLUMN {twin}.case_clock.unit IS 'hour, day or working_day; stated: a date (单位)';
COMMENT ON COLUMN {twin}.case_clock.due_at IS 'When the time is over, with extensions and times on the shelf; null while paused (到期时间)';
COMMENT ON COLUMN {twin}.case_clock.ended_at IS 'When it was met, or stopped: the case was given on, closed or merged (终止时间)';
COMMENT ON COLUMN {twin}.case_clock.state IS 'running 计时, at_risk 临期, overdue 超期, paused 暂停 (挂账), met 按时, late 逾期完成, stopped 终止 (状态)';
COMMENT ON COLUMN {twin}.case_clock.remaining IS 'Time left on the clock on the wall, negative when overdue; while paused what was left then (剩余)';
COMMENT ON COLUMN {twin}.case_clock.is_assumed IS 'Whether it lies in a year whose holidays are not known: days of the week are assumed (是否推定)';
COMMENT ON COLUMN {twin}.case_clock.scheme IS 'hub.case_limit.scheme; null for a stated date (时限方案)';
