CREATE OR REPLACE VIEW {twin}.kpi_scenario AS
SELECT a.rule, a.alerts, a.open_alerts, a.sensors, a.cases, a.closed, a.judged, a.false_alarms,
       a.false_alarms::numeric / nullif(a.judged, 0) AS false_alarm_rate, w.low, w.high, a.minutes_median
  FROM (SELECT a.rule, count(*) AS alerts, count(*) FILTER (WHERE a.is_open) AS open_alerts, count(DISTINCT a.sensor_id) AS sensors,
               count(a.case_id) AS cases, count(*) FILTER (WHERE v.is_closed) AS closed, count(v.is_real) AS judged,
               count(*) FILTER (WHERE NOT v.is_real) AS false_alarms,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.cleared_at - a.raised_at) / 60) AS minutes_median
          FROM {twin}.alert a
          LEFT JOIN {twin}.case_judgement v ON v.case_id = a.case_id
         GROUP BY a.rule) a
 CROSS JOIN LATERAL {twin}.wilson(a.false_alarms, a.judged) w;
COMMENT ON VIEW {twin}.kpi_scenario IS 'How good each rule is, by what became of the cases that it opened: no rate without n (场景误报率)';
COMMENT ON COLUMN {twin}.kpi_scenario.rule IS '<scenario>/<version> (规则)';
COMMENT ON COLUMN {twin}.kpi_scenario.alerts IS 'Alerts that it raised (告警数)';
COMMENT ON COLUMN {twin}.kpi_scenario.open_alerts IS 'Of which stand (未解除数)';
COMMENT ON COLUMN {twin}.kpi_scenario.sensors IS 'Sensors that they were about (传感器数)';
COMMENT ON COLUMN {twin}.kpi_scenario.cases IS 'Cases that it opened (工单数)';
COMMENT ON COLUMN {twin}.kpi_scenario.closed IS 'Of which were closed, by the cases own steps, or by those that another source tells under the cases whole id (办结数)';
COMMENT ON COLUMN {twin}.kpi_scenario.judged IS 'Cases whose latest outcome, answered or closed, stands in hub.case_verdict: n (已判定数)';
COMMENT ON COLUMN {twin}.kpi_scenario.false_alarms IS 'Of which were false alarms (误报数)';
COMMENT ON COLUMN {twin}.kpi_scenario.false_alarm_rate IS 'false_alarms / judged; null for n = 0 (误报率)';
COMMENT ON COLUMN {twin}.kpi_scenario.low IS 'Lower end of its 95 % interval, twin.wilson (下限)';
COMMENT ON COLUMN {twin}.kpi_scenario.high IS 'Its upper end (上限)';
COMMENT ON COLUMN {twin}.kpi_scenario.minutes_median IS 'Median of the minutes from raised to cleared (告警时长中位数)';
