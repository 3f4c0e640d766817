CREATE OR REPLACE VIEW {twin}.case_step AS
SELECT s.case_id,
       s.step,
       nullif(s.step_at, '-infinity') AS occurred_at,
       s.effective_at AS counts_from,
       s.handler,
       s.department,
       s.outcome,
       s.solved,
       s.satisfaction,
       s.reason,
       s.due_at,
       split_part(s.case_id, ':', 1) AS source,
       s.position,
       s.reached,
       s.level,
       CASE WHEN s.merged_into ~ '^[a-z0-9-]+:' THEN s.merged_into ELSE split_part(s.case_id, ':', 1) || ':' || s.merged_into END AS merged_into
  FROM {generation}.case_step s
  JOIN {generation}.case_claim c ON c.id = s.case_id AND NOT c.removed;
COMMENT ON VIEW {twin}.case_step IS 'The timeline of each case (工单过程)';
COMMENT ON COLUMN {twin}.case_step.case_id IS 'Case: twin."case".id (工单)';
COMMENT ON COLUMN {twin}.case_step.step IS 'received 受理, dispatched 派单, accepted 签收, returned 退单, contacted 联系, progressed 办理, answered 反馈, called_back 回访, closed 办结, reopened 重办, extended 延期, reminded 催办, escalated 督办, shelved 挂账, merged 并案 (环节)';
COMMENT ON COLUMN {twin}.case_step.occurred_at IS 'When, as the source says; null where it does not (发生时间)';
COMMENT ON COLUMN {twin}.case_step.counts_from IS 'When it happened, else when it was recorded (计时)';
COMMENT ON COLUMN {twin}.case_step.handler IS 'Who handled it (承办单位)';
COMMENT ON COLUMN {twin}.case_step.department IS 'Department in charge (主管部门)';
COMMENT ON COLUMN {twin}.case_step.outcome IS 'Result in the source''s words (结果)';
COMMENT ON COLUMN {twin}.case_step.solved IS 'Whether it was solved (是否解决)';
COMMENT ON COLUMN {twin}.case_step.satisfaction IS 'Satisfaction in the source''s words (满意度)';
COMMENT ON COLUMN {twin}.case_step.reason IS 'Reason or note (原因、备注)';
COMMENT ON COLUMN {twin}.case_step.due_at IS 'Time limit that was set (时限)';
COMMENT ON COLUMN {twin}.case_step.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.case_step.position IS 'Position in hub.event of the fact it comes from (事实位置)';
COMMENT ON COLUMN {twin}.case_step.reached IS 'Of a call-back: whether the reporter was reached (是否联系上)';
COMMENT ON COLUMN {twin}.case_step.level IS 'Of an escalation: by whom or how high (督办级别)';
COMMENT ON COLUMN {twin}.case_step.merged_into IS 'Of a duplicate: the case that goes on, twin."case".id (并入工单)';
