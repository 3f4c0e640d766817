CREATE OR REPLACE VIEW {twin}.alert AS
SELECT c.id,
       c.rule,
       split_part(c.rule, '/', 1) AS scenario,
       c.level AS severity,
       c.notify,
       c.occurred_at AS raised_at,
       e.occurred_at AS cleared_at,
       e.id IS NULL AS is_open,
       e.reason,
       c.sensor_ref AS sensor_id,
       coalesce(s.building_id, b.building_id) AS building_id,
       c.value,
       c.case_ref AS case_id,
       c.note,
       c.location,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       greatest(c.position, e.position) AS position
  FROM {generation}.alert_claim c
  LEFT JOIN {generation}.alert_end_claim e ON e.id = c.id
  LEFT JOIN {generation}.building_link s ON s.kind = 'sensor' AND s.id = c.sensor_ref
  LEFT JOIN {generation}.building_link b ON b.kind = 'building' AND b.id = c.building_ref
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.alert IS 'Alerts that rules raised, and how they ended: one row an alert (告警)';
COMMENT ON COLUMN {twin}.alert.id IS '<source>:<key>; of a scenario the key is rule, version, what it is about, and the position that raised it (编号)';
COMMENT ON COLUMN {twin}.alert.rule IS '<scenario>/<version>: twinhub scenario list (规则)';
COMMENT ON COLUMN {twin}.alert.scenario IS 'Its name without the version (场景)';
COMMENT ON COLUMN {twin}.alert.severity IS 'low, medium, high, urgent, as the rule says (级别)';
COMMENT ON COLUMN {twin}.alert.notify IS 'Who is told (通知对象)';
COMMENT ON COLUMN {twin}.alert.raised_at IS 'When, by the time of the reading or report that completed the condition (告警时间)';
COMMENT ON COLUMN {twin}.alert.cleared_at IS 'When it was over; null while it stands (解除时间)';
COMMENT ON COLUMN {twin}.alert.is_open IS 'Whether it stands (是否未解除)';
COMMENT ON COLUMN {twin}.alert.reason IS 'Why it is over, where it is not the condition itself: its rule is no longer in force, its sensor was retired (解除原因)';
COMMENT ON COLUMN {twin}.alert.sensor_id IS 'Sensor: twin.sensor.id; null where it is about reports (传感器)';
COMMENT ON COLUMN {twin}.alert.building_id IS 'Building of the sensor, else the one that the alert names: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.alert.value IS 'The reading, or how many reports there were; null for a silence (数值)';
COMMENT ON COLUMN {twin}.alert.case_id IS 'Case that it opened: twin."case".id; null where the rule opens none (工单)';
COMMENT ON COLUMN {twin}.alert.note IS 'The rules title (说明)';
COMMENT ON COLUMN {twin}.alert.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.alert.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.alert.since IS 'Since when it counts: its date, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.alert.position IS 'Position in hub.event of the last fact it comes from (事实位置)';
