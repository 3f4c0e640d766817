ALTER TABLE hub.run ADD COLUMN metrics json;
COMMENT ON COLUMN hub.run.metrics IS 'What the source''s programs measured of themselves: METRIC lines of Singer taps, summed (程序自报指标)';
