CREATE OR REPLACE VIEW {twin}.kpi_clearance AS
SELECT k.handler,
       k.department,
       count(*) AS cases,
       count(*) FILTER (WHERE k.is_open) AS open,
       count(h.hours) AS n,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY h.hours)::numeric, 1) AS median_hours,
       round(percentile_cont(0.9) WITHIN GROUP (ORDER BY h.hours)::numeric, 1) AS p90_hours,
       sum(t.handler_met) AS handler_met, sum(t.handler_decided) AS handler_decided,
       sum(t.department_met) AS department_met, sum(t.department_decided) AS department_decided
  FROM {twin}.kpi_case k
 CROSS JOIN LATERAL (SELECT CASE WHEN k.closed_at >= k.received_at THEN extract(epoch FROM k.closed_at - k.received_at)::double precision / 3600 END AS hours) h
  LEFT JOIN (SELECT c.case_id, count(*) FILTER (WHERE c.runs_for = 'handler' AND c.state = 'met') AS handler_met,
                    count(*) FILTER (WHERE c.runs_for = 'handler') AS handler_decided,
                    count(*) FILTER (WHERE c.runs_for = 'department' AND c.state = 'met') AS department_met,
                    count(*) FILTER (WHERE c.runs_for = 'department') AS department_decided
               FROM {twin}.case_clock c WHERE c.state IN ('met', 'late', 'overdue') GROUP BY c.case_id) t ON t.case_id = k.case_id
 WHERE k.handler IS NOT NULL AND k.department IS DISTINCT FROM k.handler
 GROUP BY k.handler, k.department;
COMMENT ON VIEW {twin}.kpi_clearance IS 'One handles, another supervises: how fast companies clear the cases that a department watches, with the clocks of both (企业承办、部门监管)';
COMMENT ON COLUMN {twin}.kpi_clearance.handler IS 'Who handles: a company, a unit (承办单位)';
COMMENT ON COLUMN {twin}.kpi_clearance.department IS 'Department that supervises; null where none is named (主管部门)';
COMMENT ON COLUMN {twin}.kpi_clearance.cases IS 'Cases (工单数)';
COMMENT ON COLUMN {twin}.kpi_clearance.open IS 'Of these still open (未结)';
COMMENT ON COLUMN {twin}.kpi_clearance.n IS 'Of how many the clearance time is known (样本量)';
COMMENT ON COLUMN {twin}.kpi_clearance.median_hours IS 'Median hours from receipt to the last closing (中位小时)';
COMMENT ON COLUMN {twin}.kpi_clearance.p90_hours IS 'Nine of ten took at most this long, interpolated (九成小时)';
COMMENT ON COLUMN {twin}.kpi_clearance.handler_met IS 'Clocks of the handler that were met (承办按时)';
COMMENT ON COLUMN {twin}.kpi_clearance.handler_decided IS 'Clocks of the handler that were met, late or are overdue (承办已定)';
COMMENT ON COLUMN {twin}.kpi_clearance.department_met IS 'Clocks of the department that were met (部门按时)';
COMMENT ON COLUMN {twin}.kpi_clearance.department_decided IS 'Clocks of the department that were met, late or are overdue (部门已定)';
