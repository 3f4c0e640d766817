CREATE TABLE hub.quarantine (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id       integer NOT NULL DEFAULT split_part(session_user::text, '_adapter_', 2)::integer REFERENCES hub.source,
    batch_id        bigint NOT NULL,
    stream          text COLLATE "C" NOT NULL,
    input           text NOT NULL,
    line            bigint,
    rule            text NOT NULL,
    message         text NOT NULL,
    adapter_version text NOT NULL,
    raw             bytea NOT NULL,
    sealed          boolean NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hub.quarantine IS 'Records that were refused, as they came, with the reason (隔离区)';
COMMENT ON COLUMN hub.quarantine.id IS 'Number (编号)';
COMMENT ON COLUMN hub.quarantine.source_id IS 'Source (来源)';
COMMENT ON COLUMN hub.quarantine.batch_id IS 'Batch it came in (批次)';
COMMENT ON COLUMN hub.quarantine.stream IS 'Stream of the adapter (数据流)';
COMMENT ON COLUMN hub.quarantine.input IS 'File or table (输入)';
COMMENT ON COLUMN hub.quarantine.line IS 'First line of the record (行号)';
COMMENT ON COLUMN hub.quarantine.rule IS 'Rule that it broke (规则)';
COMMENT ON COLUMN hub.quarantine.message IS 'What was wrong, and where; never a value (说明)';
COMMENT ON COLUMN hub.quarantine.adapter_version IS 'Version of the manifest that refused it (适配器版本)';
COMMENT ON COLUMN hub.quarantine.raw IS 'The record''s bytes as delivered (原始记录)';
COMMENT ON COLUMN hub.quarantine.sealed IS 'Whether raw is encrypted: AES-256-GCM, nonce first, tag last (是否加密)';
COMMENT ON COLUMN hub.quarantine.recorded_at IS 'When (记录时间)';
