CREATE OR REPLACE VIEW hub.event_canonical AS
SELECT e.batch_id, e.position, e.source_id,
       format('%s/%s %s %s %s:%s %s:%s', t.name, t.version,
              coalesce((extract(epoch FROM e.occurred_at) * 1000000)::bigint::text, '-'), coalesce(e.caused_by::text, '-'),
              octet_length(e.subject), e.subject, octet_length(e.payload::text), e.payload) AS body
  FROM hub.event e
  JOIN hub.event_type t ON t.id = e.type_id;
COMMENT ON VIEW hub.event_canonical IS 'Facts in the form that digests are made of: one line each (事实规范形式)';
COMMENT ON COLUMN hub.event_canonical.batch_id IS 'Batch (批次)';
COMMENT ON COLUMN hub.event_canonical.position IS 'Position; its own digest covers the positions (位置)';
COMMENT ON COLUMN hub.event_canonical.source_id IS 'Source (来源)';
COMMENT ON COLUMN hub.event_canonical.body IS 'type/version, occurred at in µs since 1970 UTC, cause, then subject and payload, each after its number of bytes; - for null (正文)';
