-- Also of runs that brought nothing: what hub.batch cannot tell.
CREATE TABLE hub.run (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id       integer NOT NULL DEFAULT split_part(session_user::text, '_adapter_', 2)::integer REFERENCES hub.source,
    adapter_version text NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT now(),
    pid             integer DEFAULT pg_backend_pid(),
    ended_at        timestamptz,
    outcome         text CHECK (outcome IN ('done', 'failed', 'cancelled')),
    error_kind      text,
    message         text,
    token           bigint,
    rows_read       bigint NOT NULL DEFAULT 0,
    rows_added      bigint NOT NULL DEFAULT 0,
    rows_changed    bigint NOT NULL DEFAULT 0,
    rows_unchanged  bigint NOT NULL DEFAULT 0,
    rows_removed    bigint NOT NULL DEFAULT 0,
    rows_refused    bigint NOT NULL DEFAULT 0,
    rows_held_back  bigint NOT NULL DEFAULT 0,
    facts           bigint NOT NULL DEFAULT 0,
    drift           text,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX run_of_source ON hub.run (source_id, id);
CREATE INDEX run_with_drift ON hub.run (source_id, id) WHERE drift IS NOT NULL;
COMMENT ON TABLE hub.run IS 'Every run of every source, failed ones too, each in transactions of its own (运行)';
COMMENT ON COLUMN hub.run.id IS 'Number of the run (运行编号)';
COMMENT ON COLUMN hub.run.source_id IS 'Source (来源)';
COMMENT ON COLUMN hub.run.adapter_version IS 'Version of the adapter''s manifest; empty where it cannot be read (适配器版本)';
COMMENT ON COLUMN hub.run.started_at IS 'When it began (开始时间)';
COMMENT ON COLUMN hub.run.pid IS 'Server process of its session: with it a run that never says how it ended is lost (会话进程)';
COMMENT ON COLUMN hub.run.ended_at IS 'When it ended; null while it runs, and where it was killed (结束时间)';
COMMENT ON COLUMN hub.run.outcome IS 'done, failed or cancelled; hub.run_status tells running from lost (结果)';
COMMENT ON COLUMN hub.run.error_kind IS 'Why it failed: configuration, data, refused, transient, internal, or a code of the log (错误类别)';
COMMENT ON COLUMN hub.run.message IS 'What it said; never a value of the source (说明)';
COMMENT ON COLUMN hub.run.token IS 'hub.batch.run of its batches; null where it wrote none (租约令牌)';
COMMENT ON COLUMN hub.run.rows_read IS 'Records read and committed (读取行数)';
COMMENT ON COLUMN hub.run.rows_added IS 'Records new to the hub (新增)';
COMMENT ON COLUMN hub.run.rows_changed IS 'Records with new content (变更)';
COMMENT ON COLUMN hub.run.rows_unchanged IS 'Records that said nothing new (未变)';
COMMENT ON COLUMN hub.run.rows_removed IS 'Records that vanished from a full list (移除)';
COMMENT ON COLUMN hub.run.rows_refused IS 'Records in quarantine (隔离)';
COMMENT ON COLUMN hub.run.rows_held_back IS 'Vanished records held back by the guard (暂缓移除)';
COMMENT ON COLUMN hub.run.facts IS 'Facts appended (追加事实数)';
COMMENT ON COLUMN hub.run.drift IS 'How the source''s columns changed: names only (结构变化)';
