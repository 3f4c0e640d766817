CREATE OR REPLACE VIEW {twin}.freshness AS
SELECT CASE f.kind WHEN 'resident' THEN 'resident_count' WHEN 'occupancy' THEN 'resident_count' WHEN 'benefit' THEN 'benefit_count' WHEN 'alert_end' THEN 'alert' WHEN 'silence' THEN 'sensor_silence' ELSE f.kind END AS table_name,
       f.kind,
       s.name AS source,
       s.department,
       f.last_occurred_at,
       f.last_recorded_at,
       (SELECT b.recorded_at FROM hub.batch b WHERE b.source_id = f.source_id ORDER BY b.id DESC LIMIT 1) AS last_pulled_at,
       f.last_position,
       f.facts
  FROM {generation}.freshness f
  LEFT JOIN hub.source s ON s.id = f.source_id;
COMMENT ON VIEW {twin}.freshness IS 'As of when each table is true, by source (数据时效)';
COMMENT ON COLUMN {twin}.freshness.table_name IS 'Table of the twin (表)';
COMMENT ON COLUMN {twin}.freshness.kind IS 'Kind of claim that was folded into it (声明类别)';
COMMENT ON COLUMN {twin}.freshness.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.freshness.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.freshness.last_occurred_at IS 'The newest date in its facts; of readings the time of the newest one (最近发生时间)';
COMMENT ON COLUMN {twin}.freshness.last_recorded_at IS 'When its last fact was recorded (最近记录时间)';
COMMENT ON COLUMN {twin}.freshness.last_pulled_at IS 'When the source was last pulled, whether or not it told anything new; null where it never was (最近拉取时间)';
COMMENT ON COLUMN {twin}.freshness.last_position IS 'Position of its last fact (最近位置)';
COMMENT ON COLUMN {twin}.freshness.facts IS 'Facts folded (事实数)';
