CREATE OR REPLACE VIEW hub.batch_header AS
SELECT b.id AS batch_id, b.source_id, b.digest,
       format('%s %s %s %s %s %s %s %s', encode(b.previous_digest, 'hex'), s.name, b.adapter_version,
              coalesce(encode(b.input_digest, 'hex'), '-'), coalesce(b.first_position::text, '-'), coalesce(b.last_position::text, '-'),
              b.events, (extract(epoch FROM b.recorded_at) * 1000000)::bigint) AS header
  FROM hub.batch b
  JOIN hub.source s ON s.id = b.source_id;
COMMENT ON VIEW hub.batch_header IS 'Batches in the form that digests are made of: SHA-256 of "<header> <digest of the bodies> <digest of the positions>" is the batch''s digest (批次规范形式)';
COMMENT ON COLUMN hub.batch_header.batch_id IS 'Batch (批次)';
COMMENT ON COLUMN hub.batch_header.source_id IS 'Source (来源)';
COMMENT ON COLUMN hub.batch_header.digest IS 'The digest that was recorded (摘要)';
COMMENT ON COLUMN hub.batch_header.header IS 'Previous digest, source, adapter version, input digest, first and last position, number of facts, recorded at in µs since 1970 UTC (批次头)';
