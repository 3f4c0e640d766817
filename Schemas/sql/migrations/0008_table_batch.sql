CREATE TABLE hub.batch (
    id              bigint PRIMARY KEY,
    source_id       integer NOT NULL REFERENCES hub.source,
    run             bigint NOT NULL,
    adapter_version text NOT NULL,
    input           text NOT NULL,
    input_digest    bytea,
    rows_read       bigint NOT NULL,
    rows_added      bigint NOT NULL,
    rows_changed    bigint NOT NULL,
    rows_unchanged  bigint NOT NULL,
    rows_removed    bigint NOT NULL,
    rows_refused    bigint NOT NULL,
    rows_held_back  bigint NOT NULL,
    events          bigint NOT NULL,
    first_position  bigint,
    last_position   bigint,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    previous_digest bytea NOT NULL CHECK (octet_length(previous_digest) = 32),
    digest          bytea NOT NULL CHECK (octet_length(digest) = 32),
    UNIQUE (source_id, previous_digest)
);
CREATE SEQUENCE hub.batch_id AS bigint OWNED BY hub.batch.id;
CREATE INDEX batch_of_source ON hub.batch (source_id, id);
COMMENT ON TABLE hub.batch IS 'What one transaction of an adapter brought (批次)';
COMMENT ON COLUMN hub.batch.id IS 'Number of the batch (批次编号)';
COMMENT ON COLUMN hub.batch.source_id IS 'Source (来源)';
COMMENT ON COLUMN hub.batch.run IS 'Lease token of the run: the batches of one run share it (运行编号)';
COMMENT ON COLUMN hub.batch.adapter_version IS 'Version of the adapter''s manifest (适配器版本)';
COMMENT ON COLUMN hub.batch.input IS 'File, table or address that was read (输入)';
COMMENT ON COLUMN hub.batch.input_digest IS 'SHA-256 of the input, where it is a file (输入摘要)';
COMMENT ON COLUMN hub.batch.rows_read IS 'Records read (读取行数)';
COMMENT ON COLUMN hub.batch.rows_added IS 'Records new to the hub (新增)';
COMMENT ON COLUMN hub.batch.rows_changed IS 'Records with new content (变更)';
COMMENT ON COLUMN hub.batch.rows_unchanged IS 'Records that said nothing new (未变)';
COMMENT ON COLUMN hub.batch.rows_removed IS 'Records that vanished from a full list (移除)';
COMMENT ON COLUMN hub.batch.rows_refused IS 'Records in quarantine (隔离)';
COMMENT ON COLUMN hub.batch.rows_held_back IS 'Vanished records held back by the guard (暂缓移除)';
COMMENT ON COLUMN hub.batch.events IS 'Facts appended (追加事实数)';
COMMENT ON COLUMN hub.batch.first_position IS 'Position of its first fact (首位置)';
COMMENT ON COLUMN hub.batch.last_position IS 'Position of its last fact (末位置)';
COMMENT ON COLUMN hub.batch.recorded_at IS 'Start of its transaction (记录时间)';
COMMENT ON COLUMN hub.batch.previous_digest IS 'Digest of the source''s batch before; zeros for its first (前一摘要)';
COMMENT ON COLUMN hub.batch.digest IS 'SHA-256 of hub.batch_header with the digests of its facts and their positions (摘要)';
