CREATE OR REPLACE VIEW hub.stream_fact AS
SELECT 'log' AS stream, e.position, l.epoch || '-' || e.position AS id, t.name AS type, t.version, s.name AS source, s.uri AS source_uri,
       s.department, e.subject, e.occurred_at, e.recorded_at, e.caused_by, e.payload
  FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id JOIN hub.source s ON s.id = e.source_id CROSS JOIN hub.log l
UNION ALL
SELECT 'twin', c.position, l.epoch || '-t' || c.position, c.type, 1, 'twin', 'urn:twinhub:twin', NULL, c.subject, NULL, c.recorded_at, c.caused_by, c.payload
  FROM hub.twin_change c CROSS JOIN hub.log l;
COMMENT ON VIEW hub.stream_fact IS 'What hub.poll hands over, to look up by stream and position (流中事实)';
COMMENT ON COLUMN hub.stream_fact.stream IS 'log or twin (数据流)';
COMMENT ON COLUMN hub.stream_fact.position IS 'Position in that stream (位置)';
COMMENT ON COLUMN hub.stream_fact.id IS 'Public id: epoch and position (公开标识)';
COMMENT ON COLUMN hub.stream_fact.type IS 'Type of the fact or change (类型)';
COMMENT ON COLUMN hub.stream_fact.version IS 'Version of the payload''s contract (版本)';
COMMENT ON COLUMN hub.stream_fact.source IS 'Name of the source (来源)';
COMMENT ON COLUMN hub.stream_fact.source_uri IS 'URI of the source (来源标识)';
COMMENT ON COLUMN hub.stream_fact.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN hub.stream_fact.subject IS 'What it is about (主体)';
COMMENT ON COLUMN hub.stream_fact.occurred_at IS 'When it happened, as the source says (发生时间)';
COMMENT ON COLUMN hub.stream_fact.recorded_at IS 'When it was recorded (记录时间)';
COMMENT ON COLUMN hub.stream_fact.caused_by IS 'Position in the log of what it was derived from (起因)';
COMMENT ON COLUMN hub.stream_fact.payload IS 'What was said, or the row before and after (内容)';
