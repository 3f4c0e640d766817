CREATE TABLE hub.stream_state (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id integer NOT NULL REFERENCES hub.source,
    stream    text COLLATE "C" NOT NULL,
    cursor    json,
    kept_at   timestamptz NOT NULL DEFAULT now(),
    kept_by   text COLLATE "C" NOT NULL,
    reason    text COLLATE "C" NOT NULL
);
COMMENT ON TABLE hub.stream_state IS 'What the hub remembered of a stream before it was reset: its cursor; the fingerprints are in hub.stream_state_block (数据流历史状态)';
COMMENT ON COLUMN hub.stream_state.id IS 'Number, for `adapter reset --restore` (编号)';
COMMENT ON COLUMN hub.stream_state.source_id IS 'Source (来源)';
COMMENT ON COLUMN hub.stream_state.stream IS 'Stream of the adapter (数据流)';
COMMENT ON COLUMN hub.stream_state.cursor IS 'hub.cursor.value as it was; null where there was none (游标)';
COMMENT ON COLUMN hub.stream_state.kept_at IS 'When it was put aside (保存时间)';
COMMENT ON COLUMN hub.stream_state.kept_by IS 'Who did it (操作人)';
COMMENT ON COLUMN hub.stream_state.reason IS 'Why (原因)';
