CREATE OR REPLACE VIEW {twin}.case_stage AS
SELECT w.case_id,
       w.number,
       w.stage,
       w.entered_at,
       w.left_at,
       CASE WHEN w.is_dated AND w.left_is_dated AND w.left_at >= w.entered_at THEN extract(epoch FROM w.left_at - w.entered_at)::double precision / 3600 END AS hours,
       w.is_dated,
       split_part(w.case_id, ':', 1) AS source,
       w.position
  FROM (SELECT t.case_id,
               e.ordinality::integer AS number,
               e.value ->> 'step' AS stage,
               timestamptz 'epoch' + (e.value ->> 'at')::bigint * interval '1 microsecond' AS entered_at,
               timestamptz 'epoch' + (t.stages -> e.ordinality::integer ->> 'at')::bigint * interval '1 microsecond' AS left_at,
               (e.value ->> 'dated')::boolean AS is_dated,
               (t.stages -> e.ordinality::integer ->> 'dated')::boolean AS left_is_dated,
               (e.value ->> 'position')::bigint AS position
          FROM {generation}.case_state t
          JOIN {generation}.case_claim c ON c.id = t.case_id AND NOT c.removed
         CROSS JOIN LATERAL json_array_elements(t.stages) WITH ORDINALITY e) w;
COMMENT ON VIEW {twin}.case_stage IS 'The way of each case through its life cycle: one row a step that moved it (工单阶段)';
COMMENT ON COLUMN {twin}.case_stage.case_id IS 'Case: twin."case".id (工单)';
COMMENT ON COLUMN {twin}.case_stage.number IS '1, 2, 3 … in the order of the life cycle (序号)';
COMMENT ON COLUMN {twin}.case_stage.stage IS 'State that the case was in, as in twin."case".status (阶段)';
COMMENT ON COLUMN {twin}.case_stage.entered_at IS 'Since when: the step''s date, else when it was recorded (进入时间)';
COMMENT ON COLUMN {twin}.case_stage.left_at IS 'Until when: the next stage''s beginning; null while it lasts (离开时间)';
COMMENT ON COLUMN {twin}.case_stage.hours IS 'How long, in hours; null while it lasts, where the source dates an end of it not at all, or before its beginning (小时)';
COMMENT ON COLUMN {twin}.case_stage.is_dated IS 'Whether the source says when it began (是否有日期)';
COMMENT ON COLUMN {twin}.case_stage.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.case_stage.position IS 'Position in hub.event of the fact it comes from (事实位置)';
