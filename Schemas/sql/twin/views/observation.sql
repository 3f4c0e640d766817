CREATE OR REPLACE VIEW {twin}.observation AS
SELECT o.sensor_id,
       o.observed_at,
       o.value,
       o.unit,
       o.observed_property,
       o.quality,
       split_part(o.sensor_id, ':', 1) AS source,
       o.position
  FROM {generation}.observation o;
COMMENT ON VIEW {twin}.observation IS 'Readings of sensors: one row a sensor, property and time (观测)';
COMMENT ON COLUMN {twin}.observation.sensor_id IS 'Sensor: twin.sensor.id (传感器)';
COMMENT ON COLUMN {twin}.observation.observed_at IS 'Time of the reading (观测时间)';
COMMENT ON COLUMN {twin}.observation.value IS 'Result in the unit beside it; null where the source gave none (数值)';
COMMENT ON COLUMN {twin}.observation.unit IS 'Unit (单位)';
COMMENT ON COLUMN {twin}.observation.observed_property IS 'Property; empty where the source names none (观测属性)';
COMMENT ON COLUMN {twin}.observation.quality IS 'Quality in the source''s words (质量)';
COMMENT ON COLUMN {twin}.observation.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.observation.position IS 'Position in hub.event of the fact it comes from (事实位置)';
