CREATE OR REPLACE VIEW {twin}.sensor_silence AS
SELECT c.sensor_ref AS sensor_id,
       c.last_at,
       c.usual_s,
       c.occurred_at AS silenced_at,
       l.building_id,
       c.rule,
       split_part(c.id, ':', 1) AS source,
       c.position
  FROM {generation}.silence_claim c
  LEFT JOIN {generation}.building_link l ON l.kind = 'sensor' AND l.id = c.sensor_ref
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.sensor_silence IS 'Sensors that have stopped speaking, and have not spoken again (静默传感器)';
COMMENT ON COLUMN {twin}.sensor_silence.sensor_id IS 'Sensor: twin.sensor.id (传感器)';
COMMENT ON COLUMN {twin}.sensor_silence.last_at IS 'Time of its last reading (最后观测时间)';
COMMENT ON COLUMN {twin}.sensor_silence.usual_s IS 'Seconds from one telling to the next, as its source says or as its own readings came; null where nobody knows (通常间隔)';
COMMENT ON COLUMN {twin}.sensor_silence.silenced_at IS 'When the others of its source had come so far that it was called silent (判定时间)';
COMMENT ON COLUMN {twin}.sensor_silence.building_id IS 'Building of the sensor: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.sensor_silence.rule IS '<scenario>/<version> (规则)';
COMMENT ON COLUMN {twin}.sensor_silence.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.sensor_silence.position IS 'Position in hub.event of the fact it comes from (事实位置)';
