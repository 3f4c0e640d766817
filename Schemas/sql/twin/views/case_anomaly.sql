-- Also of cases that were withdrawn: what sources tell amiss is not dropped.
CREATE OR REPLACE VIEW {twin}.case_anomaly AS
SELECT t.case_id,
       e.value ->> 'anomaly' AS anomaly,
       e.value ->> 'step' AS step,
       e.value ->> 'after' AS state_before,
       CASE WHEN (e.value ->> 'dated')::boolean THEN timestamptz 'epoch' + (e.value ->> 'at')::bigint * interval '1 microsecond' END AS occurred_at,
       split_part(t.case_id, ':', 1) AS source,
       (e.value ->> 'position')::bigint AS position
  FROM {generation}.case_state t
 CROSS JOIN LATERAL json_array_elements(t.anomalies) e
 WHERE t.anomalies IS NOT NULL
UNION ALL
SELECT s.case_id, 'after_withdrawn', s.step, 'withdrawn', nullif(s.step_at, '-infinity'), split_part(s.case_id, ':', 1), s.position
  FROM {generation}.case_step s
  JOIN {generation}.case_claim c ON c.id = s.case_id AND c.removed
 WHERE CASE WHEN c.occurred_at IS NOT NULL AND s.step_at > '-infinity' THEN s.step_at > c.occurred_at ELSE s.position > c.position END;
COMMENT ON VIEW {twin}.case_anomaly IS 'Steps of cases that do not fit the life cycle: sources are wrong, late and out of order; nothing of it is dropped (异常环节)';
COMMENT ON COLUMN {twin}.case_anomaly.case_id IS 'Case: twin."case".id (工单)';
COMMENT ON COLUMN {twin}.case_anomaly.anomaly IS 'never_received 无受理, received_again 重复受理, before_received 早于受理, after_closed 办结后未重办, after_merged 并案后, after_withdrawn 撤单后, reopened_unclosed 未办结即重办, called_back_unanswered 未反馈即回访, out_of_order 顺序不合 (异常)';
COMMENT ON COLUMN {twin}.case_anomaly.step IS 'The step, as in twin.case_step (环节)';
COMMENT ON COLUMN {twin}.case_anomaly.state_before IS 'State that the case was in; null before its first step (此前状态)';
COMMENT ON COLUMN {twin}.case_anomaly.occurred_at IS 'When, as the source says; null where it does not (发生时间)';
COMMENT ON COLUMN {twin}.case_anomaly.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.case_anomaly.position IS 'Position in hub.event of the fact it comes from (事实位置)';
