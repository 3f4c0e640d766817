CREATE OR REPLACE VIEW {twin}.kpi_stage AS
SELECT h.handler,
       h.stage,
       count(*) AS stages,
       count(h.hours) AS n,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY h.hours)::numeric, 1) AS median_hours,
       round(percentile_cont(0.9) WITHIN GROUP (ORDER BY h.hours)::numeric, 1) AS p90_hours
  FROM (SELECT g.stage, g.hours, coalesce(first_value(g.handler) OVER (PARTITION BY g.case_id, g.told ORDER BY g.number), c.handler) AS handler
          FROM (SELECT s.case_id, s.number, s.stage, s.hours, p.handler, count(p.handler) OVER (PARTITION BY s.case_id ORDER BY s.number) AS told
                  FROM {twin}.case_stage s
                  LEFT JOIN {twin}.case_step p ON p.case_id = s.case_id AND p.position = s.position AND p.step = s.stage) g
          JOIN {twin}."case" c ON c.id = g.case_id) h
 GROUP BY GROUPING SETS ((h.handler, h.stage), (h.stage))
HAVING h.handler IS NOT NULL OR grouping(h.handler) = 1;
COMMENT ON VIEW {twin}.kpi_stage IS 'How long cases stay in each stage, by handler and in all (各环节时长)';
COMMENT ON COLUMN {twin}.kpi_stage.handler IS 'Who handled it in that stage: the last one named up to it; null for all (承办单位)';
COMMENT ON COLUMN {twin}.kpi_stage.stage IS 'Stage, as in twin.case_stage (阶段)';
COMMENT ON COLUMN {twin}.kpi_stage.stages IS 'How many there were (环节数)';
COMMENT ON COLUMN {twin}.kpi_stage.n IS 'Of how many the hours are known: those that ended, with dates at both ends (样本量)';
COMMENT ON COLUMN {twin}.kpi_stage.median_hours IS 'Median of the hours (中位小时)';
COMMENT ON COLUMN {twin}.kpi_stage.p90_hours IS 'Nine of ten took at most this long, interpolated (九成小时)';
