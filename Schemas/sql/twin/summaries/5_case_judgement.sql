CREATE OR REPLACE VIEW {twin}.case_judgement AS
SELECT t.case_id, bool_or(t.step = 'closed') AS is_closed,
       (array_agg(t.is_real ORDER BY t.effective_at DESC, t.position DESC) FILTER (WHERE t.is_real IS NOT NULL))[1] AS is_real
  FROM (SELECT s.case_id, s.step, s.effective_at, s.position, o.is_real
          FROM {generation}.case_step s LEFT JOIN hub.case_verdict o ON o.outcome = s.outcome WHERE s.step IN ('answered', 'closed')
         UNION ALL
        SELECT substr(s.case_id, strpos(s.case_id, ':') + 1), s.step, s.effective_at, s.position, o.is_real
          FROM {generation}.case_step s LEFT JOIN hub.case_verdict o ON o.outcome = s.outcome WHERE s.step IN ('answered', 'closed')) t
 GROUP BY t.case_id;
COMMENT ON VIEW {twin}.case_judgement IS 'What became of cases that were answered or closed, by their own steps or by those that another source tells under the whole id (工单判定)';
COMMENT ON COLUMN {twin}.case_judgement.case_id IS 'Case: twin."case".id (工单编号)';
COMMENT ON COLUMN {twin}.case_judgement.is_closed IS 'Whether it was closed (是否办结)';
COMMENT ON COLUMN {twin}.case_judgement.is_real IS 'By the latest outcome that stands in hub.case_verdict; null where none does (是否属实)';
